using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>Some zones could not be served, and why; all others have been.</summary>
internal sealed class ZonesFailedException(IEnumerable<Exception> faults)
    : AggregateException("Some zones could not be served.", faults);

/// <summary>Zone by zone: what is wrong with one does not keep the others from being served.</summary>
internal static class EachZone
{
    /// <exception cref="ZonesFailedException">After all zones had their turn.</exception>
    /// <exception cref="NpgsqlException">At once, when it is the database that does not answer.</exception>
    internal static async Task RunAsync<T>(IEnumerable<T> work, Func<T, string> zoneOf, Func<T, Task> serve)
    {
        List<Exception> faults = [];
        foreach (var item in work)
        {
            try
            {
                await serve(item);
            }
#pragma warning disable CA1031 // Whatever is wrong with one zone.
            catch (Exception exception) when (!IsOfAll(exception))
#pragma warning restore CA1031
            {
                faults.Add(new InvalidOperationException($"Zone {zoneOf(item)}: {exception.Message}", exception));
            }
        }

        if (faults.Count > 0)
        {
            throw new ZonesFailedException(faults);
        }
    }

    internal static Task RunAsync(IEnumerable<string> zones, Func<string, Task> serve) =>
        RunAsync(zones, static zone => zone, serve);

    /// <summary>The database does not answer, or the process ends: no other zone fares better.</summary>
    internal static bool IsOfAll(Exception exception) =>
        exception is OperationCanceledException or NpgsqlException { IsTransient: true };
}

using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Outbox;
using GridTokenX.EdgeGateway.Page;
using GridTokenX.EdgeGateway.Pairing;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using Microsoft.Data.Sqlite;

namespace GridTokenX.EdgeGateway.CommandLine;

/// <summary><c>claim</c>: with an owner's code the running service asks the cloud; without one the page gets a code.
/// </summary>
internal static class ClaimCommand
{
    private const int Failed = 1;
    private const string PinOption = "--pin";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    internal static async Task<int> RunAsync(string[] arguments, TimeProvider system, TextWriter output)
    {
        var (text, pin, settings) = Split(arguments);
        var configuration = GatewayCommands.Configuration(settings);
        var wall = new WallTime(system);
        using var database = new GatewayDatabase(
            GatewayOptions.Read(configuration).Database, wall, mayReplace: false);
        if (!database.IsOpen)
        {
            await output.WriteLineAsync("The buffer cannot be opened. Look at: gtx-gateway check");
            return Failed;
        }

        if (text is null)
        {
            var made = new Claim(new Settings(database), wall).Open();
            await output.WriteLineAsync(
                $"Code: {made[..4]}-{made[4..]}   (good for {Claim.Lifetime.TotalMinutes:F0} minutes, once)");
            await output.WriteLineAsync(GatewayCommands.PageAddresses(configuration));
            return 0;
        }

        return Fault(text, pin, out var code) is { } fault
            ? await RefuseAsync(output, fault)
            : await AskAsync(new Ownership(new Settings(database), wall), code, pin, wall, output);
    }

    private static (string? Code, string? Pin, string[] Settings) Split(string[] arguments)
    {
        var rest = arguments.ToList();
        string? code = null;
        if (rest.Count > 0 && !rest[0].StartsWith('-'))
        {
            code = rest[0];
            rest.RemoveAt(0);
        }

        var at = rest.IndexOf(PinOption);
        if (at < 0 || at + 1 >= rest.Count)
        {
            return (code, null, [.. rest]);
        }

        var pin = rest[at + 1];
        rest.RemoveRange(at, 2);
        return (code, pin, [.. rest]);
    }

    private static string? Fault(string text, string? pin, out string code)
    {
        if (!ClaimCode.TryNormalise(text, out code))
        {
            return "That is no owner's code: it has the form GTX-XXXX-XXXX-XXXX.";
        }

        return pin is null || Claim.IsFit(pin)
            ? null
            : $"The PIN must have {Claim.LeastPinLength} to {Claim.MostPinLength} digits.";
    }

    private static async Task<int> RefuseAsync(TextWriter output, string fault)
    {
        await output.WriteLineAsync(fault);
        return Failed;
    }

    /// <summary>The service reads the code from the buffer, and asks until it has an answer, also after this.</summary>
    private static async Task<int> AskAsync(
        Ownership ownership, string code, string? pin, WallTime wall, TextWriter output)
    {
        try
        {
            if (!ownership.TryAsk(code, pin is null ? null : PasswordHash.Of(pin)))
            {
                return await RefuseAsync(output, "Another code is being asked about. Try again in a minute.");
            }
        }
        catch (SqliteException exception)
        {
            return await RefuseAsync(output, $"The code could not be stored: {exception.Message}");
        }

        var until = wall.UtcNow + Patience;
        while (ownership.Code is not null && wall.UtcNow < until)
        {
            await wall.DelayAsync(Look, CancellationToken.None);
        }

        if (ownership.Code is not null)
        {
            return await RefuseAsync(
                output, "The cloud has not answered yet. The code is kept: the running service goes on asking.");
        }

        if (ownership.Fault is { } fault)
        {
            return await RefuseAsync(output, $"The cloud has refused the code: {fault}");
        }

        await output.WriteLineAsync($"Claimed: {ownership.Current?.Name}, owner {ownership.Current?.Wallet}");
        await output.WriteLineAsync("Pairing is open for an hour: gtx-gateway pair");
        return 0;
    }
}

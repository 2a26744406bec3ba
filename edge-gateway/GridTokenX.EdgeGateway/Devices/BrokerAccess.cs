using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Pairing;
using Microsoft.Data.Sqlite;

namespace GridTokenX.EdgeGateway.Devices;

/// <summary>
/// Names the devices that may use the home's broker, one key a line: those that are registered here, and those that are
/// being paired. Who is allowed to hands the broker its users by it (<c>deploy/gateway/apply-access</c>). Written only
/// after an answer of the cloud: a gateway that has lost its memory takes nobody's access.
/// </summary>
internal sealed class BrokerAccess
{
    private readonly string? _file;
    private readonly DeviceDirectory _directory;
    private readonly PairingStore _pairings;
    private readonly ILogger _logger;
    private string? _written;

    public BrokerAccess(
        GatewayOptions options, DeviceDirectory directory, PairingStore pairings, ILogger<BrokerAccess> logger)
    {
        (_file, _directory, _pairings, _logger) = (options.BrokerDevicesFile, directory, pairings, logger);
        directory.Refreshed += Write;
    }

    private void Write()
    {
        if (_file is null)
        {
            return;
        }

        try
        {
            var names = _directory.Names
                .Concat(_pairings.All().Select(static pairing => pairing.Device.ToString()))
                .Distinct()
                .Order(StringComparer.Ordinal);
            var text = string.Concat(names.Select(static name => name + "\n"));
            if (text == _written)
            {
                return;
            }

            // Whole or not at all: who reads it must not see half of the devices.
            var fresh = _file + ".new";
            File.WriteAllText(fresh, text);
            File.Move(fresh, _file, overwrite: true);
            _written = text;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or SqliteException)
        {
            // The next answer of the cloud comes within a minute.
            Log.AccessNotWritten(_logger, exception.Message);
        }
    }
}

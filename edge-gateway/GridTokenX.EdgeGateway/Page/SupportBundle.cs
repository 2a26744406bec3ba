using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using GridTokenX.EdgeGateway.Forwarding;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Metrics;
using GridTokenX.EdgeGateway.Outbox;
using GridTokenX.EdgeGateway.Senses;
using GridTokenX.Protocol.Json;
using Microsoft.Data.Sqlite;

namespace GridTokenX.EdgeGateway.Page;

/// <summary>
/// What somebody who helps from afar needs: made of named values only, never of files as they lie on the disk, so no
/// key, password, PIN or MAC can be in it.
/// </summary>
internal sealed class SupportBundle(
    StatusPage status,
    SummarySender summary,
    PrometheusText metrics,
    SenseWatch senses,
    ReadingOutbox outbox,
    Alarms alarms,
    GatewayOptions options)
{
    private const int MaxQuarantined = 500;

    internal static string FileName(DateTimeOffset now) =>
        $"gtx-gateway-{now.UtcDateTime.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}.zip";

    internal byte[] Build()
    {
        using var buffer = new MemoryStream();
        using (var zip = new ZipArchive(buffer, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add(zip, "status.json", JsonSerializer.Serialize(status.Status(), ProtocolJson.Default.GatewayStatus));
            Add(zip, "summary.json", Summary());
            Add(zip, "metrics.txt", metrics.Write());
            var raised = alarms.All().Select(static alarm => $"{alarm.Name}: {alarm.Text}");
            Add(zip, "alarms.txt", string.Join('\n', raised));
            Add(zip, "quarantine.txt", Quarantine());
            Add(zip, "senses.txt", Senses());
            Add(zip, "settings.txt", Settings());
        }

        return buffer.ToArray();
    }

    private static void Add(ZipArchive zip, string name, string text)
    {
        using var entry = zip.CreateEntry(name).Open();
        entry.Write(Encoding.UTF8.GetBytes(text));
    }

    private string Summary()
    {
        try
        {
            return JsonSerializer.Serialize(summary.Compose(), ProtocolJson.Default.GatewaySummary);
        }
        catch (SqliteException exception)
        {
            return exception.Message;
        }
    }

    private string Quarantine()
    {
        try
        {
            return string.Join('\n', outbox.Quarantine(MaxQuarantined).Select(static refused =>
                $"{refused.Device} {refused.Sequence} {refused.Timestamp:O} {refused.Code}"));
        }
        catch (SqliteException exception)
        {
            return exception.Message;
        }
    }

    private string Senses()
    {
        var now = senses.Latest;
        var lines = new List<string>
        {
            $"temperature {now.TemperatureMilliCelsius} m°C",
            $"under-voltage {now.UnderVoltage}",
            $"free {senses.FreeBytes()} bytes",
        };
        lines.AddRange(now.Sources.Select(static source => source.ToString()));
        lines.AddRange(now.Measurements.Select(static measured => measured.ToString()));
        return string.Join('\n', lines);
    }

    private string Settings() =>
        string.Join(
            '\n',
            $"version {BuildVersion.Text}",
            $"cloud {options.CloudUrl.Host}:{options.CloudUrl.Port}",
            $"home broker {options.HomeBroker.Address}",
            $"cloud broker {options.CloudBroker.Address}",
            $"bound {options.MaxDatabaseBytes} bytes",
            $"batch window {options.BatchWindow}",
            $"simulation {options.IsSimulation}",
            $"system {Environment.OSVersion}, .NET {Environment.Version}");
}

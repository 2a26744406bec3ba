using System.Globalization;
using System.IO.Compression;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Outbox;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using Microsoft.Data.Sqlite;

namespace GridTokenX.EdgeGateway.CommandLine;

/// <summary>
/// One zip file of mode 600 with the gateway's key and a whole copy of its buffer. Restoring an old one is harmless:
/// what was forwarded since is forwarded again, and the cloud calls it a duplicate.
/// </summary>
internal static class Backup
{
    private const string KeyName = "gateway.key";
    private const string DatabaseName = "gateway.db";
    private const string Beside = ".new";
    private const long MaxBytes = 8L * 1024 * 1024 * 1024;
    private static readonly string[] Logs = ["-wal", "-shm"];
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    internal static int Write(GatewayOptions options, TimeProvider system, string file, TextWriter output)
    {
        var copy = options.Database + ".backup";
        try
        {
            File.Delete(copy);
            using (var database = new GatewayDatabase(options.Database, new WallTime(system), mayReplace: false))
            {
                database.CopyTo(copy);
            }

            using var target = new FileStream(file, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                UnixCreateMode = OwnerOnly,
            });
            using var zip = new ZipArchive(target, ZipArchiveMode.Create);
            _ = zip.CreateEntryFromFile(options.KeyFile, KeyName);
            _ = zip.CreateEntryFromFile(copy, DatabaseName);
        }
        catch (Exception exception) when (
            exception is IOException or UnauthorizedAccessException or SqliteException)
        {
            output.WriteLine($"No backup was made: {exception.Message}");
            return 1;
        }
        finally
        {
            File.Delete(copy);
        }

        output.WriteLine($"{file} holds this gateway's key: whoever has it can speak for it. Keep it locked away.");
        return 0;
    }

    /// <summary>
    /// What was there stays beside it under another name. Everything is copied to where it belongs before anything is
    /// renamed, so that a full disk changes nothing; what was interrupted is restored by doing it again.
    /// </summary>
    internal static int Restore(GatewayOptions options, TimeProvider system, string file, TextWriter output)
    {
        var folder = Directory.CreateTempSubdirectory("gtx-restore-").FullName;
        var moved = new Stack<(string From, string To)>();
        (string Name, string Target)[] files = [(KeyName, options.KeyFile), (DatabaseName, options.Database)];
        try
        {
            Unpack(file, folder);
            Verify(folder, system);
            var suffix = ".before-" + system.GetUtcNow().ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);
            foreach (var (name, target) in files)
            {
                CopyBeside(Path.Combine(folder, name), target);
            }

            MoveAll(
                [
                    .. files.Select(one => (one.Target, one.Target + suffix)),
                    .. Logs.Select(log => (options.Database + log, options.Database + suffix + log)),
                    .. files.Select(static one => (one.Target + Beside, one.Target)),
                ],
                moved);
            output.WriteLine($"Restored. What was there has the ending {suffix}.");
            return 0;
        }
        catch (Exception exception) when (
            exception is IOException or InvalidDataException or UnauthorizedAccessException or FormatException)
        {
            output.WriteLine(moved.Count == 0
                ? $"Nothing was restored: {exception.Message}"
                : $"Restored in part: {exception.Message} Renamed, and not back: "
                    + string.Join(", ", moved.Select(static move => $"{move.From} to {move.To}")));
            return 1;
        }
        finally
        {
            foreach (var (_, target) in files.Where(static one => File.Exists(one.Target + Beside)))
            {
                File.Delete(target + Beside);
            }

            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Exactly the two files; a name that leads elsewhere is not looked at.</summary>
    private static void Unpack(string file, string folder)
    {
        using var zip = ZipFile.OpenRead(file);
        var names = zip.Entries.Select(static entry => entry.FullName).Order(StringComparer.Ordinal);
        if (!names.SequenceEqual([DatabaseName, KeyName]) || zip.Entries.Sum(static entry => entry.Length) > MaxBytes)
        {
            throw new InvalidDataException($"{file} is no backup of a gateway.");
        }

        foreach (var entry in zip.Entries)
        {
            var path = Path.Combine(folder, entry.FullName == KeyName ? KeyName : DatabaseName);
            entry.ExtractToFile(path);
            File.SetUnixFileMode(path, OwnerOnly);
        }
    }

    private static void Verify(string folder, TimeProvider system)
    {
        using var key = SigningKey.Load(Path.Combine(folder, KeyName));
        using var database = new GatewayDatabase(
            Path.Combine(folder, DatabaseName), new WallTime(system), mayReplace: false);
        if (!database.IsOpen)
        {
            throw new InvalidDataException("The buffer in it is damaged.");
        }
    }

    private static void CopyBeside(string source, string target)
    {
        _ = Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(target))!);
        File.Delete(target + Beside);
        using var from = File.OpenRead(source);
        using var to = new FileStream(target + Beside, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerOnly,
        });
        from.CopyTo(to);
        to.Flush(flushToDisk: true);
    }

    /// <summary>All of them, or none.</summary>
    /// <param name="moves">Those of files that are there.</param>
    /// <param name="moved">What could not be undone when it throws.</param>
    private static void MoveAll(
        IReadOnlyList<(string From, string To)> moves, Stack<(string From, string To)> moved)
    {
        try
        {
            foreach (var move in moves.Where(static move => File.Exists(move.From)))
            {
                File.Move(move.From, move.To);
                moved.Push(move);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            while (moved.TryPeek(out var move))
            {
                File.Move(move.To, move.From);
                _ = moved.Pop();
            }

            throw;
        }
    }
}

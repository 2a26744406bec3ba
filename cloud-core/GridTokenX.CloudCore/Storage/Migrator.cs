using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace GridTokenX.CloudCore.Storage;

/// <param name="Name">Such as <c>0001_market</c>: sorts in the order of application.</param>
/// <param name="Sql">What it does; without transaction commands.</param>
internal sealed record Migration(string Name, string Sql)
{
    internal string Checksum => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql)));

    /// <summary>The ones compiled into this assembly, in order.</summary>
    internal static IReadOnlyList<Migration> Embedded()
    {
        const string Folder = ".Storage.migrations.";
        var assembly = Assembly.GetExecutingAssembly();
        return [.. assembly.GetManifestResourceNames()
            .Where(static name => name.Contains(Folder, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                var start = name.IndexOf(Folder, StringComparison.Ordinal) + Folder.Length;
                return new Migration(name[start..^".sql".Length], reader.ReadToEnd());
            })];
    }
}

/// <summary>The database's schema is not the one this program was made for; a hand is needed.</summary>
public sealed class MigrationException(string message) : Exception(message);

internal static class Migrator
{
    // "gridtokx" in ASCII: one migrating process at a time.
    internal const long AdvisoryLock = 0x6772_6964_746F_6B78;

    /// <summary>Applies what is missing, each migration in its own transaction. Returns the names applied.</summary>
    /// <exception cref="MigrationException">An applied migration was changed, or is unknown to this
    /// program.</exception>
    internal static async Task<IReadOnlyList<string>> ApplyAsync(
        NpgsqlDataSource source, IReadOnlyList<Migration> migrations, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        if (await IsUpToDateAsync(connection, migrations, cancellationToken))
        {
            // The usual start waits for nobody, not even for a process that stands still with the lock.
            return [];
        }

        await ExecuteAsync(connection, $"select pg_advisory_lock({AdvisoryLock})", cancellationToken);
        try
        {
            await ExecuteAsync(
                connection,
                """
                create table if not exists schema_migrations (
                    name text primary key, checksum text not null, applied_at timestamptz not null default now())
                """,
                cancellationToken);
            var applied = await AppliedAsync(connection, cancellationToken);
            Check(migrations, applied);
            var missing = migrations.Where(migration => !applied.ContainsKey(migration.Name)).ToList();
            foreach (var migration in missing)
            {
                await ApplyAsync(connection, migration, cancellationToken);
            }

            return [.. missing.Select(static migration => migration.Name)];
        }
        finally
        {
            if (connection.State == System.Data.ConnectionState.Open)
            {
                await ExecuteAsync(connection, $"select pg_advisory_unlock({AdvisoryLock})", CancellationToken.None);
            }
        }
    }

    private static async Task<bool> IsUpToDateAsync(
        NpgsqlConnection connection, IReadOnlyList<Migration> migrations, CancellationToken cancellationToken)
    {
        await using (var exists = new NpgsqlCommand(
            "select to_regclass('schema_migrations') is not null", connection))
        {
            if (await exists.ExecuteScalarAsync(cancellationToken) is not true)
            {
                return false;
            }
        }

        var applied = await AppliedAsync(connection, cancellationToken);
        Check(migrations, applied);
        return migrations.All(migration => applied.ContainsKey(migration.Name));
    }

    private static void Check(IReadOnlyList<Migration> migrations, Dictionary<string, string> applied)
    {
        foreach (var (name, checksum) in applied)
        {
            var migration = migrations.FirstOrDefault(candidate => candidate.Name == name)
                ?? throw new MigrationException($"Migration {name} was applied by a newer version of this program.");
            if (migration.Checksum != checksum)
            {
                throw new MigrationException($"Migration {name} was changed after it had been applied.");
            }
        }

        var newest = applied.Keys.Max(StringComparer.Ordinal);
        var late = migrations.FirstOrDefault(
            migration => !applied.ContainsKey(migration.Name) && string.CompareOrdinal(migration.Name, newest) < 0);
        if (late is not null)
        {
            throw new MigrationException($"Migration {late.Name} comes before {newest}, which is applied already.");
        }
    }

    private static async Task<Dictionary<string, string>> AppliedAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var applied = new Dictionary<string, string>(StringComparer.Ordinal);
        await using var command = new NpgsqlCommand("select name, checksum from schema_migrations", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            applied.Add(reader.GetString(0), reader.GetString(1));
        }

        return applied;
    }

    private static async Task ApplyAsync(
        NpgsqlConnection connection, Migration migration, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, migration.Sql, cancellationToken);
        await using var record = new NpgsqlCommand(
            "insert into schema_migrations (name, checksum) values ($1, $2)", connection, transaction)
        {
            Parameters = { new() { Value = migration.Name }, new() { Value = migration.Checksum } },
        };
        _ = await record.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        _ = await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

using System.Diagnostics;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Testing;
using Npgsql;

namespace GridTokenX.CloudCore.Tests.Deploy;

/// <summary>The roles of the package on a real PostgreSQL: each may do its work, and no more.</summary>
public sealed class DatabaseRolesTests
{
    private const string Core = "gridtokenx-cloud-core";
    private const string Reader = "gridtokenx-reader";
    private const string Backup = "gridtokenx-backup";

    [Fact]
    public async Task Each_role_may_do_its_work_and_no_more()
    {
        await using var server = await PostgresServer.StartAsync();
        var superuser = new NpgsqlConnectionStringBuilder(await server.CreateDatabaseAsync()) { Pooling = false };
        await RunAsync(superuser, RepositoryFiles.PathOf("deploy", "cloud-core", "roles.sql"));

        await using var core = SourceOf(superuser, Core);
        (await Migrator.ApplyAsync(core, Migration.Embedded(), CancellationToken.None)).ShouldNotBeEmpty();
        await ShouldBeForbiddenAsync(core, "create role other");
        await ShouldBeForbiddenAsync(core, "create database other");
        await ShouldBeForbiddenAsync(core, "select pg_read_file('/etc/passwd')");
        await ShouldBeForbiddenAsync(core, "copy users to program 'cat'");

        await using var reader = SourceOf(superuser, Reader);
        (await ScalarAsync(reader, "select count(*) from settlements")).ShouldBe(0L);
        await ShouldBeForbiddenAsync(reader, "delete from settlements");
        await ShouldBeForbiddenAsync(reader, "set default_transaction_read_only = off; delete from settlements");
        await ShouldBeForbiddenAsync(reader, "create table public.mine (id int)");

        await using var backup = SourceOf(superuser, Backup);
        await ShouldBeForbiddenAsync(backup, "select 1");
        await using var roles = NpgsqlDataSource.Create(superuser.ConnectionString);
        (await ScalarAsync(
            roles, $"select count(*) from pg_roles where rolname = '{Backup}' and rolreplication and not rolsuper"))
            .ShouldBe(1L);
    }

    private static async Task<object?> ScalarAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    private static NpgsqlDataSource SourceOf(NpgsqlConnectionStringBuilder superuser, string role) =>
        NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(superuser.ConnectionString)
        {
            Database = "gridtokenx",
            Username = role,
        }.ConnectionString);

    /// <summary>Right (42501), or a transaction that may only read (25006).</summary>
    private static async Task ShouldBeForbiddenAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        var refusal = await Should.ThrowAsync<PostgresException>(() => command.ExecuteNonQueryAsync());
        refusal.SqlState.ShouldBeOneOf(
            [PostgresErrorCodes.InsufficientPrivilege, PostgresErrorCodes.ReadOnlySqlTransaction], sql);
    }

    private static async Task RunAsync(NpgsqlConnectionStringBuilder superuser, string file)
    {
        using var psql = Process.Start(new ProcessStartInfo("psql")
        {
            ArgumentList =
            {
                "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", superuser.Host!, "-U", superuser.Username!,
                "-d", superuser.Database!, "-f", file,
            },
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        var said = await psql.StandardError.ReadToEndAsync();
        await psql.WaitForExitAsync();
        psql.ExitCode.ShouldBe(0, said);
    }
}

using System.Text;
using Npgsql;

namespace GridTokenX.CloudCore.Storage;

internal static class StorageSetup
{
    private const int MaxPreparedStatements = 100;

    // Two processes fit into a server as it is installed: of its 100 connections three are the superuser's. With more
    // of them the statements wait for each other instead of for a connection, and are done no sooner.
    private const int MaxConnections = 40;

    // What the server does with the work of a process that is gone, or stands still: a statement whose client has
    // died ends, and frees its locks, within two seconds, and a transaction that nobody goes on with within a minute
    // (a zone's writer: five seconds). Nothing is compiled: every statement here is short, and one whose cost is
    // overestimated, in tables without statistics yet, would be compiled for a hundred times as long as it runs.
    internal const string Bounds =
        "-c client_connection_check_interval=2s -c idle_in_transaction_session_timeout=60s -c jit=off";

    internal static void AddStorage(this IServiceCollection services, CloudOptions options)
    {
        Database.RegisterTypes();
        _ = services
            .AddSingleton(_ => CreateSource(options))
            .AddSingleton<DatabaseReadiness>()
            .AddHostedService<DatabaseStart>()
            .AddHealthChecks().AddCheck<DatabaseHealth>("database");
    }

    private static NpgsqlDataSource CreateSource(CloudOptions options)
    {
        var builder = new NpgsqlDataSourceBuilder(options.Database);
        var connection = builder.ConnectionStringBuilder;
        connection.ApplicationName ??= "gridtokenx-cloud-core";

        if (!connection.ShouldSerialize("Maximum Pool Size"))
        {
            connection.MaxPoolSize = MaxConnections;
        }

        // Statements that come again are prepared by themselves, on each connection; a pooler in front that gives each
        // transaction another connection needs "Max Auto Prepare=0".
        if (!connection.ShouldSerialize("Max Auto Prepare"))
        {
            connection.MaxAutoPrepare = MaxPreparedStatements;
            connection.AutoPrepareMinUsages = 2;
        }

        // A session keeps nothing that its next user could mind: settings end with their transactions, and who listens
        // or holds a lock of the session ends that himself. So nothing has to be reset, which costs as much as a
        // statement.
        if (!connection.ShouldSerialize("No Reset On Close"))
        {
            connection.NoResetOnClose = true;
        }

        if (!connection.ShouldSerialize(nameof(connection.Options)))
        {
            connection.Options = Bounds;
        }

        if (connection.Host is { } host && !host.StartsWith('/') && !host.StartsWith('@'))
        {
            // A server that vanishes without a word is noticed within a minute, also by who only listens. On a Unix
            // socket (an absolute or an abstract name) nothing vanishes so.
            connection.TcpKeepAlive = true;
            connection.TcpKeepAliveTime = 30;
            connection.TcpKeepAliveInterval = 10;
        }

        if (options.DatabasePasswordFile is { } file)
        {
            builder.ConnectionStringBuilder.Password = Encoding.UTF8.GetString(SecretFile.Read(file))
                .TrimEnd('\r', '\n');
        }

        return builder.Build();
    }
}

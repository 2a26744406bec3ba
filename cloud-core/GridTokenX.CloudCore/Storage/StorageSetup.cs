using System.Text;
using Npgsql;

namespace GridTokenX.CloudCore.Storage;

internal static class StorageSetup
{
    private const int MaxPreparedStatements = 100;

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

        // Statements that come again are prepared by themselves, on each connection; a pooler in front that gives each
        // transaction another connection needs "Max Auto Prepare=0".
        if (!connection.ShouldSerialize("Max Auto Prepare"))
        {
            connection.MaxAutoPrepare = MaxPreparedStatements;
            connection.AutoPrepareMinUsages = 2;
        }

        if (options.DatabasePasswordFile is { } file)
        {
            builder.ConnectionStringBuilder.Password = Encoding.UTF8.GetString(SecretFile.Read(file))
                .TrimEnd('\r', '\n');
        }

        return builder.Build();
    }
}

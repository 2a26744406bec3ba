using System.Text;
using Npgsql;

namespace GridTokenX.CloudCore.Storage;

internal static class StorageSetup
{
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
        builder.ConnectionStringBuilder.ApplicationName ??= "gridtokenx-cloud-core";
        if (options.DatabasePasswordFile is { } file)
        {
            builder.ConnectionStringBuilder.Password = Encoding.UTF8.GetString(SecretFile.Read(file))
                .TrimEnd('\r', '\n');
        }

        return builder.Build();
    }
}

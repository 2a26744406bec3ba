using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Keys;
using GridTokenX.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace GridTokenX.CloudCore.Tests.Storage;

public sealed class ConnectionSlotsTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Pool_that_the_server_has_no_room_for_is_told()
    {
        var database = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        await using var fits = NpgsqlDataSource.Create(Sized(database, 20));
        (await ConnectionSlots.ShortageAsync(fits, None)).ShouldBeNull();

        await using var tooLarge = NpgsqlDataSource.Create(Sized(database, 1_000));
        var (wanted, given) = (await ConnectionSlots.ShortageAsync(tooLarge, None)).ShouldNotBeNull();
        wanted.ShouldBe(1_000);
        given.ShouldBeLessThan(1_000);

        // The bound of the database counts as well, and the smallest one decides.
        await using (var bound = tooLarge.CreateCommand(
            $"alter database \"{new NpgsqlConnectionStringBuilder(database).Database}\" connection limit 19"))
        {
            _ = await bound.ExecuteNonQueryAsync();
        }

        (await ConnectionSlots.ShortageAsync(fits, None)).ShouldBe((20, 19));
    }

    [Theory]
    [InlineData("Host=localhost", 40)]
    [InlineData("Host=localhost;Maximum Pool Size=7", 7)]
    [InlineData("Host=localhost;MaxPoolSize=8", 8)]
    public async Task Pool_is_as_large_as_said_or_else_fits_twice_into_a_server_as_it_is_installed(
        string database, int connections)
    {
        using var key = SigningKey.Generate();
        await using var core = CloudCoreHost.Build(
            [
                $"--Cloud:Database={database}",
                "--Cloud:KeyFolder=/tmp/none",
                $"--Cloud:OperatorKey={key.PublicKey}",
                "--Solana:RpcUrl=http://127.0.0.1:1",
            ],
            TimeProvider.System);

        var source = core.Services.GetRequiredService<NpgsqlDataSource>();

        new NpgsqlConnectionStringBuilder(source.ConnectionString).MaxPoolSize.ShouldBe(connections);
    }

    private static string Sized(string database, int connections) =>
        new NpgsqlConnectionStringBuilder(database) { MaxPoolSize = connections }.ConnectionString;
}

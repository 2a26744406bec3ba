using GridTokenX.Protocol.Keys;
using Microsoft.Extensions.Options;

namespace GridTokenX.CloudCore.Tests.Storage;

public sealed class ConfigurationTests
{
    [Theory]
    [InlineData("Cloud:Database", "", "Cloud:Database is missing")]
    [InlineData("Cloud:Database", "Host=db;Password=secret", "Cloud:Database: the password belongs into a file")]
    [InlineData("Cloud:Database", "nonsense", "Cloud:Database:")]
    [InlineData("Cloud:DatabasePasswordFile", "/nowhere/at/all", "/nowhere/at/all")]
    [InlineData("Cloud:KeyFolder", " ", "Cloud:KeyFolder is missing")]
    [InlineData("Cloud:OperatorKey", "me", "Cloud:OperatorKey is missing or not")]
    [InlineData("Cloud:FeeBasisPoints", "10001", "0 to 1000")]
    [InlineData("Cloud:FeeBasisPoints", "much", "Cloud:FeeBasisPoints")]
    [InlineData("Cloud:Databse", "x", "Databse")]
    [InlineData("Ingest:MaxAge", "-1", "Ingest:MaxAge")]
    [InlineData("Ingest:MinReadingInterval", "00:00:00", "Ingest:MinReadingInterval")]
    [InlineData("Ingest:MaxIntervalWh", "0", "Ingest:MaxIntervalWh")]
    [InlineData("Ingest:MaxAhead", "-00:01:00", "Ingest:MaxAhead")]
    [InlineData("Simulation:Enabled", "maybe", "Simulation:Enabled")]
    public void A_wrong_setting_is_named_before_anything_starts(string name, string value, string message)
    {
        using var key = SigningKey.Generate();
        string[] args =
        [
            "--Cloud:Database=Host=localhost",
            "--Cloud:KeyFolder=/tmp/none",
            $"--Cloud:OperatorKey={key}",
            "--Solana:RpcUrl=http://127.0.0.1:1",
            $"--{name}={value}",
        ];
        Should.Throw<OptionsValidationException>(() => CloudCoreHost.Build(args, TimeProvider.System))
            .Message.ShouldContain(message);
    }
}

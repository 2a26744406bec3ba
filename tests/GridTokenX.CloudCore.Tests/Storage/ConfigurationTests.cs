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
    [InlineData("Cloud:Databse", "x", "Cloud:Databse is no setting of the cloud core (unknown_setting); the nearest one"
        + " is Cloud:Database.")]
    [InlineData("Cloud:MatchIntervall", "x", "is Trading:MatchInterval.")]
    [InlineData("Cloud:Whatsoever", "x", "Cloud:Whatsoever is no setting of the cloud core (unknown_setting).")]
    [InlineData("Cloud:OperatorKey:More", "x", "Cloud:OperatorKey:More is no setting")]
    [InlineData("Solana:Programs:Tradnig", "x", "is Solana:Programs:Trading.")]
    [InlineData("Market:Zones:zone-1:Moode", "x", "is Market:Zones:*:Mode.")]
    [InlineData("Market:Links:0:Frm", "x", "is Market:Links:*:From.")]
    [InlineData("Tradnig:MatchInterval", "00:00:05", "Tradnig is no setting of the cloud core (unknown_setting); the "
        + "nearest one is Trading.")]
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

    [Fact]
    public void Every_misspelt_setting_is_named_at_once_and_others_sections_are_let_be()
    {
        string[] args =
        [
            "--Cloud:Kyefolder=a", "--Ingest:MaxAgee=b", "--Logging:LogLevel:Default=Error", "--Foreign:X=c",
        ];

        var failures = Should.Throw<OptionsValidationException>(() => CloudCoreHost.Build(args, TimeProvider.System))
            .Failures.ToList();

        failures.Count.ShouldBe(2);
        failures[0].ShouldContain("Cloud:KeyFolder");
        failures[1].ShouldContain("Ingest:MaxAge.");
    }

    [Fact]
    public void Every_setting_that_is_known_is_in_the_operators_handbook()
    {
        var handbook = Testing.RepositoryFiles.Read("docs", "OPERATIONS.md");

        UnknownSettings.Known
            .Select(static path => path.Split(':').Last(static part => part != "*"))
            .Where(name => !handbook.Contains(name, StringComparison.Ordinal))
            .ShouldBeEmpty();
    }
}

namespace GridTokenX.Programs.Tests.Client;

public sealed class QuantityTests
{
    [Fact]
    public void Value_and_fee_round_down_in_128_bits()
    {
        Quantities.Value(999_999_999, 1).ShouldBe(0UL);
        Quantities.Value(1_000_000_000, 1).ShouldBe(1UL);
        Quantities.Value(ulong.MaxValue, 1_000_000_000).ShouldBe(ulong.MaxValue);
        Should.Throw<OverflowException>(() => Quantities.Value(ulong.MaxValue, 1_000_000_001));
        Quantities.Fee(9_999, 1).ShouldBe(0UL);
        Quantities.Fee(ulong.MaxValue, 1_000).ShouldBe(ulong.MaxValue / 10);
    }

    [Fact]
    public void The_upgrade_authority_is_read_from_the_programs_data()
    {
        byte[] header = [3, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1, .. Some.Key("authority").Span, 127];
        UpgradeableLoader.ReadUpgradeAuthority(header).ShouldBe(Some.Key("authority"));
        header[12] = 0;
        UpgradeableLoader.ReadUpgradeAuthority(header).ShouldBeNull();
        header[12] = 2;
        Should.Throw<FormatException>(() => UpgradeableLoader.ReadUpgradeAuthority(header));
        Should.Throw<FormatException>(() => UpgradeableLoader.ReadUpgradeAuthority(header.AsSpan(..44)));
    }
}

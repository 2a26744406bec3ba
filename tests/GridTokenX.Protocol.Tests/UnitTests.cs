using FsCheck;
using FsCheck.Fluent;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Protocol.Tests;

public sealed class UnitTests
{
    [Theory]
    [InlineData(1, 999, 0)]
    [InlineData(1, 1000, 1)]
    [InlineData(333, 3_000_000, 999_000)]
    [InlineData(1500, 3_333_333, 4_999_999)]
    [InlineData(long.MaxValue, 1000, long.MaxValue)]
    public void Value_is_rounded_down(long wattHours, long price, long value) =>
        new PricePerKwh(price).ValueOf(new WattHours(wattHours)).ShouldBe(new MicroGrx(value));

    [Fact]
    public void Value_beyond_64_bits_is_an_error() =>
        Should.Throw<OverflowException>(() => new PricePerKwh(1001).ValueOf(new WattHours(long.MaxValue)));

    [Theory]
    [InlineData(99, 100, 0)]
    [InlineData(100, 100, 1)]
    [InlineData(1_500_000, 100, 15_000)]
    [InlineData(1_500_000, 25, 3_750)]
    [InlineData(long.MaxValue, 10_000, long.MaxValue)]
    public void Fee_is_rounded_down(long value, int basisPoints, long fee) =>
        new MicroGrx(value).Fee(basisPoints).ShouldBe(new MicroGrx(fee));

    [Fact]
    public void Parts_are_never_worth_more_than_the_whole() =>
        Prop.ForAll<PositiveInt, PositiveInt, PositiveInt>(static (a, b, price) =>
        {
            var limit = new PricePerKwh(price.Get);
            var whole = limit.ValueOf(new WattHours(a.Get) + new WattHours(b.Get));
            return limit.ValueOf(new WattHours(a.Get)) + limit.ValueOf(new WattHours(b.Get)) <= whole;
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("1.5", 1500L)]
    [InlineData("0.001", 1L)]
    [InlineData("-2", -2000L)]
    [InlineData("0.0005", null)]
    [InlineData("79228162514264337593543950335", null)]
    public void Kilowatt_hours_are_exact_or_refused(string kwh, long? wattHours)
    {
        WattHours.TryFromKwh(decimal.Parse(kwh, System.Globalization.CultureInfo.InvariantCulture), out var energy)
            .ShouldBe(wattHours is not null);
        energy.Value.ShouldBe(wattHours ?? 0);
    }

    [Theory]
    [InlineData("3", 3_000_000L)]
    [InlineData("0.000001", 1L)]
    [InlineData("0.0000001", null)]
    public void Grx_are_exact_or_refused(string grx, long? microGrx)
    {
        MicroGrx.TryFromGrx(decimal.Parse(grx, System.Globalization.CultureInfo.InvariantCulture), out var amount)
            .ShouldBe(microGrx is not null);
        amount.Value.ShouldBe(microGrx ?? 0);
    }

    [Fact]
    public void One_kilowatt_hour_is_one_grid() => new WattHours(1_000).ToGridBaseUnits().ShouldBe(1_000_000_000UL);

    [Fact]
    public void Negative_energy_has_no_tokens() =>
        Should.Throw<OverflowException>(() => new WattHours(-1).ToGridBaseUnits());
}

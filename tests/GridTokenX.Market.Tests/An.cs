using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Tests;

/// <summary>Valid orders; a test says only what matters.</summary>
internal static class An
{
    internal static readonly DateTimeOffset Noon = new(2026, 6, 21, 12, 0, 0, TimeSpan.Zero);

    internal static Order Order(
        Side side, long price, long energy, long sequence, int owner = 0, long filled = 0, Guid? target = null) =>
        new()
        {
            Id = Id(sequence),
            Sequence = sequence,
            Owner = owner == 0 ? Id(1_000_000 + sequence) : Id(2_000_000 + owner),
            Side = side,
            Limit = new PricePerKwh(price),
            Energy = new WattHours(energy),
            Filled = new WattHours(filled),
            ExpiresAt = Noon.AddMinutes(30),
            Target = target,
        };

    internal static Guid Id(long number) => new((int)number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}

using System.Numerics;
using GridTokenX.Programs.Tests.Chain;

namespace GridTokenX.Programs.Tests.Sequences;

/// <summary>The contract of registry and energy token, as plainly as possible. Each trader has one meter.</summary>
internal static class MeterRules
{
    public static Verdict Read(
        Ledger ledger, int trader, BigInteger production, BigInteger consumption, long timestamp)
    {
        var meter = ledger.Traders[trader];
        var elapsed = Math.Max(
            timestamp - meter.LastReadingAt, (long)World.Limits.MinReadingIntervalSeconds);
        var most = new BigInteger(World.Limits.MaxPowerWatts) * elapsed / 3_600;
        return Verdict.Of(
            ledger,
            Rules.Broken(
                (production < meter.Production || consumption < meter.Consumption, ProgramError.RegisterRegression),
                (timestamp > ledger.Now + (long)World.Limits.MaxAheadSeconds, ProgramError.ReadingInFuture),
                (meter.Readings > 0
                    && timestamp < meter.LastReadingAt + (long)World.Limits.MinReadingIntervalSeconds,
                    ProgramError.ReadingTooEarly),
                (production - meter.Production > most || consumption - meter.Consumption > most,
                    ProgramError.ReadingOutOfRange)),
            () => ledger.With(trader, has => has with
            {
                Production = production,
                Consumption = consumption,
                LastReadingAt = timestamp,
                Readings = has.Readings + 1,
            }));
    }

    public static Verdict Mint(Ledger ledger, IReadOnlyList<int> traders)
    {
        var after = ledger;
        foreach (var trader in traders)
        {
            var unsettled = after.Traders[trader].Unsettled;
            if (unsettled == 0)
            {
                return new Verdict(ledger, [ProgramError.NoUnsettledBalance]);
            }

            var minted = unsettled * 1_000_000;
            after = (after with { Supply = after.Supply + minted }).With(
                trader, has => has with { Settled = has.Settled + unsettled, Grid = has.Grid + minted });
        }

        return new Verdict(after, []);
    }

    public static Verdict SettleElsewhere(Ledger ledger, int trader)
    {
        var unsettled = ledger.Traders[trader].Unsettled;
        return Verdict.Of(
            ledger, Rules.Broken((unsettled == 0, ProgramError.NoUnsettledBalance)),
            () => ledger.With(trader, has => has with { Settled = has.Settled + unsettled }));
    }

    public static Verdict Retire(Ledger ledger, int trader, BigInteger amount) => Verdict.Of(
        ledger, Rules.Broken((amount > ledger.Traders[trader].Grid, ProgramError.InsufficientBalance)),
        () => (ledger with { Supply = ledger.Supply - amount })
            .With(trader, has => has with { Grid = has.Grid - amount }));
}

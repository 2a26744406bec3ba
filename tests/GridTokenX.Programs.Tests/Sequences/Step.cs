using FsCheck;
using FsCheck.Fluent;

namespace GridTokenX.Programs.Tests.Sequences;

internal enum StepKind
{
    None,
    Place,
    Cancel,
    Expire,
    Release,
    Settle,
    Buy,
    Read,
    Mint,
    SettleElsewhere,
    Retire,
    GrantMoney,
    Advance,
    UpdateMarket,
    BeginMaintenance,
}

/// <summary>One instruction of a sequence. What its numbers mean follows from the state in which it comes: mostly
/// something sensible, so that sequences get somewhere, and by <see cref="Luck"/> (0 to 99) something absurd.</summary>
internal sealed record Step(StepKind Kind, int Who, int Other, int Number, int Size, int Luck)
{
    private static readonly Gen<StepKind> Kinds = Gen.Frequency(
        (26, Gen.Constant(StepKind.Place)), (5, Gen.Constant(StepKind.Cancel)), (4, Gen.Constant(StepKind.Expire)),
        (4, Gen.Constant(StepKind.Release)), (24, Gen.Constant(StepKind.Settle)), (12, Gen.Constant(StepKind.Buy)),
        (7, Gen.Constant(StepKind.Read)), (5, Gen.Constant(StepKind.Mint)),
        (1, Gen.Constant(StepKind.SettleElsewhere)), (2, Gen.Constant(StepKind.Retire)),
        (4, Gen.Constant(StepKind.GrantMoney)), (4, Gen.Constant(StepKind.Advance)),
        (2, Gen.Constant(StepKind.UpdateMarket)), (1, Gen.Constant(StepKind.BeginMaintenance)));

    private static readonly Gen<Step> Any =
        from kind in Kinds
        from who in Gen.Choose(0, 999)
        from other in Gen.Choose(0, 999)
        from number in Gen.Choose(0, 999)
        from size in Gen.Choose(0, 1_000_000)
        from luck in Gen.Choose(0, 99)
        select new Step(kind, who, other, number, size, luck);

    /// <summary>The same seed gives the same steps.</summary>
    public static IReadOnlyList<Step> Sequence(ulong seed, int count) =>
        [.. Any.Sample(count, new Rnd(seed), 50)];
}

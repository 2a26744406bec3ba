using System.Collections.Frozen;
using GridTokenX.Programs.Wire;

namespace GridTokenX.Programs.Events;

internal delegate ProgramEvent ReadEvent(ref BorshReader reader);

/// <summary>Which events a program logs, by discriminator.</summary>
internal static class EventTable
{
    public static FrozenDictionary<ulong, ReadEvent> Registry { get; } = Of(
        (nameof(UserRegistered), UserRegistered.Read),
        (nameof(MeterRegistered), MeterRegistered.Read),
        (nameof(MeterBalanceSettled), MeterBalanceSettled.Read),
        (nameof(MeterDeactivated), MeterDeactivated.Read));

    public static FrozenDictionary<ulong, ReadEvent> EnergyToken { get; } =
        Of((nameof(TokensRetired), TokensRetired.Read));

    public static FrozenDictionary<ulong, ReadEvent> Trading { get; } = Of(
        (nameof(OrderCreated), OrderCreated.Read),
        (nameof(OrderCancelled), OrderCancelled.Read),
        (nameof(TradeExecuted), TradeExecuted.Read));

    private static FrozenDictionary<ulong, ReadEvent> Of(params (string Name, ReadEvent Read)[] events) =>
        events.ToFrozenDictionary(row => Discriminator.OfEvent(row.Name), row => row.Read);
}

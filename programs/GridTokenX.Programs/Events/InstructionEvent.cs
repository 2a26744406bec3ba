using GridTokenX.Programs.Accounts;
using GridTokenX.Solana;

namespace GridTokenX.Programs.Events;

/// <summary>What an instruction that succeeded says about the event that it logged.</summary>
public abstract record InstructionEvent
{
    private InstructionEvent()
    {
    }

    /// <summary>Everything.</summary>
    public sealed record Whole(ProgramEvent Event) : InstructionEvent;

    /// <summary>All but whose order it was.</summary>
    public sealed record OrderClosed(PublicKey Order, ulong Refunded, OrderClosingReason Reason, long Timestamp)
        : InstructionEvent
    {
        /// <param name="created">The newest event of the order's address.</param>
        public OrderCancelled Complete(OrderCreated created) =>
            new(Order, created.OrderId, created.Owner, created.Side, Refunded, Reason, Timestamp);
    }

    /// <param name="Minted">Wh; null when the owner settled without tokens: the instruction does not say how much.
    /// </param>
    public sealed record MeterSettled(PublicKey Meter, ulong? Minted, long Timestamp) : InstructionEvent
    {
        /// <param name="meter">Afterwards; its total only grows.</param>
        /// <param name="totalBefore">Wh settled before.</param>
        public MeterBalanceSettled Complete(MeterAccount meter, ulong totalBefore) => new(
            meter.MeterId,
            meter.Owner,
            Minted ?? (meter.SettledNetGeneration > totalBefore ? meter.SettledNetGeneration - totalBefore : 0),
            meter.SettledNetGeneration,
            Timestamp,
            Minted is not null);
    }

    public sealed record MeterOff(PublicKey Meter, long Timestamp) : InstructionEvent
    {
        public MeterDeactivated Complete(MeterAccount meter) => new(meter.MeterId, meter.Owner, Timestamp);
    }

    /// <summary>It cannot be told from the instruction; it keeps its place.</summary>
    public sealed record Untold(string Instruction) : InstructionEvent;
}

using GridTokenX.CloudCore.Storage;
using GridTokenX.Programs.Events;

namespace GridTokenX.CloudCore.Chain;

/// <summary>An event that one of our programs emitted, in a transaction that succeeded.</summary>
/// <param name="Event">What happened.</param>
/// <param name="Signature">Of the transaction.</param>
/// <param name="Slot">Where it landed.</param>
/// <param name="BlockTime">The chain's time; null where the cluster did not say.</param>
/// <param name="Position">Among the events of the transaction.</param>
public sealed record IndexedEvent(
    ProgramEvent Event, string Signature, long Slot, DateTimeOffset? BlockTime, int Position);

/// <summary>
/// Moves the database's state by what happened on chain, whoever caused it: events of orders, meters and users that the
/// database does not know are passed over. Runs in the database transaction that stores the events, which comes to pass
/// once for each; all the same an effect that is applied twice changes nothing more.
/// </summary>
public interface IChainEventEffect
{
    bool Handles(ProgramEvent @event);

    /// <summary>In the order of the chain. What it throws rolls everything back; the events come again.</summary>
    /// <param name="unit">Stores the events.</param>
    /// <param name="events">That it handles.</param>
    /// <param name="isRoomy">
    /// The transaction stores no other events, and these for the first time: more may be done in it than they ask for.
    /// </param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task ApplyAsync(
        UnitOfWork unit, IReadOnlyList<IndexedEvent> events, bool isRoomy, CancellationToken cancellationToken);
}

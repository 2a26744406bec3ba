using GridTokenX.Market.Matching;

namespace GridTokenX.Market.Tests.Matching;

internal static class TwinOperations
{
    internal static RejectReason ApplyTo<TListener>(this BookOperation operation, NaiveBook<TListener> book)
        where TListener : IBookListener
    {
        switch (operation.Kind)
        {
            case OperationKind.Place:
                return book.Place(operation.Order);
            case OperationKind.Restore:
                return book.Restore(operation.Order);
            case OperationKind.Cancel:
                return book.Cancel(operation.Order.Sequence);
            case OperationKind.Reduce:
                return book.Reduce(operation.Order.Sequence, operation.Order.Energy);
            case OperationKind.MatchAcross:
                return book.MatchAcross(operation.Order.Sequence, operation.Order.Energy);
            case OperationKind.AdvanceTo:
                book.AdvanceTo(operation.Order.ExpiresAt);
                return RejectReason.None;
            case OperationKind.SetDynamicPrice:
                book.SetDynamicPrice(operation.Order.Limit.Value == 0 ? null : operation.Order.Limit);
                return RejectReason.None;
            case OperationKind.Match:
                book.Match();
                return RejectReason.None;
            case OperationKind.Auction:
                book.Auction(operation.Rationing);
                return RejectReason.None;
            default:
                throw new InvalidOperationException($"The twin does not know {operation.Kind}.");
        }
    }
}

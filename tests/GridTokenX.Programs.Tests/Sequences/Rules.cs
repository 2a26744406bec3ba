using System.Numerics;
using GridTokenX.Programs.Events;

namespace GridTokenX.Programs.Tests.Sequences;

/// <summary>What must come of an instruction: the ledger afterwards, or refusal with one of these errors (the rules do
/// not say which of several broken ones is named).</summary>
internal sealed record Verdict(Ledger After, IReadOnlyList<ProgramError> Errors)
{
    public static Verdict Of(Ledger before, IReadOnlyList<ProgramError> errors, Func<Ledger> after) =>
        errors.Count > 0 ? new Verdict(before, errors) : new Verdict(after(), []);
}

internal sealed record Leg(ulong Id, OrderKey Sell, OrderKey Buy, BigInteger Amount, BigInteger Price);

/// <summary>The contract of trading, written down once more as plainly as possible.</summary>
internal static class Rules
{
    private static readonly BigInteger PerKilowattHour = 1_000_000_000;

    public static Verdict Place(
        Ledger ledger, OrderKey key, int payer, OrderSide side, BigInteger amount, BigInteger price, long expiresAt)
    {
        var escrow = side == OrderSide.Sell ? amount : Value(amount, price);
        var owner = ledger.Traders[key.Owner];
        return Verdict.Of(
            ledger,
            Broken(
                (ledger.IsInMaintenance, ProgramError.MaintenanceMode),
                (amount < 1_000_000 || escrow == 0, ProgramError.InvalidOrder),
                (price < ledger.MinPrice || price > ledger.MaxPrice, ProgramError.PriceOutOfBounds),
                (expiresAt <= ledger.Now, ProgramError.OrderExpired),
                (escrow > ulong.MaxValue, ProgramError.MathOverflow),
                (escrow > (side == OrderSide.Sell ? owner.Grid : owner.Grx), ProgramError.InsufficientBalance),
                (ledger.Orders.ContainsKey(key), ProgramError.AlreadyInitialized)),
            () => (ledger with
            {
                Orders = ledger.Orders.Add(key, new OpenOrder(
                    side, payer, amount, 0, price, escrow, ledger.Now, expiresAt, ledger.FeeBasisPoints)),
            })
                .Credit(key.Owner, side, -escrow)
                .WithVault(side, escrow)
                .With(payer, has => has with { Lamports = has.Lamports - Ledger.OrderRent }));
    }

    /// <param name="signer">Which trader signs a cancellation.</param>
    public static Verdict Close(
        Ledger ledger, OrderClosingReason reason, int signer, IReadOnlyList<OrderKey> keys)
    {
        // Whose order it is, or whose time has passed, is not held back.
        var errors = Broken(
            (reason == OrderClosingReason.Released && ledger.IsInMaintenance, ProgramError.MaintenanceMode),
            (keys.Distinct().Count() < keys.Count, ProgramError.DuplicateAccount));
        var after = ledger;
        foreach (var key in keys)
        {
            if (!ledger.Orders.TryGetValue(key, out var order))
            {
                errors.Add(ProgramError.OrderNotActive);
                continue;
            }

            errors.AddRange(Broken(
                (reason == OrderClosingReason.Expired && ledger.Now < order.ExpiresAt, ProgramError.OrderNotExpired),
                (reason == OrderClosingReason.Cancelled && key.Owner != signer, ProgramError.Unauthorized)));
            if (after.Orders.ContainsKey(key))
            {
                after = after.Without(key)
                    .WithVault(order.Side, -order.Escrowed)
                    .Credit(key.Owner, order.Side, order.Escrowed);
            }
        }

        return Verdict.Of(ledger, errors, () => after);
    }

    public static Verdict Settle(Ledger ledger, IReadOnlyList<Leg> legs)
    {
        var after = ledger;
        foreach (var leg in legs)
        {
            if (BrokenBy(after, leg) is { Count: > 0 } errors)
            {
                return new Verdict(ledger, errors);
            }

            after = Execute(after, leg);
        }

        foreach (var (key, _) in after.Orders.Where(pair => pair.Value.Rest == 0).ToList())
        {
            after = after.Without(key);
        }

        return new Verdict(after, []);
    }

    /// <summary>A listed order is taken directly.</summary>
    public static Verdict Buy(
        Ledger ledger, ulong id, OrderKey key, int buyer, BigInteger amount, BigInteger maxPrice)
    {
        if (!ledger.Orders.TryGetValue(key, out var order))
        {
            var refusals = Broken(
                (true, ProgramError.OrderNotActive),
                (ledger.IsInMaintenance, ProgramError.MaintenanceMode),
                (ledger.Settlements.Contains(id), ProgramError.SettlementAlreadyUsed));
            return new Verdict(ledger, refusals);
        }

        var value = Value(amount, order.Price);
        var fee = Fee(ledger, order, value);
        return Verdict.Of(
            ledger,
            Broken(
                (ledger.IsInMaintenance, ProgramError.MaintenanceMode),
                (ledger.Settlements.Contains(id), ProgramError.SettlementAlreadyUsed),
                (order.Side != OrderSide.Sell, ProgramError.InvalidOrder),
                (key.Owner == buyer, ProgramError.SelfTradingNotAllowed),
                (ledger.Now >= order.ExpiresAt, ProgramError.OrderExpired),
                (amount < 1 || amount > order.Rest, ProgramError.AmountMismatch),
                (order.Price > maxPrice || order.Price < ledger.MinPrice || order.Price > ledger.MaxPrice,
                    ProgramError.PriceOutOfBounds),
                (value > ledger.Traders[buyer].Grx, ProgramError.InsufficientBalance)),
            () =>
            {
                var after = Fill(ledger, key, amount, amount);
                after = after with { Settlements = after.Settlements.Add(id), Fees = after.Fees + fee };
                after = after.WithVault(OrderSide.Sell, -amount)
                    .With(buyer, has => has with { Grid = has.Grid + amount, Grx = has.Grx - value })
                    .With(key.Owner, has => has with { Grx = has.Grx + value - fee });
                return after.Orders[key].Rest == 0 ? after.Without(key) : after;
            });
    }

    public static List<ProgramError> Broken(params (bool IsBroken, ProgramError Error)[] rules) =>
        [.. rules.Where(rule => rule.IsBroken).Select(rule => rule.Error)];

    private static List<ProgramError> BrokenBy(Ledger ledger, Leg leg)
    {
        var errors = Broken(
            (ledger.IsInMaintenance, ProgramError.MaintenanceMode),
            (ledger.Settlements.Contains(leg.Id), ProgramError.SettlementAlreadyUsed),
            (leg.Sell == leg.Buy, ProgramError.DuplicateAccount));
        if (!ledger.Orders.TryGetValue(leg.Sell, out var sell) || !ledger.Orders.TryGetValue(leg.Buy, out var buy))
        {
            return [.. errors, ProgramError.OrderNotActive];
        }

        errors.AddRange(Broken(
            (sell.Side != OrderSide.Sell || buy.Side != OrderSide.Buy, ProgramError.InvalidOrder),
            (leg.Sell.Owner == leg.Buy.Owner, ProgramError.SelfTradingNotAllowed),
            (ledger.Now >= sell.ExpiresAt || ledger.Now >= buy.ExpiresAt, ProgramError.OrderExpired),
            (leg.Amount < 1 || leg.Amount > sell.Rest || leg.Amount > buy.Rest, ProgramError.AmountMismatch),
            (leg.Price < sell.Price || leg.Price > buy.Price, ProgramError.PriceOutOfBounds),
            (leg.Price < ledger.MinPrice || leg.Price > ledger.MaxPrice, ProgramError.PriceOutOfBounds)));
        return errors;
    }

    private static Ledger Execute(Ledger ledger, Leg leg)
    {
        var (sell, buy) = (ledger.Orders[leg.Sell], ledger.Orders[leg.Buy]);
        var value = Value(leg.Amount, leg.Price);
        var fee = Fee(ledger, sell, value);
        var share = Value(buy.Filled + leg.Amount, buy.Price) - Value(buy.Filled, buy.Price);
        var after = Fill(Fill(ledger, leg.Sell, leg.Amount, leg.Amount), leg.Buy, leg.Amount, share);
        after = after with { Settlements = after.Settlements.Add(leg.Id), Fees = after.Fees + fee };
        return after
            .WithVault(OrderSide.Sell, -leg.Amount)
            .WithVault(OrderSide.Buy, -share)
            .With(leg.Sell.Owner, has => has with { Grx = has.Grx + value - fee })
            .With(leg.Buy.Owner, has => has with { Grid = has.Grid + leg.Amount, Grx = has.Grx + share - value });
    }

    private static Ledger Fill(Ledger ledger, OrderKey key, BigInteger amount, BigInteger escrow) => ledger with
    {
        Orders = ledger.Orders.SetItem(key, ledger.Orders[key] with
        {
            Filled = ledger.Orders[key].Filled + amount,
            Escrowed = ledger.Orders[key].Escrowed - escrow,
        }),
    };

    private static BigInteger Value(BigInteger amount, BigInteger price) => amount * price / PerKilowattHour;

    private static BigInteger Fee(Ledger ledger, OpenOrder sell, BigInteger value) =>
        value * Math.Min(ledger.FeeBasisPoints, sell.FeeBasisPoints) / 10_000;
}

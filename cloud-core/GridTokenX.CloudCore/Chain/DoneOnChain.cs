using GridTokenX.Programs.Accounts;
using GridTokenX.Solana;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.CloudCore.Chain;

/// <summary>
/// Whether the chain is already as an intent wants it, whoever made it so. Asked when the chain has refused the intent:
/// what is done already is refused for ever.
/// </summary>
internal sealed class DoneOnChain(SolanaRpcClient rpc, EnergyPrograms programs)
{
    /// <exception cref="SolanaException">The RPC does not answer, or not usefully.</exception>
    public async Task<bool> HoldsAsync(ChainIntent intent, CancellationToken cancellationToken) => intent switch
    {
        RegisterUserOnChain user => await IsAsync(user, cancellationToken),
        RegisterMeterOnChain meter => await IsAsync(meter, cancellationToken),
        DeactivateMeterOnChain gone => await MeterAsync(gone.MeterId, cancellationToken) is { IsActive: false },
        MintEnergy mint => await IsAsync(mint, cancellationToken),
        PlaceOrder order => await IsAsync(order, cancellationToken),
        ReleaseOrder release => await IsAsync(release, cancellationToken),
        SettleTrade trade => await IsAsync(trade, cancellationToken),
        _ => false,
    };

    private async Task<bool> IsAsync(RegisterUserOnChain user, CancellationToken cancellationToken) =>
        await DataAsync(programs.Registry.Id, programs.Registry.User(user.Wallet.ToPublicKey()), cancellationToken)
            is { } data
        && UserAccount.TryParse(data.Span, out var account)
        && account.Type == IntentInstructions.TypeOf(user.Role);

    private async Task<bool> IsAsync(RegisterMeterOnChain meter, CancellationToken cancellationToken) =>
        await MeterAsync(meter.MeterId, cancellationToken) is { } account
        && account.Owner == meter.Wallet.ToPublicKey()
        && account.Device == meter.Device.ToPublicKey();

    private async Task<bool> IsAsync(MintEnergy mint, CancellationToken cancellationToken) =>
        await MeterAsync(mint.MeterId, cancellationToken) is { } account
        && account.SettledNetGeneration >= checked((ulong)mint.ToNet.Value);

    private async Task<bool> IsAsync(PlaceOrder order, CancellationToken cancellationToken)
    {
        var address = programs.Trading.Order(order.Wallet.ToPublicKey(), order.ChainOrderId);
        var terms = IntentInstructions.TermsOf(order);
        return await DataAsync(programs.Trading.Id, address, cancellationToken) is { } data
            && OrderAccount.TryParse(data.Span, out var account)
            && account.Side == IntentInstructions.SideOf(order.Side)
            && (account.Amount, account.Price, account.ExpiresAt) == (terms.Amount, terms.Price, terms.ExpiresAt);
    }

    // What is released, cancelled, expired or filled has no account any more.
    private async Task<bool> IsAsync(ReleaseOrder release, CancellationToken cancellationToken) =>
        await DataAsync(
            programs.Trading.Id,
            programs.Trading.Order(release.Wallet.ToPublicKey(), release.ChainOrderId),
            cancellationToken) is null;

    private async Task<bool> IsAsync(SettleTrade trade, CancellationToken cancellationToken)
    {
        var number = checked((ulong)trade.Number);
        var address = programs.Trading.SettlementPage(GridTokenX.Programs.TradingProgram.PageOf(number));
        return await DataAsync(programs.Trading.Id, address, cancellationToken) is { } data
            && SettlementPageAccount.TryParse(data.Span, out var page)
            && page.IsUsed(number);
    }

    private async Task<MeterAccount?> MeterAsync(string meterId, CancellationToken cancellationToken)
    {
        var address = programs.Registry.Meter(meterId);
        return await DataAsync(programs.Registry.Id, address, cancellationToken) is { } data
            && MeterAccount.TryParse(data.Span, out var account)
                ? account
                : null;
    }

    private async Task<ReadOnlyMemory<byte>?> DataAsync(
        PublicKey program, PublicKey address, CancellationToken cancellationToken)
    {
        var account = await rpc.GetAccountInfoAsync(address, cancellationToken: cancellationToken);
        if (account is null || account.Owner != program)
        {
            return null;
        }

        return account.Data;
    }
}

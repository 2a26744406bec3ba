using GridTokenX.CloudCore.Chain;
using GridTokenX.Programs;
using GridTokenX.Protocol.Keys;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;

namespace GridTokenX.CloudCore.Wallets;

/// <summary>
/// Signs for managed wallets what the server has built: transactions that somebody else pays for, and that call nothing
/// but the trading program and the retirement of energy. Whatever else reaches it is a fault of ours, and is not
/// signed.
/// </summary>
internal sealed class WalletSigner(ManagedWallets wallets, SolanaOptions options) : IWalletSigner
{
    private static readonly ulong Retire = Discriminator.OfInstruction("retire");

    private readonly PublicKey _trading = PublicKey.Parse(options.Programs.Trading);
    private readonly PublicKey _energyToken = PublicKey.Parse(options.Programs.EnergyToken);

    public async Task<bool> TrySignAsync(Key32 wallet, Transaction transaction, CancellationToken cancellationToken)
    {
        using var keypair = await wallets.OpenAsync(wallet, cancellationToken);
        if (keypair is null)
        {
            return false;
        }

        var message = transaction.Message;
        if (message.FeePayer == keypair.PublicKey || !message.Instructions.All(i => IsAllowed(message, i)))
        {
            throw new InvalidOperationException("A managed wallet signs orders and retirements alone.");
        }

        _ = transaction.PartialSign(keypair);
        return true;
    }

    private bool IsAllowed(Message message, CompiledInstruction instruction)
    {
        var program = message.Accounts[instruction.ProgramIndex];
        return program == _trading
            || program == ComputeBudgetProgram.Id
            || (program == _energyToken
                && instruction.Data.Length >= Discriminator.Length
                && Discriminator.Read(instruction.Data.Span) == Retire);
    }
}

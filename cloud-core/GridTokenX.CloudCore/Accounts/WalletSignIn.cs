using System.Text;
using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using Npgsql;

namespace GridTokenX.CloudCore.Accounts;

internal static class WalletSignIn
{
    internal static IResult Nonce(NonceRequest request, SignInMessage messages)
    {
        var (message, nonce, expiresAt) = messages.Create(request.Wallet);
        return Results.Ok(new SignInMessageView(message, nonce, expiresAt));
    }

    /// <summary>What is counted for those whom nobody knows.</summary>
    internal static string Strangers(HttpContext context) => $"strangers:{ClientAddress.Of(context)}";

    /// <summary>A wallet that nobody has registered may sign in as well, so as to register.</summary>
    internal static async Task<IResult> SignInAsync(
        WalletSignInRequest request,
        HttpContext context,
        SignInMessage messages,
        NpgsqlDataSource database,
        SignInGuard guard,
        AccountsOptions options,
        OperatorIdentity operators,
        SessionStart sessions,
        CancellationToken cancellationToken)
    {
        if (messages.Recognise(request.Wallet, request.Message) is not { } recognised)
        {
            return Problems.Of(
                ProblemCodes.SignInFailed, "The message is not one of ours for this wallet, or has expired.");
        }

        if (!Ed25519.Verify(request.Wallet, Encoding.UTF8.GetBytes(request.Message), request.Signature))
        {
            return Problems.Of(ProblemCodes.SignInFailed, "The signature does not verify.");
        }

        // After the signature: nobody else can use up what a wallet may do.
        var isKnown = request.Wallet == operators.Key
            || await database.FirstOrDefaultAsync<bool>(
                "select exists (select from users where wallet = @Wallet or access_key = @Wallet)",
                new { request.Wallet },
                cancellationToken);
        var wait = isKnown
            ? await guard.WithinADayAsync($"wallet:{request.Wallet}", options.SignInsOfWallet, cancellationToken)
            : await guard.WithinADayAsync(
                Strangers(context), options.StrangersOfAddress, cancellationToken);
        if (wait is { } longest)
        {
            return Problems.Of(ProblemCodes.SignInLocked, null, longest);
        }

        var isFirst = await database.TransactAsync(
            unit => unit.Transaction.ExecuteAsync(
                "insert into used_nonces (nonce, expires_at) values (@Nonce, @ExpiresAt) on conflict do nothing",
                new { recognised.Nonce, recognised.ExpiresAt },
                cancellationToken),
            cancellationToken) == 1;
        return isFirst
            ? await sessions.BeginAsync(context, request.Wallet, "wallet", request.Cookie, isKnown, cancellationToken)
            : Problems.Of(ProblemCodes.SignInFailed, "The message was used before.");
    }
}

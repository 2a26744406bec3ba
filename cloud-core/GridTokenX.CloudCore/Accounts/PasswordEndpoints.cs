using System.Globalization;
using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Registration;
using GridTokenX.Protocol.Api;

namespace GridTokenX.CloudCore.Accounts;

internal static class PasswordEndpoints
{
    internal static async Task<IResult> RegisterAsync(
        RegisterAccountRequest request,
        HttpContext context,
        PasswordAccounts accounts,
        SignInGuard guard,
        CancellationToken cancellationToken)
    {
        if (Passwords.Normalise(request.Email) is not { } email)
        {
            return Problems.Of(ProblemCodes.MalformedRequest, "email is an address of at most 254 characters.");
        }

        if (RegistrationForms.Fault(new RegisterUserRequest(request.Name, request.Role)) is { } fault)
        {
            return Problems.Of(ProblemCodes.MalformedRequest, fault);
        }

        if (Passwords.FaultOf(request.Password, email) is { } weak)
        {
            return Problems.Of(ProblemCodes.WeakPassword, weak);
        }

        if (await LockedAsync(context, guard, $"letters:{email}", cancellationToken) is { } locked)
        {
            return locked;
        }

        await accounts.RegisterAsync(email, request.Password, request.Name, request.Role, cancellationToken);
        return Results.Accepted();
    }

    internal static async Task<IResult> VerifyAsync(
        VerifyAccountRequest request,
        HttpContext context,
        PasswordAccounts accounts,
        SignInGuard guard,
        CancellationToken cancellationToken)
    {
        var attempt = $"verify:{Convert.ToHexString(OpaqueToken.Hash(request.Token))}";
        if (await LockedAsync(context, guard, attempt, cancellationToken) is { } locked)
        {
            return locked;
        }

        if (!await accounts.VerifyAsync(request.Token, request.Password, cancellationToken))
        {
            return Problems.Of(ProblemCodes.OneTimeTokenInvalid);
        }

        await guard.SucceededAsync(attempt, ClientAddress.Of(context), cancellationToken);
        return Results.NoContent();
    }

    internal static async Task<IResult> SignInAsync(
        PasswordSignInRequest request,
        HttpContext context,
        PasswordAccounts accounts,
        SignInGuard guard,
        SessionStart sessions,
        CancellationToken cancellationToken)
    {
        var email = Passwords.Normalise(request.Email) ?? string.Empty;
        if (await LockedAsync(context, guard, email, cancellationToken) is { } locked)
        {
            return locked;
        }

        if (await accounts.SignInAsync(email, request.Password, cancellationToken) is not { } account)
        {
            return Problems.Of(ProblemCodes.SignInFailed, "The address or the password is wrong.");
        }

        await guard.SucceededAsync(email, ClientAddress.Of(context), cancellationToken);
        return await sessions.BeginAsync(
            context, account.AccessKey, "password", request.Cookie, isKnown: true, cancellationToken);
    }

    internal static async Task<IResult> ForgotAsync(
        ForgotPasswordRequest request,
        HttpContext context,
        PasswordAccounts accounts,
        SignInGuard guard,
        CancellationToken cancellationToken)
    {
        if (Passwords.Normalise(request.Email) is not { } email)
        {
            return Problems.Of(ProblemCodes.MalformedRequest, "email is an address of at most 254 characters.");
        }

        if (await LockedAsync(context, guard, $"letters:{email}", cancellationToken) is { } locked)
        {
            return locked;
        }

        await accounts.ForgotAsync(email, cancellationToken);
        return Results.Accepted();
    }

    internal static async Task<IResult> ResetAsync(
        ResetPasswordRequest request,
        HttpContext context,
        PasswordAccounts accounts,
        SignInGuard guard,
        CancellationToken cancellationToken)
    {
        var attempt = $"reset:{ClientAddress.Of(context)}";
        if (await LockedAsync(context, guard, attempt, cancellationToken) is { } locked)
        {
            return locked;
        }

        if (await accounts.EmailOfResetAsync(request.Token, cancellationToken) is not { } email)
        {
            return Problems.Of(ProblemCodes.OneTimeTokenInvalid);
        }

        if (Passwords.FaultOf(request.Password, email) is { } weak)
        {
            return Problems.Of(ProblemCodes.WeakPassword, weak);
        }

        return await accounts.ResetAsync(
            request.Token, request.Password, ClientAddress.Of(context), cancellationToken)
            ? Results.NoContent()
            : Problems.Of(ProblemCodes.OneTimeTokenInvalid);
    }

    internal static async Task<IResult> ChangeAsync(
        ChangePasswordRequest request,
        HttpContext context,
        PasswordAccounts accounts,
        Passwords passwords,
        SignInGuard guard,
        CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        if (await accounts.FindAsync(caller.Key, cancellationToken) is not { } account)
        {
            return Problems.Of(ProblemCodes.NotFound, "This account has no password.");
        }

        if (await LockedAsync(context, guard, account.Email, cancellationToken) is { } locked)
        {
            return locked;
        }

        if (!await passwords.VerifyAsync(account.PasswordHash, request.Password, cancellationToken))
        {
            return Problems.Of(ProblemCodes.Forbidden, "The present password is wrong.");
        }

        var address = ClientAddress.Of(context);
        await guard.SucceededAsync(account.Email, address, cancellationToken);
        if (Passwords.FaultOf(request.NewPassword, account.Email) is { } weak)
        {
            return Problems.Of(ProblemCodes.WeakPassword, weak);
        }

        await accounts.ChangeAsync(account, request.NewPassword, caller.Session, address, cancellationToken);
        return Results.NoContent();
    }

    private static async Task<IResult?> LockedAsync(
        HttpContext context, SignInGuard guard, string subject, CancellationToken cancellationToken)
    {
        if (await guard.AttemptAsync(subject, ClientAddress.Of(context), cancellationToken) is not { } wait)
        {
            return null;
        }

        var seconds = (long)Math.Ceiling(wait.TotalSeconds);
        return Problems.Of(
            ProblemCodes.SignInLocked,
            string.Create(CultureInfo.InvariantCulture, $"Again in {seconds} seconds."),
            TimeSpan.FromSeconds(seconds));
    }
}

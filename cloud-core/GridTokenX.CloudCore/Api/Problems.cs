using System.Globalization;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;

namespace GridTokenX.CloudCore.Api;

/// <summary>Error answers, RFC 9457. Status and title belong to the code.</summary>
public static class Problems
{
    private static readonly Dictionary<string, (int Status, string Title)> Table = new(StringComparer.Ordinal)
    {
        [ProblemCodes.MalformedRequest] = (400, "The request cannot be read."),
        [ProblemCodes.RequestTooLarge] = (413, "The request is too large."),
        [ProblemCodes.NotFound] = (404, "There is no such thing."),
        [ProblemCodes.MethodNotAllowed] = (405, "The address does not take this method."),
        [ProblemCodes.NotSigned] = (401, "The request is not signed."),
        [ProblemCodes.MalformedSignature] = (401, "The signature headers cannot be read."),
        [ProblemCodes.SignatureNotFresh] = (401, "The signature is too old, or from the future."),
        [ProblemCodes.DigestMismatch] = (401, "The body is not the one that was signed."),
        [ProblemCodes.BadSignature] = (401, "The signature does not verify."),
        [ProblemCodes.Forbidden] = (403, "The signer may not do this."),
        [ProblemCodes.IdempotencyKeyRequired] = (400, "The request needs an Idempotency-Key header."),
        [ProblemCodes.IdempotencyKeyReused] = (422, "The Idempotency-Key was used with another request."),
        [ProblemCodes.ClockNotSet] = (503, "The simulation has not set the clock yet."),
        [ProblemCodes.ClockBehind] = (409, "The simulation's clock does not go back."),
        [ProblemCodes.DatabaseUnavailable] = (503, "The database does not answer."),
        [ProblemCodes.ChainUnavailable] = (503, "The chain does not answer."),
        [ProblemCodes.Overloaded] = (503, "There is too much to do; nothing of this request was done."),
        [ProblemCodes.TooManyRequests] = (429, "Too many requests."),
        [ProblemCodes.InternalError] = (500, "Something is wrong here."),

        [ProblemCodes.WalletRegistered] = (409, "The wallet is registered with other data."),
        [ProblemCodes.TooManyMeters] = (409, "The owner has too many meters."),
        [ProblemCodes.MeterRegistered] = (409, "The meter is registered with other data."),
        [ProblemCodes.DeviceRegistered] = (409, "The device is registered for another meter."),
        [ProblemCodes.UnknownGateway] = (422, "The gateway is not registered."),
        [ProblemCodes.BadConsent] = (422, "The device has not signed this registration."),
        [ProblemCodes.WalletNotManaged] = (409, "The server does not hold this wallet's key."),

        [ProblemCodes.MeterRevoked] = (409, "The meter is out of service."),

        [ProblemCodes.TooManyClaims] = (429, "The owner has too many open claims."),
        [ProblemCodes.TooManyGateways] = (409, "The owner has too many gateways."),
        [ProblemCodes.TooManyAttempts] = (429, "Too many wrong codes; try again later."),
        [ProblemCodes.UnknownClaim] = (422, "There is no such claim code."),
        [ProblemCodes.ClaimExpired] = (422, "The claim code has expired."),
        [ProblemCodes.ClaimUsed] = (409, "The claim code has been used."),
        [ProblemCodes.GatewayClaimed] = (409, "The gateway belongs to somebody else."),
        [ProblemCodes.GatewayInUse] = (409, "There are meters at the gateway."),
        [ProblemCodes.PairingClosed] = (403, "The gateway may not register meters now."),

        [ProblemCodes.MalformedReading] = (400, "The reading cannot be read."),
        [ProblemCodes.UnknownDevice] = (404, "The device is not registered."),
        [ProblemCodes.UserNotVerified] = (403, "The user is not verified."),
        [ProblemCodes.InvalidWallet] = (422, "The wallet is not the owner's."),
        [ProblemCodes.DeviceRevoked] = (403, "The device was revoked."),
        [ProblemCodes.DeviceReplaced] = (409, "Another device has taken over the meter."),
        [ProblemCodes.DeviceMoved] = (409, "The device speaks through another gateway."),
        [ProblemCodes.TimeNotSynchronised] = (422, "The device does not know the time."),
        [ProblemCodes.TooOld] = (422, "The reading is too old."),
        [ProblemCodes.InFuture] = (422, "The reading lies in the future."),
        [ProblemCodes.SequenceReused] = (409, "The sequence number is not above the last accepted one."),
        [ProblemCodes.RegisterRegression] = (422, "A register went back."),
        [ProblemCodes.RateLimited] = (429, "The reading follows the previous one too closely."),
        [ProblemCodes.EnergyOutOfRange] = (422, "More energy than a meter can count in this time."),
        [ProblemCodes.AmountMismatch] = (422, "The amount is not the net energy since the previous reading."),

        [ProblemCodes.InvalidOrder] = (422, "The order is not valid."),
        [ProblemCodes.InvalidAmount] = (422, "The amount is not valid."),
        [ProblemCodes.InvalidPrice] = (422, "The price is not valid."),
        [ProblemCodes.InvalidTimeInForce] = (422, "The time in force is not valid."),
        [ProblemCodes.InvalidExpiry] = (422, "The expiry is not valid."),
        [ProblemCodes.UnknownZone] = (422, "There is no such grid zone."),
        [ProblemCodes.UnknownOrder] = (404, "There is no such order."),
        [ProblemCodes.OrderNotActive] = (409, "The order is not active."),
        [ProblemCodes.SelfTradingNotAllowed] = (422, "Nobody trades with himself."),
        [ProblemCodes.InsufficientBalance] = (422, "The wallet does not hold enough."),
        [ProblemCodes.TooManyOrders] = (429, "The wallet has too many open orders."),
        [ProblemCodes.PriceOutOfBounds] = (422, "The price is outside the market's bounds."),
        [ProblemCodes.NotYetOnChain] = (409, "The chain does not know the user or the meter yet."),
        [ProblemCodes.TransactionRequired] = (422, "The wallet is its owner's: the order needs a signed transaction."),
        [ProblemCodes.InvalidTransaction] = (422, "The transaction is not the one that the order needs."),
        [ProblemCodes.OrderIdUsed] = (409, "The wallet has used the order's id before."),
        [ProblemCodes.MarketBusy] = (503, "The market has more to do than it can; try again."),

        [ProblemCodes.SignInFailed] = (401, "Signing in has failed."),
        [ProblemCodes.SignInLocked] = (429, "There were too many attempts; try again later."),
        [ProblemCodes.TokenInvalid] = (401, "The access token is not valid, or has expired."),
        [ProblemCodes.RefreshTokenInvalid] = (401, "The refresh token is not valid, or was used."),
        [ProblemCodes.CsrfTokenMissing] = (403, "A refresh with the cookie needs the session's X-CSRF-Token."),
        [ProblemCodes.SignatureRequired] = (403, "This needs a request signed by the access key, not a token."),
        [ProblemCodes.WeakPassword] = (422, "The password is too easy to guess."),
        [ProblemCodes.OneTimeTokenInvalid] = (422, "The token of the letter is not valid, or was used."),

        [ProblemCodes.Maintenance] = (503, "The market takes no new orders at the moment."),

        [ProblemCodes.TooManyConnections] = (429, "There are too many connections."),
    };

    /// <param name="retryAfter">When the same request may succeed, whole seconds; null where nobody knows.</param>
    /// <exception cref="KeyNotFoundException">A code that is not in the table.</exception>
    public static IResult Of(string code, string? detail = null, TimeSpan? retryAfter = null)
    {
        var (status, title) = Table[code];
        return new ProblemResult(
            new Problem($"urn:gridtokenx:problem:{code}", title, status, code, detail), retryAfter);
    }

    internal static int StatusOf(string code) => Table[code].Status;

    internal static string TitleOf(string code) => Table[code].Title;

    private sealed class ProblemResult(Problem problem, TimeSpan? retryAfter) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = problem.Status;
            httpContext.Response.Headers[ApiVersion.Header] = ApiVersion.Current;
            if (retryAfter is { } wait)
            {
                httpContext.Response.Headers.RetryAfter =
                    ((long)wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            }

            if (problem.Status == StatusCodes.Status401Unauthorized)
            {
                httpContext.Response.Headers.WWWAuthenticate = "Signature, Bearer";
            }

            return httpContext.Response.WriteAsJsonAsync(
                problem, ProtocolJson.Default.Problem, "application/problem+json", httpContext.RequestAborted);
        }
    }
}

using System.Text.Json.Serialization;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.Protocol.Api;

/// <summary><c>POST /api/auth/nonce</c>: which key wants to sign in.</summary>
public sealed record NonceRequest(Key32 Wallet);

/// <param name="Message">To be signed as it stands, UTF-8; in the form of Sign-In-With-Solana.</param>
/// <param name="Nonce">Of the message; good once.</param>
/// <param name="ExpiresAt">Until then the signed message is taken.</param>
public sealed record SignInMessageView(string Message, string Nonce, DateTimeOffset ExpiresAt);

/// <summary><c>POST /api/auth/wallet</c>.</summary>
/// <param name="Wallet">The key that signed: a wallet, or the access key of a managed one.</param>
/// <param name="Message">The text from <c>/api/auth/nonce</c>.</param>
/// <param name="Signature">Ed25519 over its bytes, Base58.</param>
/// <param name="Cookie">The refresh token comes in a cookie that scripts cannot read, not in the answer.</param>
public sealed record WalletSignInRequest(
    Key32 Wallet,
    string Message,
    [property: JsonConverter(typeof(Base58SignatureJsonConverter))] byte[] Signature,
    bool Cookie = false);

/// <summary><c>POST /api/auth/register</c>: answered the same whether the address is known or not.</summary>
/// <param name="Email">Where the one-time token goes.</param>
/// <param name="Password">10 to 128 characters.</param>
/// <param name="Name">1–80 characters.</param>
/// <param name="Role"><c>prosumer</c> or <c>consumer</c>.</param>
public sealed record RegisterAccountRequest(string Email, string Password, string Name, string Role);

/// <summary><c>POST /api/auth/verify</c>: the token of the letter, and the password of that registration.</summary>
public sealed record VerifyAccountRequest(string Token, string Password);

/// <summary><c>POST /api/auth/password</c>.</summary>
public sealed record PasswordSignInRequest(string Email, string Password, bool Cookie = false);

/// <summary><c>POST /api/auth/password/forgot</c>: answered the same whether the address is known or not.</summary>
public sealed record ForgotPasswordRequest(string Email);

/// <summary><c>POST /api/auth/password/reset</c>: ends every session of the account.</summary>
public sealed record ResetPasswordRequest(string Token, string Password);

/// <summary><c>POST /api/auth/password/change</c>: ends every other session of the account.</summary>
public sealed record ChangePasswordRequest(string Password, string NewPassword);

/// <summary>
/// <c>POST /api/auth/refresh</c>; <c>{}</c> with the cookie, whose X-CSRF-Token header must come with it.
/// </summary>
public sealed record RefreshRequest(string? RefreshToken = null);

/// <summary>A session, begun or refreshed.</summary>
/// <param name="AccessToken">For <c>Authorization: Bearer</c>.</param>
/// <param name="ExpiresAt">Of the access token.</param>
/// <param name="RefreshToken">Good once; null when it is in the cookie.</param>
/// <param name="CsrfToken">For the header X-CSRF-Token of a refresh with the cookie; null without one.</param>
/// <param name="Session">Names it in the list of sessions.</param>
/// <param name="AccessKey">Whose requests the token stands for.</param>
/// <param name="Roles">See <c>GET /api/auth/me</c>.</param>
public sealed record SessionTokens(
    string AccessToken,
    DateTimeOffset ExpiresAt,
    string? RefreshToken,
    string? CsrfToken,
    Guid Session,
    Key32 AccessKey,
    IReadOnlyList<string> Roles);

/// <summary><c>GET /api/auth/me</c>.</summary>
/// <param name="AccessKey">Whose requests these are.</param>
/// <param name="UserId">Null before <c>POST /api/users</c>.</param>
/// <param name="Roles">Of <c>consumer prosumer ami operator admin</c>.</param>
/// <param name="Session">Null when the request was signed.</param>
public sealed record WhoAmI(Key32 AccessKey, Guid? UserId, IReadOnlyList<string> Roles, Guid? Session);

/// <param name="Id">For <c>DELETE /api/auth/sessions/{id}</c>.</param>
/// <param name="Method"><c>wallet</c> or <c>password</c>.</param>
/// <param name="CreatedAt">Wall time, as the others.</param>
/// <param name="LastUsedAt">The newest refresh.</param>
/// <param name="ExpiresAt">Then it ends without a sign-out.</param>
/// <param name="Address">From where it was begun.</param>
/// <param name="UserAgent">What the browser says of itself, shortened.</param>
/// <param name="Current">The one of this request.</param>
public sealed record SessionView(
    Guid Id,
    string Method,
    DateTimeOffset CreatedAt,
    DateTimeOffset LastUsedAt,
    DateTimeOffset ExpiresAt,
    string Address,
    string? UserAgent,
    bool Current);

public sealed record SessionList(IReadOnlyList<SessionView> Sessions);

/// <summary><c>PUT /api/admin/users/{id}/roles</c>: all the further roles that the user is to have.</summary>
/// <param name="Roles">Of <c>ami operator admin</c>.</param>
public sealed record RolesRequest(IReadOnlyList<string> Roles);

public sealed record UserRoles(Guid UserId, IReadOnlyList<string> Roles);

/// <summary>A letter that waits for its delivery; <c>GET /api/admin/letters</c>.</summary>
public sealed record LetterView(Guid Id, string Recipient, string Subject, string Body, DateTimeOffset CreatedAt);

public sealed record LetterList(IReadOnlyList<LetterView> Letters);

/// <param name="Number">From 1, without gaps.</param>
/// <param name="At">Wall time.</param>
/// <param name="Actor">A key in Base58, or what stands for somebody unknown.</param>
/// <param name="Action">What was done.</param>
/// <param name="Subject">To whom or what.</param>
/// <param name="Detail">Never a secret.</param>
/// <param name="Address">From where.</param>
/// <param name="Hash">SHA-256, hexadecimal; covers the one before.</param>
public sealed record AuditEntryView(
    long Number,
    DateTimeOffset At,
    string Actor,
    string Action,
    string? Subject,
    string? Detail,
    string? Address,
    string Hash);

/// <summary><c>GET /api/operator/audit</c>, newest first.</summary>
public sealed record AuditPage(IReadOnlyList<AuditEntryView> Entries, string? Next);

/// <summary><c>GET /api/operator/audit/verify</c>.</summary>
/// <param name="Intact">Every entry follows from the one before, and is sealed by this server's key.</param>
/// <param name="Entries">How many were read.</param>
/// <param name="BrokenAt">The first that does not fit.</param>
/// <param name="HeadHash">Of the last entry: to be kept elsewhere, and asked for later.</param>
public sealed record AuditReport(bool Intact, long Entries, long? BrokenAt, string? HeadHash);

/// <summary>
/// <c>POST /api/trading/orders/prepare</c>: the transaction of an order for a wallet of one's own, to be signed.
/// Either <c>side</c>, <c>amount_kwh</c> and <c>price_per_kwh</c>, or the listed sell order that is to be taken.
/// </summary>
/// <param name="Side"><c>sell</c> or <c>buy</c>; left out with an order to take.</param>
/// <param name="AmountKwh">As of any order.</param>
/// <param name="PricePerKwh">As of any order; left out with an order to take.</param>
/// <param name="OrderId">The listed sell order.</param>
/// <param name="ExpiresAt">As of any order.</param>
public sealed record PrepareOrderRequest(
    string? Side = null,
    decimal? AmountKwh = null,
    decimal? PricePerKwh = null,
    Guid? OrderId = null,
    DateTimeOffset? ExpiresAt = null);

/// <param name="ChainOrderId">The order's number on chain.</param>
/// <param name="Transaction">Base64: the whole transaction with an empty signature, for wallets that sign
/// transactions; signed it goes into <c>transaction</c> of the order.</param>
/// <param name="Message">Base64: its bytes to be signed; for keys that sign bytes.</param>
/// <param name="Wallet">Signs and pays.</param>
/// <param name="AmountKwh">Of the order.</param>
/// <param name="PricePerKwh">Of the order.</param>
/// <param name="ExpiresAt">Of the order; goes into the request that brings it.</param>
/// <param name="LastValidBlockHeight">After that block nobody takes the transaction any more.</param>
public sealed record PreparedOrder(
    string ChainOrderId,
    string Transaction,
    string Message,
    Key32 Wallet,
    decimal AmountKwh,
    decimal PricePerKwh,
    DateTimeOffset ExpiresAt,
    long LastValidBlockHeight);

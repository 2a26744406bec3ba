namespace GridTokenX.Protocol.Api;

/// <summary>An error answer, RFC 9457 (application/problem+json), with a stable <paramref name="Code"/>.</summary>
public sealed record Problem(string Type, string Title, int Status, string Code, string? Detail);

/// <summary>The stable codes. New ones may come; these never change their meaning.</summary>
public static class ProblemCodes
{
    // Requests
    public const string MalformedRequest = "malformed_request";
    public const string RequestTooLarge = "request_too_large";
    public const string NotFound = "not_found";
    public const string MethodNotAllowed = "method_not_allowed";
    public const string NotSigned = "not_signed";
    public const string MalformedSignature = "malformed_signature";
    public const string SignatureNotFresh = "signature_not_fresh";
    public const string DigestMismatch = "digest_mismatch";
    public const string BadSignature = "bad_signature";
    public const string Forbidden = "forbidden";
    public const string IdempotencyKeyRequired = "idempotency_key_required";
    public const string IdempotencyKeyReused = "idempotency_key_reused";
    public const string ClockNotSet = "clock_not_set";
    public const string ClockBehind = "clock_behind";
    public const string DatabaseUnavailable = "database_unavailable";
    public const string ChainUnavailable = "chain_unavailable";
    public const string Overloaded = "overloaded";
    public const string TooManyRequests = "too_many_requests";
    public const string InternalError = "internal_error";

    // Registration
    public const string WalletRegistered = "wallet_registered";
    public const string MeterRegistered = "meter_registered";
    public const string DeviceRegistered = "device_registered";
    public const string TooManyMeters = "too_many_meters";
    public const string UnknownGateway = "unknown_gateway";
    public const string BadConsent = "bad_consent";
    public const string WalletNotManaged = "wallet_not_managed";
    public const string MeterRevoked = "meter_revoked";

    // Claims and pairing
    public const string TooManyClaims = "too_many_claims";
    public const string TooManyGateways = "too_many_gateways";
    public const string TooManyAttempts = "too_many_attempts";
    public const string UnknownClaim = "unknown_claim";
    public const string ClaimExpired = "claim_expired";
    public const string ClaimUsed = "claim_used";
    public const string GatewayClaimed = "gateway_claimed";
    public const string GatewayInUse = "gateway_in_use";
    public const string PairingClosed = "pairing_closed";

    // Readings; docs/PROTOCOL.md has the order in which they are checked
    public const string MalformedReading = "malformed_reading";
    public const string UnknownDevice = "unknown_device";
    public const string UserNotVerified = "user_not_verified";
    public const string InvalidWallet = "invalid_wallet";
    public const string DeviceRevoked = "device_revoked";
    public const string DeviceReplaced = "device_replaced";
    public const string DeviceMoved = "device_moved";
    public const string TimeNotSynchronised = "time_not_synchronised";
    public const string TooOld = "too_old";
    public const string InFuture = "in_future";
    public const string SequenceReused = "sequence_reused";
    public const string RegisterRegression = "register_regression";
    public const string RateLimited = "rate_limited";
    public const string EnergyOutOfRange = "energy_out_of_range";
    public const string AmountMismatch = "amount_mismatch";

    // Orders
    public const string InvalidOrder = "invalid_order";
    public const string InvalidAmount = "invalid_amount";
    public const string InvalidPrice = "invalid_price";
    public const string InvalidTimeInForce = "invalid_time_in_force";
    public const string InvalidExpiry = "invalid_expiry";
    public const string UnknownZone = "unknown_zone";
    public const string UnknownOrder = "unknown_order";
    public const string OrderNotActive = "order_not_active";
    public const string SelfTradingNotAllowed = "self_trading_not_allowed";
    public const string InsufficientBalance = "insufficient_balance";
    public const string TooManyOrders = "too_many_orders";
    public const string PriceOutOfBounds = "price_out_of_bounds";
    public const string NotYetOnChain = "not_yet_on_chain";
    public const string TransactionRequired = "transaction_required";
    public const string InvalidTransaction = "invalid_transaction";
    public const string OrderIdUsed = "order_id_used";
    public const string MarketBusy = "market_busy";

    // Accounts
    public const string SignInFailed = "sign_in_failed";
    public const string SignInLocked = "sign_in_locked";
    public const string TokenInvalid = "token_invalid";
    public const string RefreshTokenInvalid = "refresh_token_invalid";
    public const string CsrfTokenMissing = "csrf_token_missing";
    public const string SignatureRequired = "signature_required";
    public const string WeakPassword = "weak_password";
    public const string OneTimeTokenInvalid = "one_time_token_invalid";

    // Operations
    public const string Maintenance = "maintenance";

    // Live data
    public const string TooManyConnections = "too_many_connections";
}

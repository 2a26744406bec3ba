using System.Security.Claims;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace GridTokenX.CloudCore.Accounts;

/// <summary>
/// Short-lived JSON Web Tokens (RFC 7519), ES256. A token names a session, and the session is looked up: what a token
/// says of its roles is for the page, not for us.
/// </summary>
internal sealed class AccessTokens(TokenKeys keys, AccountsOptions options, WallTime wall)
{
    internal const string Audience = "gridtokenx-api";
    private const int MaxLength = 4096;
    private static readonly TimeSpan Leeway = TimeSpan.FromSeconds(30);

    private const int MaxVerified = 50_000;

    // By the hash of the token: that it was signed by us stays true while we know the key, and costs more than all else
    // that is asked of a token. Its times are looked at each time, and so is its session.
    private readonly Remembered<Key32, VerifiedToken> _verified = new(MaxVerified);

    private sealed record VerifiedToken(Guid Session, string KeyId, DateTime ValidFrom, DateTime ValidTo)
    {
        internal (Guid Session, DateTimeOffset ExpiresAt) SessionAndEnd =>
            (Session, new DateTimeOffset(ValidTo, TimeSpan.Zero));
    }

    private readonly JsonWebTokenHandler _handler = new()
    {
        MaximumTokenSizeInBytes = MaxLength,
        MapInboundClaims = false,
        SetDefaultTimesOnTokenCreation = false,
    };

    internal (string Token, DateTimeOffset ExpiresAt) Issue(Guid session, Key32 accessKey, Roles roles)
    {
        var now = wall.UtcNow;
        var expiresAt = now + options.AccessTokenLifetime;
        var token = _handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = options.Origin,
            Audience = Audience,
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = expiresAt.UtcDateTime,
            Subject = new ClaimsIdentity([new(JwtRegisteredClaimNames.Sub, accessKey.ToString())]),
            Claims = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                [JwtRegisteredClaimNames.Sid] = session.ToString(),
                ["roles"] = RoleNames.Of(roles).ToArray(),
            },
            SigningCredentials = new SigningCredentials(keys.Current, SecurityAlgorithms.EcdsaSha256),
        });
        return (token, expiresAt);
    }

    /// <summary>The session that a valid token names, and when the token ends; null otherwise.</summary>
    internal ValueTask<(Guid Session, DateTimeOffset ExpiresAt)?> SessionOfAsync(string token)
    {
        if (token.Length > MaxLength)
        {
            return default;
        }

        var name = new Key32(OpaqueToken.Hash(token));
        if (!_verified.TryGet(name, out var known) || !keys.Knows(known.KeyId))
        {
            return new ValueTask<(Guid Session, DateTimeOffset ExpiresAt)?>(VerifyAsync(token, name));
        }

        return IsNow(known.ValidFrom, known.ValidTo)
            ? new ValueTask<(Guid Session, DateTimeOffset ExpiresAt)?>(known.SessionAndEnd)
            : default;
    }

    private async Task<(Guid Session, DateTimeOffset ExpiresAt)?> VerifyAsync(string token, Key32 name)
    {
        var result = await _handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = options.Origin,
            ValidAudience = Audience,
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            ValidTypes = ["JWT"],
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            IssuerSigningKeyResolver = (_, _, id, _) => keys.WithId(id),
            LifetimeValidator = (from, until, _, _) => IsNow(from, until),
        });
        if (!result.IsValid
            || !result.Claims.TryGetValue(JwtRegisteredClaimNames.Sid, out var claim)
            || !Guid.TryParse(claim as string, out var session))
        {
            return null;
        }

        var verified = new VerifiedToken(
            session,
            ((JsonWebToken)result.SecurityToken).Kid,
            result.SecurityToken.ValidFrom,
            result.SecurityToken.ValidTo);
        _verified.Set(name, verified);
        return verified.SessionAndEnd;
    }

    private bool IsNow(DateTime? from, DateTime? until)
    {
        var now = wall.UtcNow.UtcDateTime;
        return until is { } end && now < end && (from is not { } start || now >= start - Leeway);
    }
}

using System.Security.Claims;
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
    internal async Task<(Guid Session, DateTimeOffset ExpiresAt)?> SessionOfAsync(string token)
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
        return result.IsValid
            && result.Claims.TryGetValue(JwtRegisteredClaimNames.Sid, out var claim)
            && Guid.TryParse(claim as string, out var session)
                ? (session, new DateTimeOffset(result.SecurityToken.ValidTo, TimeSpan.Zero))
                : null;
    }

    private bool IsNow(DateTime? from, DateTime? until)
    {
        var now = wall.UtcNow.UtcDateTime;
        return until is { } end && now < end && (from is not { } start || now >= start - Leeway);
    }
}

using GridTokenX.CloudCore.Accounts;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.CloudCore.Api;

/// <summary>Who signed a request, as far as its endpoint needed to know.</summary>
public enum CallerKind
{
    None = 0,
    Wallet,
    Gateway,
    Operator,
}

/// <summary>
/// The verified signer, or whom an access token stands for. On a wallet's endpoint the operator's own key, and a user
/// with that role, shows as <see cref="CallerKind.Operator"/>.
/// </summary>
public sealed record Caller(Key32 Key, CallerKind Kind)
{
    /// <summary>Of a signed request only the further ones: ami, operator, admin.</summary>
    public Roles Roles { get; init; }

    /// <summary>Null when the request was signed.</summary>
    public Guid? Session { get; init; }

    /// <summary>Null when the request was signed, and before the registration.</summary>
    public Guid? UserId { get; init; }

    /// <summary>Null when the request was signed.</summary>
    public DateTimeOffset? TokenExpiresAt { get; init; }
}

internal enum AccessKind
{
    None = 0,
    Public,
    Wallet,
    Gateway,
    AnyGateway,
    Operator,
    Admin,
}

internal sealed record Access(AccessKind Kind);

internal sealed record BodyLimit(int Bytes)
{
    internal const int DefaultBytes = 64 * 1024;
}

internal enum EndpointTrait
{
    None = 0,
    NeedsIdempotencyKey,
    NeedsSignature,
    WithoutDatabase,
    WithoutMarketTime,
    NotTimed,
}

internal sealed record EndpointTraitMetadata(EndpointTrait Trait);

/// <summary>Every endpoint says who may call it; one that does not is refused at start-up.</summary>
public static class AccessExtensions
{
    /// <summary>Anybody, unsigned; the handler decides what of the content it believes.</summary>
    public static T AllowPublic<T>(this T builder)
        where T : IEndpointConventionBuilder => builder.With(new Access(AccessKind.Public));

    /// <summary>
    /// Any wallet key that signed (the operator's too), or an access token; the handler checks whose it is.
    /// </summary>
    public static T RequireWallet<T>(this T builder)
        where T : IEndpointConventionBuilder => builder.With(new Access(AccessKind.Wallet));

    /// <summary>A registered gateway; when the route has a <c>{gateway}</c>, that very one.</summary>
    public static T RequireGateway<T>(this T builder)
        where T : IEndpointConventionBuilder => builder.With(new Access(AccessKind.Gateway));

    /// <summary>The key that the route's <c>{gateway}</c> names, registered or not; the handler decides.</summary>
    public static T RequireAnyGateway<T>(this T builder)
        where T : IEndpointConventionBuilder => builder.With(new Access(AccessKind.AnyGateway));

    public static T RequireOperator<T>(this T builder)
        where T : IEndpointConventionBuilder => builder.With(new Access(AccessKind.Operator));

    /// <summary>The operator's own key, or a user with the role admin.</summary>
    public static T RequireAdmin<T>(this T builder)
        where T : IEndpointConventionBuilder => builder.With(new Access(AccessKind.Admin));

    /// <summary>An access token is not enough: whoever has stolen one must not do this.</summary>
    public static T RequireSignature<T>(this T builder)
        where T : IEndpointConventionBuilder => builder.With(EndpointTrait.NeedsSignature);

    /// <summary>Refuses a request without an Idempotency-Key header of 1–100 printable characters.</summary>
    public static T RequireIdempotencyKey<T>(this T builder)
        where T : IEndpointConventionBuilder => builder.With(EndpointTrait.NeedsIdempotencyKey);

    /// <summary>The most bytes of a body, as sent; 64 KiB where nothing is said.</summary>
    public static T WithBodyLimit<T>(this T builder, int bytes)
        where T : IEndpointConventionBuilder => builder.With(new BodyLimit(bytes));

    /// <summary>Answers even while the database is away or not migrated.</summary>
    public static T WithoutDatabase<T>(this T builder)
        where T : IEndpointConventionBuilder => builder.With(EndpointTrait.WithoutDatabase);

    /// <summary>Answers in a simulation even before the clock has been set.</summary>
    public static T WithoutMarketTime<T>(this T builder)
        where T : IEndpointConventionBuilder => builder.With(EndpointTrait.WithoutMarketTime);

    /// <summary>
    /// Not among the requests that are counted and timed: a stream lasts as long as somebody watches, and a probe that
    /// says "not yet" is no error of the API.
    /// </summary>
    public static T WithoutTiming<T>(this T builder)
        where T : IEndpointConventionBuilder => builder.With(EndpointTrait.NotTimed);

    /// <exception cref="InvalidOperationException">An endpoint does not say who may call it.</exception>
    internal static void CheckEveryEndpointHasAccess(this IEndpointRouteBuilder routes)
    {
        var open = routes.DataSources
            .SelectMany(static source => source.Endpoints)
            .Where(static endpoint => endpoint.Metadata.GetMetadata<Access>() is null)
            .Select(static endpoint => endpoint.DisplayName)
            .ToList();
        if (open.Count > 0)
        {
            throw new InvalidOperationException(
                $"These endpoints do not say who may call them (AllowPublic or Require…): {string.Join(", ", open)}");
        }
    }

    internal static bool Has(this Endpoint endpoint, EndpointTrait trait)
    {
        // Of every request, several times.
        var traits = endpoint.Metadata.GetOrderedMetadata<EndpointTraitMetadata>();
        for (var i = 0; i < traits.Count; i++)
        {
            if (traits[i].Trait == trait)
            {
                return true;
            }
        }

        return false;
    }

    private static T With<T>(this T builder, EndpointTrait trait)
        where T : IEndpointConventionBuilder => builder.With(new EndpointTraitMetadata(trait));

    private static T With<T>(this T builder, object metadata)
        where T : IEndpointConventionBuilder
    {
        builder.Add(endpoint => endpoint.Metadata.Add(metadata));
        return builder;
    }
}

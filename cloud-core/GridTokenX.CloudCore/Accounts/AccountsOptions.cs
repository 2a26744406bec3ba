namespace GridTokenX.CloudCore.Accounts;

/// <summary>Section <c>Accounts</c>.</summary>
public sealed record AccountsOptions
{
    /// <summary>
    /// Where the web page is, <c>https://host[:port]</c>: wallets show its host before they sign, tokens name it, and
    /// with https the cookies are sent over nothing else.
    /// </summary>
    public string Origin { get; init; } = "http://localhost";

    public TimeSpan AccessTokenLifetime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Of a session that nobody ends; every refresh begins it anew.</summary>
    public TimeSpan SessionLifetime { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How long a message for a wallet may be signed.</summary>
    public TimeSpan NonceLifetime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long the token of a letter is good.</summary>
    public TimeSpan LetterLifetime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Attempts of one account before each further one has to wait, twice as long each time.</summary>
    public int FreeAttempts { get; init; } = 5;

    /// <summary>The same for one address (of IPv6, a /64).</summary>
    public int FreeAttemptsOfAddress { get; init; } = 50;

    /// <summary>The longest wait of the two.</summary>
    public TimeSpan LongestLock { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// Sign-ins with keys that nobody has registered, and new users, of one address (of IPv6, a /64) in a day.
    /// </summary>
    public int StrangersOfAddress { get; init; } = 10_000;

    /// <summary>Sign-ins of a registered wallet in a day.</summary>
    public int SignInsOfWallet { get; init; } = 1_000;

    /// <summary>
    /// After that the key that signs tokens is changed; the one before is good until its tokens are not.
    /// </summary>
    public TimeSpan TokenKeyAge { get; init; } = TimeSpan.FromDays(30);

    /// <summary>
    /// Folder from which a mail server takes letters, one .eml file each; null leaves them for the administrator to
    /// hand over.
    /// </summary>
    public string? LetterFolder { get; init; }

    internal Uri OriginUri => new(Origin);

    internal bool IsSecure => OriginUri.Scheme == Uri.UriSchemeHttps;

    internal static IEnumerable<string> Faults(AccountsOptions options)
    {
        if (!Uri.TryCreate(options.Origin, UriKind.Absolute, out var origin)
            || (origin.Scheme != Uri.UriSchemeHttp && origin.Scheme != Uri.UriSchemeHttps)
            || origin.PathAndQuery != "/"
            || options.Origin.EndsWith('/'))
        {
            yield return $"{nameof(Origin)} is {options.Origin}; it is http[s]://host[:port].";
        }

        foreach (var (name, value, least, most) in Spans(options))
        {
            if (value < least || value > most)
            {
                yield return $"{name} is {value}; it goes from {least} to {most}.";
            }
        }

        if (options.FreeAttempts is < 1 or > 100 || options.FreeAttemptsOfAddress is < 1 or > 100_000)
        {
            yield return $"{nameof(FreeAttempts)} goes from 1 to 100, {nameof(FreeAttemptsOfAddress)} to 100000.";
        }

        if (options.StrangersOfAddress is < 1 or > 10_000_000 || options.SignInsOfWallet is < 1 or > 100_000)
        {
            yield return $"{nameof(StrangersOfAddress)} goes from 1 to 10000000, {nameof(SignInsOfWallet)} to 100000.";
        }

        if (options.LetterFolder is { } folder && !Directory.Exists(folder))
        {
            yield return $"{nameof(LetterFolder)}: there is no folder {folder}.";
        }
    }

    private static IEnumerable<(string Name, TimeSpan Value, TimeSpan Least, TimeSpan Most)> Spans(
        AccountsOptions options)
    {
        yield return (nameof(AccessTokenLifetime), options.AccessTokenLifetime, Minutes(1), Minutes(60));
        yield return (nameof(SessionLifetime), options.SessionLifetime, Minutes(60), TimeSpan.FromDays(90));
        yield return (nameof(NonceLifetime), options.NonceLifetime, Minutes(1), Minutes(15));
        yield return (nameof(LetterLifetime), options.LetterLifetime, Minutes(10), TimeSpan.FromDays(7));
        yield return (nameof(LongestLock), options.LongestLock, Minutes(1), Minutes(24 * 60));
        yield return (nameof(TokenKeyAge), options.TokenKeyAge, TimeSpan.FromDays(1), TimeSpan.FromDays(365));
    }

    private static TimeSpan Minutes(int minutes) => TimeSpan.FromMinutes(minutes);
}

using GridTokenX.Solana.Rpc;

namespace GridTokenX.CloudCore.Chain;

/// <summary>Section <c>Solana</c>.</summary>
public sealed record SolanaOptions
{
    /// <summary>JSON-RPC of the cluster (http or https).</summary>
    public string RpcUrl { get; init; } = "";

    /// <summary>
    /// What clients are told to use instead, where <see cref="RpcUrl"/> holds a key or is out of their reach.
    /// </summary>
    public string? PublicRpcUrl { get; init; }

    internal string RpcUrlOfClients => PublicRpcUrl ?? RpcUrl;

    /// <summary>PubSub of the cluster (ws or wss); null where nothing listens.</summary>
    public string? WsUrl { get; init; }

    /// <summary>True on a test net: the platform asks the faucet for SOL when it has too little.</summary>
    public bool AirdropIfPoor { get; init; }

    /// <summary>When a transaction counts as final: <c>Confirmed</c> or, safer and slower, <c>Finalized</c>.</summary>
    public Commitment Commitment { get; init; } = Commitment.Confirmed;

    /// <summary>
    /// How long a failed round waits at first; doubles up to <see cref="MaxBackoff"/>, with full jitter.
    /// </summary>
    public TimeSpan BaseBackoff { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How much later than in the book an order expires on chain, so that the matches of its last moment settle.
    /// </summary>
    public TimeSpan SettlementGrace { get; init; } = TimeSpan.FromHours(24);

    /// <summary>
    /// Settlements up to this number are on chain, and given up here: the database is an older one, and nothing newer
    /// is left of it.
    /// </summary>
    public long LostSettlements { get; init; }

    /// <summary>Where our programs are.</summary>
    public ProgramAddresses Programs { get; init; } = new();

    /// <summary>What the programs are initialised with; afterwards the administrator changes it, on chain.</summary>
    public ProgramSettings Setup { get; init; } = new();

    internal static IEnumerable<string> Faults(SolanaOptions options)
    {
        if (!IsAddress(options.RpcUrl, "http", "https"))
        {
            yield return $"{nameof(RpcUrl)} is missing: the absolute http or https address of a Solana RPC.";
        }

        if (options.PublicRpcUrl is { } told && !IsAddress(told, "http", "https"))
        {
            yield return $"{nameof(PublicRpcUrl)} is not the absolute http or https address of a Solana RPC.";
        }

        if (options.WsUrl is { } pubSub && !IsAddress(pubSub, "ws", "wss"))
        {
            yield return $"{nameof(WsUrl)} is not the absolute ws or wss address of a Solana PubSub.";
        }

        if (options.Commitment is not (Commitment.Confirmed or Commitment.Finalized))
        {
            yield return $"{nameof(Commitment)} is neither Confirmed nor Finalized.";
        }

        if (options.BaseBackoff <= TimeSpan.Zero
            || options.MaxBackoff < options.BaseBackoff
            || options.MaxBackoff > TimeSpan.FromHours(1))
        {
            yield return $"{nameof(BaseBackoff)} is positive, and {nameof(MaxBackoff)} between it and one hour.";
        }

        if (options.SettlementGrace < TimeSpan.FromMinutes(30) || options.SettlementGrace > TimeSpan.FromDays(30))
        {
            yield return $"{nameof(SettlementGrace)} is {options.SettlementGrace}; it goes from 30 minutes to 30 days.";
        }

        if (options.LostSettlements < 0)
        {
            yield return $"{nameof(LostSettlements)} is {options.LostSettlements}; it is 0, or a settlement's number.";
        }

        foreach (var fault in ProgramAddresses.Faults(options.Programs))
        {
            yield return $"{nameof(Programs)}:{fault}";
        }

        foreach (var fault in ProgramSettings.Faults(options.Setup))
        {
            yield return $"{nameof(Setup)}:{fault}";
        }
    }

    private static bool IsAddress(string text, params ReadOnlySpan<string> schemes) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && schemes.Contains(uri.Scheme);
}

using System.Collections.Frozen;

namespace GridTokenX.Programs;

/// <summary>The names of the programs' instructions by their first eight bytes of data.</summary>
public static class InstructionNames
{
    private static readonly string[] Names =
    [
        "initialize", "set_maintenance",
        "update_registry", "register_user", "register_meter", "submit_meter_reading", "submit_meter_readings",
        "get_unsettled_balance", "settle_meter_balance", "settle_and_mint_tokens", "deactivate_meter",
        "mint_from_production", "retire",
        "initialize_market", "update_market", "open_settlement_page", "create_sell_order", "create_buy_order",
        "match_order", "settle_match", "cancel_order", "expire_order", "release_order",
    ];

    private static readonly FrozenDictionary<ulong, string> ByDiscriminator =
        Names.ToFrozenDictionary(Discriminator.OfInstruction);

    /// <summary>Discriminator in lower-case hexadecimal → name. Registry, energy token and trading share some of the
    /// names.</summary>
    public static FrozenDictionary<string, string> ByHex { get; } = Names.ToFrozenDictionary(
        name => Discriminator.ToHex(Discriminator.OfInstruction(name)), StringComparer.Ordinal);

    /// <summary>Null for data that is none of our instructions.</summary>
    public static string? Of(ReadOnlySpan<byte> data) =>
        data.Length >= Discriminator.Length ? ByDiscriminator.GetValueOrDefault(Discriminator.Read(data)) : null;
}

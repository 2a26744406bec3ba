using System.Text.Json;

namespace GridTokenX.Solana.Rpc;

/// <summary>An instruction that a transaction executed: one of its own, or one that a program called.</summary>
/// <param name="Data">Empty when it is longer than a whole transaction, as only that of a call can be.</param>
/// <param name="Height">1 for the transaction's own instructions, one more for each call.</param>
public sealed record ExecutedInstruction(
    PublicKey Program, IReadOnlyList<PublicKey> Accounts, ReadOnlyMemory<byte> Data, int Height)
{
    /// <summary>All of them in the order in which they began, calls after their callers. Unlike the log they are never
    /// cut off; a node that keeps no calls gives the transaction's own only.</summary>
    /// <exception cref="FormatException">The node's answer contradicts itself.</exception>
    public static IReadOnlyList<ExecutedInstruction> Of(ConfirmedTransaction transaction)
    {
        var message = transaction.Transaction.Message;
        List<PublicKey> keys = [.. message.Accounts, .. Loaded(transaction.Meta)];
        var calls = RpcJson.ReadArray(RpcJson.Member(transaction.Meta, "innerInstructions"u8), static list => list)
            .ToLookup(static list => list.GetProperty("index"u8).GetInt32());
        var executed = new List<ExecutedInstruction>();
        for (var i = 0; i < message.Instructions.Count; i++)
        {
            var own = message.Instructions[i];
            executed.Add(new ExecutedInstruction(
                KeyAt(keys, own.ProgramIndex),
                [.. own.Accounts.ToArray().Select(index => KeyAt(keys, index))],
                own.Data,
                Height: 1));
            executed.AddRange(calls[i].SelectMany(
                list => RpcJson.ReadArray(list.GetProperty("instructions"u8), call => Read(call, keys))));
        }

        return executed;
    }

    private static IEnumerable<PublicKey> Loaded(JsonElement meta)
    {
        var loaded = RpcJson.Member(meta, "loadedAddresses"u8);
        return loaded.ValueKind != JsonValueKind.Object
            ? []
            : RpcJson.ReadArray(loaded.GetProperty("writable"u8), RpcJson.ReadKey)
                .Concat(RpcJson.ReadArray(loaded.GetProperty("readonly"u8), RpcJson.ReadKey));
    }

    private static ExecutedInstruction Read(JsonElement call, List<PublicKey> keys) => new(
        KeyAt(keys, call.GetProperty("programIdIndex"u8).GetInt32()),
        RpcJson.ReadArray(call.GetProperty("accounts"u8), index => KeyAt(keys, index.GetInt32())),
        Base58Text.DecodeUpTo(Transaction.MaxLength, call.GetProperty("data"u8).GetString()!),
        RpcJson.Optional(call, "stackHeight"u8, static height => height.GetInt32()) ?? 2);

    private static PublicKey KeyAt(List<PublicKey> keys, int index) => (uint)index < (uint)keys.Count
        ? keys[index]
        : throw new FormatException($"An instruction names account {index} of {keys.Count}.");
}

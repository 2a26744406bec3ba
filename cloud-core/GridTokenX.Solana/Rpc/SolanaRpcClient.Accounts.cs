using System.Text.Json;
using GridTokenX.Solana.Programs;

namespace GridTokenX.Solana.Rpc;

public sealed partial class SolanaRpcClient
{
    private const int MaxAccountsPerRequest = 100;

    /// <summary>Lamports; 0 for an account that does not exist.</summary>
    public Task<ulong> GetBalanceAsync(
        PublicKey account, Commitment? commitment = null, CancellationToken cancellationToken = default) =>
        CallAsync("getBalance", Of(account, commitment),
            result => RpcJson.Value(result).GetUInt64(), cancellationToken);

    /// <summary>Null for an account that does not exist.</summary>
    /// <param name="minContextSlot">A node that has not come so far refuses.</param>
    public Task<AccountInfo?> GetAccountInfoAsync(
        PublicKey account,
        Commitment? commitment = null,
        ulong? minContextSlot = null,
        CancellationToken cancellationToken = default) =>
        CallAsync(
            "getAccountInfo",
            to =>
            {
                to.WriteStringValue(account.ToString());
                WriteAccountConfig(to, commitment, minContextSlot: minContextSlot);
            },
            result => RpcJson.ReadAccount(RpcJson.Value(result)),
            cancellationToken);

    /// <summary>In the order asked for, null for those that do not exist. Asks 100 at a time, so more than that are not
    /// one snapshot.</summary>
    public async Task<IReadOnlyList<AccountInfo?>> GetMultipleAccountsAsync(
        IReadOnlyList<PublicKey> accounts, Commitment? commitment = null,
        CancellationToken cancellationToken = default)
    {
        var all = new List<AccountInfo?>(accounts.Count);
        foreach (var chunk in accounts.Chunk(MaxAccountsPerRequest))
        {
            all.AddRange(await CallAsync(
                "getMultipleAccounts",
                to =>
                {
                    WriteStrings(to, chunk);
                    WriteAccountConfig(to, commitment);
                },
                result => RequireCount(RpcJson.ReadArray(RpcJson.Value(result), RpcJson.ReadAccount), chunk.Length),
                cancellationToken));
        }

        return all;
    }

    /// <summary>The program's accounts that pass every filter; at most four filters.</summary>
    public Task<IReadOnlyList<ProgramAccount>> GetProgramAccountsAsync(
        PublicKey program, IReadOnlyList<AccountFilter>? filters = null, Commitment? commitment = null,
        CancellationToken cancellationToken = default) => CallAsync<IReadOnlyList<ProgramAccount>>(
        "getProgramAccounts",
        to =>
        {
            to.WriteStringValue(program.ToString());
            WriteAccountConfig(to, commitment, filters);
        },
        result => RpcJson.ReadArray(result, RpcJson.ReadProgramAccount),
        cancellationToken);

    public Task<TokenAmount> GetTokenAccountBalanceAsync(
        PublicKey tokenAccount, Commitment? commitment = null, CancellationToken cancellationToken = default) =>
        CallAsync("getTokenAccountBalance", Of(tokenAccount, commitment),
            result => RpcJson.ReadTokenAmount(RpcJson.Value(result)), cancellationToken);

    public Task<TokenAmount> GetTokenSupplyAsync(
        PublicKey mint, Commitment? commitment = null, CancellationToken cancellationToken = default) =>
        CallAsync("getTokenSupply", Of(mint, commitment),
            result => RpcJson.ReadTokenAmount(RpcJson.Value(result)), cancellationToken);

    /// <summary>The owner's SPL token accounts, of one mint or of all.</summary>
    public Task<IReadOnlyList<ProgramAccount>> GetTokenAccountsByOwnerAsync(
        PublicKey owner, PublicKey? mint = null, Commitment? commitment = null,
        CancellationToken cancellationToken = default) => CallAsync<IReadOnlyList<ProgramAccount>>(
        "getTokenAccountsByOwner",
        to =>
        {
            to.WriteStringValue(owner.ToString());
            to.WriteStartObject();
            to.WriteString(mint is null ? "programId"u8 : "mint"u8, (mint ?? TokenProgram.Id).ToString());
            to.WriteEndObject();
            WriteAccountConfig(to, commitment);
        },
        result => RpcJson.ReadArray(RpcJson.Value(result), RpcJson.ReadProgramAccount),
        cancellationToken);

    private Action<Utf8JsonWriter> Of(PublicKey account, Commitment? commitment) => to =>
    {
        to.WriteStringValue(account.ToString());
        Config(commitment)(to);
    };

    private void WriteAccountConfig(
        Utf8JsonWriter to, Commitment? commitment, IReadOnlyList<AccountFilter>? filters = null,
        ulong? minContextSlot = null)
    {
        to.WriteStartObject();
        to.WriteString("encoding"u8, "base64"u8);
        WriteCommitment(to, commitment);
        if (minContextSlot is { } slot)
        {
            to.WriteNumber("minContextSlot"u8, slot);
        }

        if (filters is { Count: > 0 })
        {
            to.WriteStartArray("filters"u8);
            foreach (var filter in filters)
            {
                filter.Write(to);
            }

            to.WriteEndArray();
        }

        to.WriteEndObject();
    }

    private static void WriteStrings<T>(Utf8JsonWriter to, IEnumerable<T> values)
        where T : struct
    {
        to.WriteStartArray();
        foreach (var value in values)
        {
            to.WriteStringValue(value.ToString());
        }

        to.WriteEndArray();
    }

    private static T[] RequireCount<T>(T[] rows, int count) => rows.Length == count
        ? rows
        : throw new FormatException($"{rows.Length} rows came back for {count} asked for.");
}

using System.Text.Json;
using GridTokenX.Solana.Programs;

namespace GridTokenX.Solana.Tests.Vectors;

public sealed class InstructionVectors
{
    [Fact]
    public void Every_instruction_is_the_reference_clients()
    {
        foreach (var row in VectorFile.Read("instructions.json"))
        {
            var built = Build(row.Text("name"), row.GetProperty("args"));
            built.Program.ShouldBe(row.Key("program"), row.Text("name"));
            Convert.ToHexStringLower(built.Data.Span).ShouldBe(row.Text("data"), row.Text("name"));
            built.Accounts.ShouldBe(ReadAccounts(row), row.Text("name"));
        }
    }

    [Fact]
    public void Mints_and_token_accounts_are_read_as_the_reference_client_writes_them()
    {
        foreach (var row in VectorFile.Read("token-accounts.json"))
        {
            if (row.Text("kind") == "mint")
            {
                Mint.Parse(row.Hex("data")).ShouldBe(new Mint(
                    row.OptionalKey("mintAuthority"), row.U64("supply"), (byte)row.U64("decimals"),
                    row.GetProperty("isInitialized").GetBoolean(), row.OptionalKey("freezeAuthority")));
                continue;
            }

            TokenAccount.Parse(row.Hex("data")).ShouldBe(new TokenAccount(
                row.Key("mint"), row.Key("owner"), row.U64("amount"), row.OptionalKey("delegate"),
                (TokenAccountState)row.U64("state"),
                row.GetProperty("isNative").ValueKind == JsonValueKind.Null ? null : row.U64("isNative"),
                row.U64("delegatedAmount"), row.OptionalKey("closeAuthority")));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(81)]
    [InlineData(164)]
    [InlineData(166)]
    [InlineData(355)]
    public void Account_data_of_another_length_is_refused(int length)
    {
        Should.Throw<FormatException>(() => Mint.Parse(new byte[length]));
        Should.Throw<FormatException>(() => TokenAccount.Parse(new byte[length]));
    }

    [Fact]
    public void Account_data_with_impossible_fields_is_refused()
    {
        var mint = new byte[Mint.Length];
        mint[0] = 2;
        Should.Throw<FormatException>(() => Mint.Parse(mint));
        var account = new byte[TokenAccount.Length];
        account[108] = 3;
        Should.Throw<FormatException>(() => TokenAccount.Parse(account));
    }

    private static IEnumerable<AccountMeta> ReadAccounts(JsonElement row) =>
        row.GetProperty("accounts").EnumerateArray().Select(account =>
        {
            var role = account.GetProperty("role").GetInt32();
            return new AccountMeta(account.Key("address"), (role & 2) != 0, (role & 1) != 0);
        });

    private static Instruction Build(string name, JsonElement args)
    {
        PublicKey Key(string field) => args.Key(field);
        ulong Number(string field) => args.U64(field);
        byte Decimals() => (byte)args.U64("decimals");
        return name switch
        {
            "System.CreateAccount" => SystemProgram.CreateAccount(
                Key("payer"), Key("account"), Number("lamports"), Number("space"), Key("owner")),
            "System.Transfer" => SystemProgram.Transfer(Key("source"), Key("destination"), Number("lamports")),
            "System.Allocate" => SystemProgram.Allocate(Key("account"), Number("space")),
            "System.Assign" => SystemProgram.Assign(Key("account"), Key("owner")),
            "Token.InitializeMint2" => TokenProgram.InitializeMint2(
                Key("mint"), Decimals(), Key("mintAuthority"), args.OptionalKey("freezeAuthority")),
            "Token.InitializeAccount3" => TokenProgram.InitializeAccount3(Key("account"), Key("mint"), Key("owner")),
            "Token.Transfer" => TokenProgram.Transfer(
                Key("source"), Key("destination"), Key("authority"), Number("amount")),
            "Token.TransferChecked" => TokenProgram.TransferChecked(
                Key("source"), Key("mint"), Key("destination"), Key("authority"), Number("amount"), Decimals()),
            "Token.MintTo" => TokenProgram.MintTo(Key("mint"), Key("account"), Key("authority"), Number("amount")),
            "Token.MintToChecked" => TokenProgram.MintToChecked(
                Key("mint"), Key("account"), Key("authority"), Number("amount"), Decimals()),
            "Token.Burn" => TokenProgram.Burn(Key("account"), Key("mint"), Key("authority"), Number("amount")),
            "Token.BurnChecked" => TokenProgram.BurnChecked(
                Key("account"), Key("mint"), Key("authority"), Number("amount"), Decimals()),
            "Token.Approve" => TokenProgram.Approve(Key("source"), Key("delegate"), Key("owner"), Number("amount")),
            "Token.ApproveChecked" => TokenProgram.ApproveChecked(
                Key("source"), Key("mint"), Key("delegate"), Key("owner"), Number("amount"), Decimals()),
            "Token.Revoke" => TokenProgram.Revoke(Key("source"), Key("owner")),
            "Token.CloseAccount" => TokenProgram.CloseAccount(Key("account"), Key("destination"), Key("owner")),
            "Token.SetAuthority" => TokenProgram.SetAuthority(
                Key("account"), Key("authority"), Enum.Parse<AuthorityType>(args.Text("type")),
                args.OptionalKey("newAuthority")),
            "AssociatedToken.Create" => AssociatedTokenProgram.Create(Key("payer"), Key("owner"), Key("mint")),
            "AssociatedToken.CreateIdempotent" => AssociatedTokenProgram.CreateIdempotent(
                Key("payer"), Key("owner"), Key("mint")),
            "Memo.AddMemo" => MemoProgram.AddMemo(args.Text("text"), Signers(args)),
            "ComputeBudget.SetComputeUnitLimit" => ComputeBudgetProgram.SetComputeUnitLimit((uint)Number("units")),
            "ComputeBudget.SetComputeUnitPrice" => ComputeBudgetProgram.SetComputeUnitPrice(Number("microLamports")),
            "ComputeBudget.RequestHeapFrame" => ComputeBudgetProgram.RequestHeapFrame((uint)Number("bytes")),
            "ComputeBudget.SetLoadedAccountsDataSizeLimit" =>
                ComputeBudgetProgram.SetLoadedAccountsDataSizeLimit((uint)Number("bytes")),
            "Ed25519.Verify" => Ed25519Program.Verify(
                Key("key"), Signature.Parse(args.Text("signature")), args.Hex("message")),
            _ => throw new InvalidOperationException($"No builder for {name}."),
        };
    }

    private static PublicKey[] Signers(JsonElement args) =>
        [.. args.GetProperty("signers").EnumerateArray().Select(key => PublicKey.Parse(key.GetString()!))];
}

using System.Text.Json;

namespace GridTokenX.Solana.Tests.Vectors;

public sealed class TransactionVectors
{
    public static TheoryData<string> Versions => ["legacy", "0"];

    [Theory]
    [MemberData(nameof(Versions))]
    public void Compiled_messages_are_the_reference_clients(string version)
    {
        foreach (var row in Rows(version))
        {
            Convert.ToHexStringLower(Compile(row).Serialize()).ShouldBe(row.Text("message"));
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Signed_transactions_are_the_reference_clients(string version)
    {
        foreach (var row in Rows(version))
        {
            var transaction = new Transaction(Compile(row)).Sign(Signers(row));
            transaction.Id.ToString().ShouldBe(row.Text("signature"));
            transaction.ToBase64().ShouldBe(row.Text("wire"));
            transaction.VerifySignatures().ShouldBeTrue();
            transaction.Length.ShouldBe(transaction.Serialize().Length);
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Deserialised_transactions_give_the_same_bytes_again(string version)
    {
        foreach (var row in Rows(version))
        {
            var transaction = Transaction.FromBase64(row.Text("wire"));
            transaction.ToBase64().ShouldBe(row.Text("wire"));
            transaction.Message.Serialize().ShouldBe(row.Hex("message"));
            transaction.Message.FeePayer.ShouldBe(row.Key("feePayer"));
            transaction.VerifySignatures().ShouldBeTrue();
        }
    }

    [Fact]
    public void The_vectors_hold_lookup_tables_and_several_signers()
    {
        var messages = Rows("0").Select(Compile).ToList();
        messages.Count(message => message.AddressTableLookups.Count > 1).ShouldBeGreaterThan(5);
        messages.Count(message => message.RequiredSignatures > 2).ShouldBeGreaterThan(10);
        messages.Count(message => message.ReadonlySigned > 0).ShouldBeGreaterThan(10);
    }

    private static IEnumerable<JsonElement> Rows(string version) =>
        VectorFile.Read("transactions.json").Where(row => row.Text("version") == version);

    private static Message Compile(JsonElement row)
    {
        var blockhash = Blockhash.Parse(row.Text("blockhash"));
        Instruction[] instructions = [.. row.GetProperty("instructions").EnumerateArray().Select(ReadInstruction)];
        return row.Text("version") == "legacy"
            ? Message.CompileLegacy(row.Key("feePayer"), blockhash, instructions)
            : Message.CompileV0(row.Key("feePayer"), blockhash, instructions, ReadTables(row));
    }

    private static Instruction ReadInstruction(JsonElement row) => new(
        row.Key("program"),
        [
            .. row.GetProperty("accounts").EnumerateArray().Select(account =>
            {
                var role = account.GetProperty("role").GetInt32();
                return new AccountMeta(account.Key("address"), (role & 2) != 0, (role & 1) != 0);
            }),
        ],
        row.Hex("data"));

    private static AddressLookupTable[] ReadTables(JsonElement row) =>
    [
        .. row.GetProperty("tables").EnumerateArray().Select(table => new AddressLookupTable(
            table.Key("address"),
            [.. table.GetProperty("entries").EnumerateArray().Select(entry => PublicKey.Parse(entry.GetString()!))])),
    ];

    private static Keypair[] Signers(JsonElement row) =>
    [
        .. row.GetProperty("seeds").EnumerateArray()
            .Select(seed => Keypair.FromSeed(Convert.FromHexString(seed.GetString()!))),
    ];
}

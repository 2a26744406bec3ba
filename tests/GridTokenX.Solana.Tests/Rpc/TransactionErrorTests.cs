using System.Text.Json;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.Solana.Tests.Rpc;

public sealed class TransactionErrorTests
{
    [Theory]
    [InlineData("\"BlockhashNotFound\"", TransactionErrorKind.BlockhashNotFound)]
    [InlineData("\"AlreadyProcessed\"", TransactionErrorKind.AlreadyProcessed)]
    [InlineData("\"InsufficientFundsForFee\"", TransactionErrorKind.InsufficientFundsForFee)]
    [InlineData("\"SomethingNew\"", TransactionErrorKind.Unknown)]
    [InlineData("\"None\"", TransactionErrorKind.Unknown)]
    [InlineData("\"7\"", TransactionErrorKind.Unknown)]
    [InlineData("""{"SomethingNew":{"a":1}}""", TransactionErrorKind.Unknown)]
    public void A_name_becomes_its_kind(string json, TransactionErrorKind kind) => Parse(json)!.Kind.ShouldBe(kind);

    [Fact]
    public void Instruction_errors_tell_index_and_code()
    {
        Parse("""{"InstructionError":[2,{"Custom":4294967295}]}""")!.Instruction
            .ShouldBe(new InstructionError(2, "Custom", uint.MaxValue));
        Parse("""{"InstructionError":[0,"MissingRequiredSignature"]}""")!.Instruction
            .ShouldBe(new InstructionError(0, "MissingRequiredSignature", null));
        Parse("""{"InstructionError":[0,{"BorshIoError":"x"}]}""")!.Instruction
            .ShouldBe(new InstructionError(0, "BorshIoError", null));
    }

    [Fact]
    public void Errors_that_name_an_instruction_or_account_tell_which()
    {
        Parse("""{"DuplicateInstruction":3}""")!.Index.ShouldBe(3);
        var rent = Parse("""{"InsufficientFundsForRent":{"account_index":1}}""")!;
        rent.Kind.ShouldBe(TransactionErrorKind.InsufficientFundsForRent);
        rent.Index.ShouldBe(1);
    }

    [Fact]
    public void Null_is_no_error() => Parse("null").ShouldBeNull();

    [Theory]
    [InlineData("5")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"InstructionError":[1]}""")]
    [InlineData("""{"InstructionError":"x"}""")]
    public void Other_forms_are_refused(string json) => Should.Throw<FormatException>(() => Parse(json));

    private static TransactionError? Parse(string json) => TransactionError.Parse(JsonDocument.Parse(json).RootElement);
}

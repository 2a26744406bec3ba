namespace GridTokenX.Solana;

/// <summary>Decodes a message and checks that it is consistent: every index names an account that exists, the counts of
/// the header fit, the fee payer is writable, and nothing follows.</summary>
internal static class MessageReader
{
    private const byte VersionFlag = 0x80;

    public static Message Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        var version = MessageVersion.Legacy;
        if ((reader.Peek() & VersionFlag) != 0)
        {
            var number = reader.ReadByte() & ~VersionFlag;
            version = number == 0
                ? MessageVersion.V0
                : throw new FormatException($"Message version {number} is not supported.");
        }

        var (required, readonlySigned, readonlyUnsigned) = (reader.ReadByte(), reader.ReadByte(), reader.ReadByte());
        var accounts = ReadAccounts(ref reader);
        var blockhash = new Blockhash(reader.ReadBytes(Blockhash.Length));
        var instructions = ReadInstructions(ref reader);
        var lookups = version == MessageVersion.V0 ? ReadLookups(ref reader) : [];
        var message = new Message(
            version, required, readonlySigned, readonlyUnsigned, accounts, blockhash, instructions, lookups);
        Check(message, reader.IsAtEnd);
        return message;
    }

    private static PublicKey[] ReadAccounts(ref ByteReader reader)
    {
        var count = reader.ReadCompactU16();
        var accounts = new List<PublicKey>();
        for (var i = 0; i < count; i++)
        {
            accounts.Add(reader.ReadPublicKey());
        }

        return [.. accounts];
    }

    private static CompiledInstruction[] ReadInstructions(ref ByteReader reader)
    {
        var count = reader.ReadCompactU16();
        var instructions = new List<CompiledInstruction>();
        for (var i = 0; i < count; i++)
        {
            instructions.Add(new CompiledInstruction(reader.ReadByte(), ReadArray(ref reader), ReadArray(ref reader)));
        }

        return [.. instructions];
    }

    private static AddressTableLookup[] ReadLookups(ref ByteReader reader)
    {
        var count = reader.ReadCompactU16();
        var lookups = new List<AddressTableLookup>();
        for (var i = 0; i < count; i++)
        {
            lookups.Add(new AddressTableLookup(reader.ReadPublicKey(), ReadArray(ref reader), ReadArray(ref reader)));
        }

        return [.. lookups];
    }

    private static byte[] ReadArray(ref ByteReader reader) => reader.ReadBytes(reader.ReadCompactU16()).ToArray();

    private static byte Max(ReadOnlySpan<byte> indices)
    {
        byte max = 0;
        foreach (var index in indices)
        {
            max = Math.Max(max, index);
        }

        return max;
    }

    private static void Check(Message message, bool isAtEnd)
    {
        var unsigned = message.Accounts.Count - message.RequiredSignatures;
        if (message.RequiredSignatures <= message.ReadonlySigned || message.ReadonlyUnsigned > unsigned)
        {
            throw new FormatException("The message's header does not fit its accounts.");
        }

        var total = message.Accounts.Count
            + message.AddressTableLookups.Sum(lookup => lookup.WritableIndexes.Length + lookup.ReadonlyIndexes.Length);
        foreach (var instruction in message.Instructions)
        {
            if (instruction.ProgramIndex == 0 || instruction.ProgramIndex >= message.Accounts.Count
                || (!instruction.Accounts.IsEmpty && Max(instruction.Accounts.Span) >= total))
            {
                throw new FormatException("An instruction names an account that the message does not have.");
            }
        }

        if (!isAtEnd)
        {
            throw new FormatException("Bytes follow the end of the message.");
        }
    }
}

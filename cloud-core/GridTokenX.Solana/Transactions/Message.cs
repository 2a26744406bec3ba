using System.Buffers;

namespace GridTokenX.Solana;

public enum MessageVersion
{
    None,
    Legacy,
    V0,
}

/// <summary>An instruction whose program and accounts are indices into the message's accounts.</summary>
public sealed record CompiledInstruction(byte ProgramIndex, ReadOnlyMemory<byte> Accounts, ReadOnlyMemory<byte> Data);

/// <summary>Accounts that a v0 message takes from a lookup table, as indices into that table.</summary>
public sealed record AddressTableLookup(
    PublicKey Table, ReadOnlyMemory<byte> WritableIndexes, ReadOnlyMemory<byte> ReadonlyIndexes);

/// <summary>What the signers sign: the accounts in their order (signers before others, writable before read-only, the
/// fee payer first), a recent blockhash, and the instructions.</summary>
/// <remarks>
/// <code>
/// [0x80 | version]  only from version 0 on
/// header            u8 required signatures · u8 read-only of them · u8 read-only of the unsigned accounts
/// accounts          compact-u16 n · n × 32
/// recent blockhash  32
/// instructions      compact-u16 n · n × (u8 program · compact-u16 k · k × u8 account · compact-u16 l · l × data)
/// table lookups     only from version 0 on: compact-u16 n · n × (32 table · compact-u16 w · w × u8 writable
///                   · compact-u16 r · r × u8 read-only)
/// </code>
/// </remarks>
public sealed class Message
{
    private const byte VersionFlag = 0x80;

    internal Message(MessageVersion version, byte requiredSignatures, byte readonlySigned, byte readonlyUnsigned,
        IReadOnlyList<PublicKey> accounts, Blockhash recentBlockhash,
        IReadOnlyList<CompiledInstruction> instructions, IReadOnlyList<AddressTableLookup> lookups)
    {
        Version = version;
        RequiredSignatures = requiredSignatures;
        ReadonlySigned = readonlySigned;
        ReadonlyUnsigned = readonlyUnsigned;
        Accounts = accounts;
        RecentBlockhash = recentBlockhash;
        Instructions = instructions;
        AddressTableLookups = lookups;
    }

    public MessageVersion Version { get; }

    public byte RequiredSignatures { get; }

    public byte ReadonlySigned { get; }

    public byte ReadonlyUnsigned { get; }

    /// <summary>The static accounts; the first <see cref="RequiredSignatures"/> of them sign.</summary>
    public IReadOnlyList<PublicKey> Accounts { get; }

    public Blockhash RecentBlockhash { get; }

    public IReadOnlyList<CompiledInstruction> Instructions { get; }

    public IReadOnlyList<AddressTableLookup> AddressTableLookups { get; }

    public PublicKey FeePayer => Accounts[0];

    /// <summary>Orders accounts exactly as @solana/kit does.</summary>
    /// <exception cref="ArgumentException">An invoked program is writable or pays the fee, or more accounts, signers
    /// or instructions than a transaction may have.</exception>
    public static Message CompileLegacy(
        PublicKey feePayer, Blockhash recentBlockhash, params IReadOnlyList<Instruction> instructions) =>
        MessageCompiler.Compile(MessageVersion.Legacy, feePayer, recentBlockhash, instructions, []);

    /// <summary>As <see cref="CompileLegacy"/>; accounts found in the tables, unless they sign or are invoked, are
    /// taken from the first table that holds them.</summary>
    public static Message CompileV0(PublicKey feePayer, Blockhash recentBlockhash,
        IReadOnlyList<Instruction> instructions, params IReadOnlyList<AddressLookupTable> tables) =>
        MessageCompiler.Compile(MessageVersion.V0, feePayer, recentBlockhash, instructions, tables);

    /// <summary>Reads what <see cref="Serialize"/> writes.</summary>
    /// <exception cref="FormatException">Not one whole, consistent message of a known version.</exception>
    public static Message Deserialize(ReadOnlySpan<byte> bytes) => MessageReader.Read(bytes);

    public bool IsSigner(int account) => account < RequiredSignatures;

    /// <summary>Of a static account.</summary>
    public bool IsWritable(int account) => IsSigner(account)
        ? account < RequiredSignatures - ReadonlySigned
        : account < Accounts.Count - ReadonlyUnsigned;

    public byte[] Serialize()
    {
        var to = new ArrayBufferWriter<byte>(Transaction.MaxLength);
        if (Version == MessageVersion.V0)
        {
            to.WriteByte(VersionFlag);
        }

        to.Write([RequiredSignatures, ReadonlySigned, ReadonlyUnsigned]);
        to.WriteCompactU16(Accounts.Count);
        foreach (var account in Accounts)
        {
            to.Write(account.Span);
        }

        to.Write(RecentBlockhash.Span);
        to.WriteCompactU16(Instructions.Count);
        foreach (var instruction in Instructions)
        {
            to.WriteByte(instruction.ProgramIndex);
            WriteArray(to, instruction.Accounts.Span);
            WriteArray(to, instruction.Data.Span);
        }

        if (Version == MessageVersion.V0)
        {
            WriteLookups(to);
        }

        return to.WrittenSpan.ToArray();
    }

    private void WriteLookups(ArrayBufferWriter<byte> to)
    {
        to.WriteCompactU16(AddressTableLookups.Count);
        foreach (var lookup in AddressTableLookups)
        {
            to.Write(lookup.Table.Span);
            WriteArray(to, lookup.WritableIndexes.Span);
            WriteArray(to, lookup.ReadonlyIndexes.Span);
        }
    }

    private static void WriteArray(ArrayBufferWriter<byte> to, ReadOnlySpan<byte> array)
    {
        to.WriteCompactU16(array.Length);
        to.Write(array);
    }
}

using System.Buffers;
using System.Buffers.Binary;

namespace GridTokenX.Solana.Programs;

/// <summary>The precompile that fails the transaction unless a signature verifies. A program of the same transaction
/// then reads the instruction and may rely on it.</summary>
/// <remarks>
/// <code>
/// u8 number of signatures (1) · u8 padding · 7 × u16: signature offset · instruction · key offset · instruction ·
/// message offset · message length · instruction · then key (32) · signature (64) · message
/// </code>
/// The instruction index 0xFFFF means this very instruction.
/// </remarks>
public static class Ed25519Program
{
    private const int HeaderLength = 16;
    private const ushort ThisInstruction = 0xffff;

    public static PublicKey Id { get; } = PublicKey.Parse("Ed25519SigVerify111111111111111111111111111");

    public static Instruction Verify(PublicKey key, Signature signature, ReadOnlySpan<byte> message)
    {
        ReadOnlySpan<int> header =
        [
            HeaderLength + PublicKey.Length, ThisInstruction,
            HeaderLength, ThisInstruction,
            HeaderLength + PublicKey.Length + Signature.Length, message.Length, ThisInstruction,
        ];
        var data = new ArrayBufferWriter<byte>(HeaderLength + PublicKey.Length + Signature.Length + message.Length);
        data.Write((ReadOnlySpan<byte>)[1, 0]);
        foreach (var field in header)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(data.GetSpan(2), checked((ushort)field));
            data.Advance(2);
        }

        data.Write(key.Span);
        data.Write(signature.Span);
        data.Write(message);
        return new Instruction(Id, [], data.WrittenMemory);
    }
}

using System.Buffers.Binary;
using GridTokenX.Solana;

namespace GridTokenX.Programs;

/// <summary>The loader that owns deployed programs. Each program has a ProgramData account, which names who may upgrade
/// it: u32 3 · u64 slot · u8 has authority · authority (32) · the program's code from byte 45 on.</summary>
public static class UpgradeableLoader
{
    private const uint ProgramDataKind = 3;
    private const int HeaderLength = 45;

    public static PublicKey Id { get; } = PublicKey.Parse("BPFLoaderUpgradeab1e11111111111111111111111");

    public static PublicKey ProgramData(PublicKey program) => Pda.Find(Id, program.ToArray()).Address;

    /// <returns>Null when nobody may upgrade the program any more.</returns>
    /// <exception cref="FormatException">Not a ProgramData account.</exception>
    public static PublicKey? ReadUpgradeAuthority(ReadOnlySpan<byte> programData)
    {
        if (programData.Length < HeaderLength
            || BinaryPrimitives.ReadUInt32LittleEndian(programData) != ProgramDataKind || programData[12] > 1)
        {
            throw new FormatException("Not a ProgramData account of the upgradeable loader.");
        }

        return programData[12] == 1 ? new PublicKey(programData[13..HeaderLength]) : null;
    }
}

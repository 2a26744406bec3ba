namespace GridTokenX.Linker;

/// <summary>What is left for the loader to do.</summary>
/// <param name="Syscall">The name that the call is for; null when an address is to be moved.</param>
internal sealed record DynamicRelocation(int Address, uint Kind, string? Syscall);

/// <summary>Writes addresses and calls into the image, and lists what the loader has to finish.</summary>
internal sealed class Relocator(ElfObject elf, ProgramImage image)
{
    private const byte LoadImmediate64 = 0x18;
    private const byte Call = 0x85;

    /// <summary>The register byte of a call that is relative to its own place, or to be found by name.</summary>
    private const byte PseudoCall = 0x10;

    private readonly List<DynamicRelocation> _dynamic = [];

    public IReadOnlyList<DynamicRelocation> Dynamic => _dynamic;

    /// <exception cref="LinkException">A relocation is of an unknown kind, or leads nowhere.</exception>
    public void ApplyAll()
    {
        foreach (var section in image.Sections)
        {
            foreach (var relocation in section.Relocations)
            {
                Apply(section, relocation);
            }
        }
    }

    private void Apply(Section section, Relocation relocation)
    {
        var isCode = section.IsCode;
        switch (relocation.Kind)
        {
            case Elf.R_BPF_64_64 when isCode:
                Load(section, relocation, Place(section, relocation, 2 * Elf.InstructionSize));
                break;
            case Elf.R_BPF_64_32 when isCode:
                CallTo(section, relocation, Place(section, relocation, Elf.InstructionSize));
                break;
            case Elf.R_BPF_64_ABS64 when !isCode:
                Pointer(relocation, Place(section, relocation, sizeof(ulong)));
                break;
            default:
                throw new LinkException(
                    $"{At(section, relocation)}: relocation {relocation.Kind} is not supported here.");
        }
    }

    private void Load(Section section, Relocation relocation, int place)
    {
        Expect(section, relocation, place, LoadImmediate64);
        var high = place + Elf.InstructionSize + 4;
        var addend = unchecked((long)(((ulong)image.Read32(high) << 32) | image.Read32(place + 4)));
        image.Write32(place + 4, (uint)AddressOf(section, relocation, addend));
        image.Write32(high, 0);
        _dynamic.Add(new DynamicRelocation(place, Elf.R_BPF_64_RELATIVE, Syscall: null));
    }

    /// <summary>For an address in data the loader of version 0 reads the upper half, and writes all of it.</summary>
    private void Pointer(Relocation relocation, int place)
    {
        var addend = unchecked((long)image.Read64(place));
        var address = image.AddressOf(elf, relocation.Symbol, addend);
        image.Write32(place, 0);
        image.Write32(place + 4, (uint)address);
        _dynamic.Add(new DynamicRelocation(place, Elf.R_BPF_64_RELATIVE, Syscall: null));
    }

    private void CallTo(Section section, Relocation relocation, int place)
    {
        Expect(section, relocation, place, Call);
        image.WriteByte(place + 1, PseudoCall);
        if (relocation.Symbol.IsUndefined)
        {
            if (!Syscalls.Has(relocation.Symbol.Name))
            {
                throw new LinkException($"{At(section, relocation)} is not defined, and is no syscall.");
            }

            image.Write32(place + 4, uint.MaxValue);
            _dynamic.Add(new DynamicRelocation(place, Elf.R_BPF_64_32, relocation.Symbol.Name));
            return;
        }

        // The immediate counts instructions from the one after the call; -1 stands for the symbol itself.
        var addend = ((long)unchecked((int)image.Read32(place + 4)) + 1) * Elf.InstructionSize;
        var target = AddressOf(section, relocation, addend);
        var distance = target - place;
        var isCall = elf.SectionOf(relocation.Symbol) is { IsCode: true } && distance % Elf.InstructionSize == 0;
        // To the loader -1 is a call by name.
        if (!isCall || distance == 0)
        {
            throw new LinkException($"{At(section, relocation)} cannot be called from there.");
        }

        image.Write32(place + 4, unchecked((uint)((distance / Elf.InstructionSize) - 1)));
    }

    private int AddressOf(Section section, Relocation relocation, long addend) =>
        relocation.Symbol.IsUndefined
            ? throw new LinkException($"{At(section, relocation)} is not defined, so it has no address.")
            : image.AddressOf(elf, relocation.Symbol, addend);

    private int Place(Section section, Relocation relocation, int length) =>
        relocation.Offset <= (ulong)section.Data.Length && section.Data.Length - (int)relocation.Offset >= length
            ? image.AddressOf(section) + (int)relocation.Offset
            : throw new LinkException($"{At(section, relocation)}: the relocation lies outside of the section.");

    private void Expect(Section section, Relocation relocation, int place, byte opcode)
    {
        if (image.ReadByte(place) != opcode || (place - image.AddressOf(section)) % Elf.InstructionSize != 0)
        {
            throw new LinkException(
                $"{At(section, relocation)}: relocation {relocation.Kind} does not fit the instruction.");
        }
    }

    private static string At(Section section, Relocation relocation) =>
        $"{section.Name}+0x{relocation.Offset:x}: {relocation.Symbol.Name}";
}

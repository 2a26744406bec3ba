namespace GridTokenX.Linker;

/// <summary>
/// Makes a program that Solana's upgradeable loader takes (sBPF version 0: ET_DYN, relocated by the loader) of one
/// eBPF object that the compiler has already linked with all its crates. The same object gives the same bytes.
/// </summary>
public static class ProgramLinker
{
    /// <summary>What an account can hold (10 MiB) beside the 45 bytes of ProgramData.</summary>
    public const int MaxProgramSize = (10 * 1024 * 1024) - 45;

    private const string EntrypointName = "entrypoint";

    /// <exception cref="LinkException">The object needs what a program cannot have, or lacks what it must have.
    /// </exception>
    public static byte[] Link(byte[] objectFile, int maxSize = MaxProgramSize)
    {
        ArgumentNullException.ThrowIfNull(objectFile);
        var elf = new ElfObject(objectFile);
        foreach (var section in elf.Sections)
        {
            Check(section);
        }

        var entrypoint = FindEntrypoint(elf);
        var image = new ProgramImage(Reachable(elf, entrypoint));
        var relocator = new Relocator(elf, image);
        relocator.ApplyAll();
        IndirectCalls.Rewrite(image);
        var program = ProgramFile.Write(image, relocator, image.AddressOf(elf, entrypoint, addend: 0));
        return program.Length <= maxSize
            ? program
            : throw new LinkException($"the program has {program.Length} bytes; {maxSize} are allowed.");
    }

    private static void Check(Section section)
    {
        if (!section.IsAllocated || section.Size == 0 || ProgramImage.GroupOf(section) is not null)
        {
            return;
        }

        throw section.IsWritable || section.Kind == Elf.SHT_NOBITS
            ? new LinkException($"{section.Name} is writable data, which a program does not have.")
            : new LinkException($"{section.Name} is a section that a program does not have.");
    }

    private static Symbol FindEntrypoint(ElfObject elf)
    {
        var found = elf.Symbols.FirstOrDefault(
            static symbol => symbol is { Name: EntrypointName, IsGlobal: true, IsUndefined: false });
        return found is not null && elf.SectionOf(found) is { IsCode: true }
            ? found
            : throw new LinkException($"there is no function {EntrypointName}: is it #[no_mangle] and extern \"C\"?");
    }

    /// <summary>What the entrypoint needs, in the object's order; the rest stays out.</summary>
    private static List<Section> Reachable(ElfObject elf, Symbol entrypoint)
    {
        var reached = new HashSet<Section>();
        var waiting = new Stack<Section?>([elf.SectionOf(entrypoint)]);
        while (waiting.TryPop(out var section))
        {
            if (section is null || !reached.Add(section))
            {
                continue;
            }

            foreach (var relocation in section.Relocations)
            {
                waiting.Push(elf.SectionOf(relocation.Symbol));
            }
        }

        return [.. elf.Sections.Where(reached.Contains)];
    }
}

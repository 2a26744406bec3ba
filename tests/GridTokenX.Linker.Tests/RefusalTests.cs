using FsCheck;
using FsCheck.Fluent;
using static GridTokenX.Linker.Tests.Instructions;

namespace GridTokenX.Linker.Tests;

public sealed class RefusalTests
{
    private const uint CallRelocation = 10;
    private const ulong Alloc = 2;
    private const ulong Write = 1;

    private readonly ObjectBuilder _object = new();

    [Fact]
    public void Program_has_an_entrypoint()
    {
        var section = _object.Code(".text.main", Exit);
        _ = _object.Global("main", section);
        Refused("there is no function entrypoint");
    }

    [Fact]
    public void Entrypoint_is_code()
    {
        _ = _object.Global("entrypoint", _object.ReadOnly(".rodata.entrypoint", new byte[8]));
        Refused("there is no function entrypoint");
    }

    [Fact]
    public void Entrypoint_can_be_seen_from_outside()
    {
        _ = _object.Symbol("entrypoint", 0x02, (ushort)_object.Code(".text.entrypoint", Exit), 0);
        Refused("there is no function entrypoint");
    }

    [Theory]
    [InlineData(".data", 1U)]
    [InlineData(".data.COUNTER", 1U)]
    [InlineData(".bss", 8U)]
    [InlineData(".bss.COUNTER", 8U)]
    public void Program_has_no_writable_data(string name, uint kind)
    {
        _ = _object.Entrypoint(Exit);
        _ = _object.Section(name, kind, Alloc | Write, new byte[8]);
        Refused($"{name} is writable data");
    }

    [Theory]
    [InlineData(".init_array", 14U)]
    [InlineData(".eh_frame", 1U)]
    public void Program_has_no_other_sections(string name, uint kind)
    {
        _ = _object.Entrypoint(Exit);
        _ = _object.Section(name, kind, Alloc, new byte[8]);
        Refused($"{name} is a section that a program does not have");
    }

    [Theory]
    [InlineData("__multi3")]
    [InlineData("memcpy")]
    [InlineData("sol_log")]
    public void Undefined_symbol_is_a_syscall(string name)
    {
        var entrypoint = _object.Entrypoint(Call, Exit);
        _object.Relocate(entrypoint, 0, CallRelocation, _object.Undefined(name));
        Refused($".text.entrypoint+0x0: {name} is not defined, and is no syscall");
    }

    [Fact]
    public void Syscall_has_no_address()
    {
        var entrypoint = _object.Entrypoint(LoadLow(), LoadHigh(), Exit);
        _object.Relocate(entrypoint, 0, 1, _object.Undefined("sol_log_"));
        Refused("sol_log_ is not defined, so it has no address");
    }

    [Theory]
    [InlineData(0U)]
    [InlineData(2U)]
    [InlineData(3U)]
    [InlineData(4U)]
    [InlineData(8U)]
    [InlineData(11U)]
    public void Unknown_relocation_is_named(uint kind)
    {
        var entrypoint = _object.Entrypoint(LoadLow(), LoadHigh(), Exit);
        _object.Relocate(entrypoint, 0, kind, _object.SectionSymbol(_object.ReadOnly(".rodata.x", [1])));
        Refused($"relocation {kind} is not supported here");
    }

    [Theory]
    [InlineData(0x18UL)]
    [InlineData(ulong.MaxValue)]
    public void Relocation_lies_in_its_section(ulong offset)
    {
        var entrypoint = _object.Entrypoint(Call, Call, Exit);
        _object.RelocateAt(entrypoint, offset, CallRelocation, _object.Undefined("sol_log_"));
        Refused("lies outside of the section");
    }

    [Fact]
    public void Relocation_fits_its_instruction()
    {
        var entrypoint = _object.Entrypoint(Exit, Call);
        _object.Relocate(entrypoint, 0, CallRelocation, _object.Undefined("sol_log_"));
        Refused("does not fit the instruction");
    }

    [Fact]
    public void Relocations_have_no_addends()
    {
        _object.WithAddends = true;
        var entrypoint = _object.Entrypoint(Call, Exit);
        _object.Relocate(entrypoint, 0, CallRelocation, _object.Undefined("sol_log_"));
        Refused("has relocations with addends");
    }

    [Fact]
    public void Address_lies_in_its_section()
    {
        var entrypoint = _object.Entrypoint(LoadLow(addend: 9), LoadHigh(), Exit);
        _object.Relocate(entrypoint, 0, 1, _object.SectionSymbol(_object.ReadOnly(".rodata.x", new byte[8])));
        Refused("lies outside of .rodata.x");
    }

    [Fact]
    public void Data_cannot_be_called()
    {
        var entrypoint = _object.Entrypoint(Call, Exit);
        var data = _object.ReadOnly(".rodata.x", new byte[8]);
        _object.Relocate(entrypoint, 0, CallRelocation, _object.Global("x", data));
        Refused("x cannot be called from there");
    }

    [Fact]
    public void Call_of_itself_would_be_taken_for_a_syscall()
    {
        var entrypoint = _object.Entrypoint(Call, Exit);
        _object.Relocate(entrypoint, 0, CallRelocation, _object.SectionSymbol(entrypoint));
        Refused("cannot be called from there");
    }

    [Fact]
    public void Code_consists_of_whole_instructions()
    {
        _ = _object.Global("entrypoint", _object.Section(".text.entrypoint", 1, Alloc | 4, new byte[12]));
        Refused("does not consist of whole instructions");
    }

    [Theory]
    [InlineData(3UL)]
    [InlineData(8192UL)]
    public void Alignment_is_a_small_power_of_two(ulong alignment)
    {
        var entrypoint = _object.Entrypoint(LoadLow(), LoadHigh(), Exit);
        _object.Relocate(entrypoint, 0, 1, _object.SectionSymbol(_object.ReadOnly(".rodata.x", [1], alignment)));
        Refused($".rodata.x is to be aligned to {alignment} bytes");
    }

    [Fact]
    public void Program_is_not_larger_than_allowed()
    {
        _ = _object.Entrypoint(Exit);
        var size = ProgramLinker.Link(_object.Build()).Length;
        ProgramLinker.Link(_object.Build(), size).Length.ShouldBe(size);
        Should.Throw<LinkException>(() => ProgramLinker.Link(_object.Build(), size - 1))
            .Message.ShouldBe($"the program has {size} bytes; {size - 1} are allowed.");
    }

    [Fact]
    public void Object_is_for_the_virtual_machine()
    {
        _ = _object.Entrypoint(Exit);
        _object.Machine = 62;
        Refused("it is no relocatable eBPF object");
    }

    [Fact]
    public void Any_other_file_is_refused()
    {
        Should.Throw<LinkException>(() => ProgramLinker.Link([])).Message.ShouldContain("not whole");
        Should.Throw<LinkException>(() => ProgramLinker.Link(new byte[64])).Message.ShouldContain("no little-endian");
    }

    [Fact]
    public void Cut_off_object_is_refused()
    {
        var file = Typical();
        for (var length = 0; length < file.Length; length++)
        {
            Should.Throw<LinkException>(() => ProgramLinker.Link(file[..length]), $"at {length}");
        }
    }

    [Fact]
    public void Damaged_object_is_linked_or_refused_and_nothing_else()
    {
        var file = Typical();
        var damage = ArbMap.Default.ArbFor<(int At, byte Value)>();
        Prop.ForAll(damage, change =>
        {
            var damaged = file.ToArray();
            damaged[(int)(unchecked((uint)change.At * 2_654_435_761) % (uint)damaged.Length)] = change.Value;
            try
            {
                ProgramLinker.Link(damaged).Length.ShouldBeGreaterThan(0);
            }
            catch (LinkException e)
            {
                e.Message.ShouldNotBeEmpty();
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000).WithEndSize(1000));
    }

    private byte[] Typical()
    {
        var text = _object.ReadOnly(".rodata.text", "0123456789"u8.ToArray());
        var table = _object.RelocatedData(".data.rel.ro.table", new byte[8]);
        _object.RelocateAt(table, 0, 2, _object.SectionSymbol(text));
        var entrypoint = _object.Entrypoint(LoadLow(), LoadHigh(), Call, Call, Exit);
        _object.Relocate(entrypoint, 0, 1, _object.SectionSymbol(table));
        _object.Relocate(entrypoint, 2, CallRelocation, _object.Undefined("sol_log_"));
        _object.Relocate(entrypoint, 3, CallRelocation, _object.Global("f", _object.Code(".text.f", Exit)));
        return _object.Build();
    }

    private void Refused(string because) =>
        Should.Throw<LinkException>(() => ProgramLinker.Link(_object.Build())).Message.ShouldContain(because);
}

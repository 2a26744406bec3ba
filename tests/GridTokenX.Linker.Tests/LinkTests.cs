using static GridTokenX.Linker.Tests.Instructions;

namespace GridTokenX.Linker.Tests;

public sealed class LinkTests
{
    private const uint Load64 = 1;
    private const uint Absolute64 = 2;
    private const uint CallRelocation = 10;
    private const int Relative = 8;

    private readonly ObjectBuilder _object = new();

    [Fact]
    public void Program_begins_where_the_entrypoint_lies()
    {
        var other = _object.Code(".text.other", Exit);
        var entrypoint = _object.Entrypoint(Call, Exit);
        _object.Relocate(entrypoint, 0, CallRelocation, _object.Global("other", other));
        var program = Link();
        program.Entrypoint.ShouldBe(program.Text().Address + 8);
        program.Text().Size.ShouldBe(24);
        program.DynamicSymbols().ShouldBe(["entrypoint"]);
    }

    [Fact]
    public void Addresses_are_offsets_in_the_file()
    {
        Sample();
        foreach (var section in Link().Sections.Where(static s => s.Name is not ("" or ".shstrtab")))
        {
            section.Address.ShouldBe(section.Offset, section.Name);
        }
    }

    [Fact]
    public void Load_points_to_its_data_and_is_moved_by_the_loader()
    {
        var data = _object.ReadOnly(".rodata.text", "0123456789"u8.ToArray());
        var entrypoint = _object.Entrypoint(LoadLow(addend: 4), LoadHigh(), Exit);
        _object.Relocate(entrypoint, 0, Load64, _object.SectionSymbol(data));
        var program = Link();
        program.Immediate(0).ShouldBe(program.Section(".rodata").Address + 4);
        program.Immediate(1).ShouldBe(0);
        program.Relocations().ShouldBe([(program.Entrypoint, Relative, "")]);
    }

    [Fact]
    public void Address_in_data_stands_in_its_upper_half()
    {
        var text = _object.ReadOnly(".rodata.text", "0123456789"u8.ToArray());
        var table = _object.RelocatedData(".data.rel.ro.table", [0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0]);
        _object.RelocateAt(table, 8, Absolute64, _object.SectionSymbol(text));
        var entrypoint = _object.Entrypoint(LoadLow(), LoadHigh(), Exit);
        _object.Relocate(entrypoint, 0, Load64, _object.SectionSymbol(table));
        var program = Link();
        var place = program.Section(".data.rel.ro").Address + 8;
        program.U32(place).ShouldBe(0U);
        program.U32(place + 4).ShouldBe((uint)program.Section(".rodata").Address + 3);
        program.Relocations().ShouldContain((place, Relative, ""));
    }

    [Fact]
    public void Address_of_a_function_can_be_loaded()
    {
        var entrypoint = _object.Entrypoint(LoadLow(), LoadHigh(), Exit);
        var function = _object.Code(".text.function", Exit);
        _object.Relocate(entrypoint, 0, Load64, _object.Global("function", function));
        var program = Link();
        program.Immediate(0).ShouldBe(program.Text().Address + 24);
    }

    [Fact]
    public void Call_counts_instructions_from_the_one_after_it()
    {
        var before = _object.Code(".text.before", Exit, Exit);
        var entrypoint = _object.Entrypoint(Call, Call, Exit);
        var after = _object.Code(".text.after", Exit);
        _object.Relocate(entrypoint, 0, CallRelocation, _object.Global("after", after));
        _object.Relocate(entrypoint, 1, CallRelocation, _object.Global("before", before));
        var program = Link();
        program.Immediate(2).ShouldBe(2);
        program.Immediate(3).ShouldBe(-4);
        program.Relocations().ShouldBeEmpty();
    }

    [Fact]
    public void Call_into_a_section_begins_at_the_instruction_that_its_immediate_names()
    {
        var functions = _object.Code(".text.functions", Exit, Exit, Exit);
        var entrypoint = _object.Entrypoint(CallWith(1), Exit);
        _object.Relocate(entrypoint, 0, CallRelocation, _object.SectionSymbol(functions));
        var program = Link();
        var target = 3 + 1 + program.Immediate(3);
        target.ShouldBe(2);
    }

    [Fact]
    public void Call_through_a_register_names_it_where_the_virtual_machine_reads_it()
    {
        const ulong CallThroughR4 = 0x048D;
        _ = _object.Entrypoint(LoadLow(), CallThroughR4, CallThroughR4, Exit);
        var program = Link();
        program.Instruction(1).ShouldBe(CallThroughR4, "the second half of a load is no instruction");
        program.Instruction(2).ShouldBe(0x0000_0004_0000_008DUL);
    }

    [Fact]
    public void Syscall_is_left_to_the_loader_by_its_name()
    {
        var log = _object.Undefined("sol_log_");
        var entrypoint = _object.Entrypoint(Call, Call, Call, Exit);
        _object.Relocate(entrypoint, 0, CallRelocation, log);
        _object.Relocate(entrypoint, 1, CallRelocation, _object.Undefined("abort"));
        _object.Relocate(entrypoint, 2, CallRelocation, log);
        var program = Link();
        var start = program.Entrypoint;
        program.Relocations().ShouldBe(
            [(start, 10, "sol_log_"), (start + 8, 10, "abort"), (start + 16, 10, "sol_log_")]);
        program.DynamicSymbols().ShouldBe(["sol_log_", "abort", "entrypoint"]);
        program.Immediate(0).ShouldBe(-1);
    }

    [Fact]
    public void What_the_entrypoint_does_not_need_stays_out()
    {
        var unused = _object.Code(".text.unused", Call, Exit);
        _object.Relocate(unused, 0, CallRelocation, _object.Undefined("__multi3"));
        _ = _object.ReadOnly(".rodata.unused", [1, 2, 3]);
        _ = _object.Entrypoint(Exit);
        var program = Link();
        program.Text().Size.ShouldBe(8);
        program.Has(".rodata").ShouldBeFalse();
    }

    [Fact]
    public void Data_keeps_its_alignment()
    {
        var odd = _object.ReadOnly(".rodata.odd", [1]);
        var aligned = _object.ReadOnly(".rodata.aligned", new byte[32], alignment: 32);
        var entrypoint = _object.Entrypoint(LoadLow(), LoadHigh(), LoadLow(), LoadHigh(), Exit);
        _object.Relocate(entrypoint, 0, Load64, _object.SectionSymbol(odd));
        _object.Relocate(entrypoint, 2, Load64, _object.SectionSymbol(aligned));
        var program = Link();
        (program.Immediate(2) % 32).ShouldBe(0);
        program.Immediate(2).ShouldBeGreaterThan(program.Immediate(0));
    }

    [Fact]
    public void Program_without_relocations_has_no_table_of_them()
    {
        _ = _object.Entrypoint(Exit);
        var dynamic = Link().Dynamic();
        dynamic.Keys.ShouldNotContain(17);
        dynamic.Keys.ShouldContain(6);
    }

    [Fact]
    public void Same_object_gives_the_same_bytes()
    {
        Sample();
        var file = _object.Build();
        ProgramLinker.Link(file).ShouldBe(ProgramLinker.Link(file));
    }

    private void Sample()
    {
        var data = _object.ReadOnly(".rodata.a", [1, 2, 3]);
        var table = _object.RelocatedData(".data.rel.ro.b", new byte[8]);
        _object.RelocateAt(table, 0, Absolute64, _object.SectionSymbol(data));
        var entrypoint = _object.Entrypoint(LoadLow(), LoadHigh(), Call, Exit);
        _object.Relocate(entrypoint, 0, Load64, _object.SectionSymbol(table));
        _object.Relocate(entrypoint, 2, CallRelocation, _object.Undefined("sol_log_"));
    }

    private LinkedProgram Link() => new(ProgramLinker.Link(_object.Build()));
}

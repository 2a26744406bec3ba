using System.Reflection;
using System.Runtime.Loader;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace GridTokenX.Firmware.Tests.Guard;

/// <summary>
/// The firmware's Release build with a counter woven into every basic block: it counts the IL instructions that run,
/// which is what nanoFramework's interpreter executes one by one. Calls into the platform count as one.
/// </summary>
internal sealed class OperationCounter
{
    private readonly FieldInfo _count;

    internal OperationCounter()
    {
        using var module = ModuleDefinition.ReadModule(new MemoryStream(FirmwareSources.Assembly));
        var counter = new TypeDefinition(
            "GridTokenX", "Operations",
            Mono.Cecil.TypeAttributes.Public | Mono.Cecil.TypeAttributes.Sealed | Mono.Cecil.TypeAttributes.Abstract,
            module.TypeSystem.Object);
        var field = new FieldDefinition(
            "Count", Mono.Cecil.FieldAttributes.Public | Mono.Cecil.FieldAttributes.Static, module.TypeSystem.Int64);
        counter.Fields.Add(field);
        var methods = module.GetAllTypes().SelectMany(type => type.Methods).Where(method => method.HasBody);
        foreach (var method in methods.ToList())
        {
            Weave(method.Body, field);
        }

        module.Types.Add(counter);
        using var woven = new MemoryStream();
        module.Write(woven);
        woven.Position = 0;
        var context = new AssemblyLoadContext("woven");
        context.Resolving += (_, name) => name.Name == "GridTokenX.Firmware.DeviceApis"
            ? context.LoadFromStream(new MemoryStream(FirmwareSources.DeviceApis))
            : null;
        Assembly = context.LoadFromStream(woven);
        _count = Assembly.GetType("GridTokenX.Operations")!.GetField("Count")!;
    }

    internal Assembly Assembly { get; }

    internal long Count(Action action)
    {
        _count.SetValue(null, 0L);
        action();
        return (long)_count.GetValue(null)!;
    }

    private static void Weave(Mono.Cecil.Cil.MethodBody body, FieldDefinition field)
    {
        body.SimplifyMacros();
        var instructions = body.Instructions.ToList();
        var leaders = Leaders(instructions);
        leaders.UnionWith(Borders(body));
        var starts = new Dictionary<Instruction, Instruction>();
        var il = body.GetILProcessor();
        for (var i = 0; i < instructions.Count;)
        {
            var leader = instructions[i];
            var length = 1;
            while (i + length < instructions.Count && !leaders.Contains(instructions[i + length]))
            {
                length++;
            }

            starts[leader] = Insert(il, leader, field, length);
            i += length;
        }

        foreach (var instruction in instructions)
        {
            instruction.Operand = instruction.Operand switch
            {
                Instruction target => starts[target],
                Instruction[] targets => targets.Select(target => starts[target]).ToArray(),
                var other => other,
            };
        }

        foreach (var handler in body.ExceptionHandlers)
        {
            handler.TryStart = starts[handler.TryStart];
            handler.TryEnd = starts[handler.TryEnd];
            handler.HandlerStart = starts[handler.HandlerStart];
            handler.HandlerEnd = handler.HandlerEnd is { } end ? starts[end] : null;
        }

        body.OptimizeMacros();
    }

    private static IEnumerable<Instruction> Borders(Mono.Cecil.Cil.MethodBody body) =>
        body.ExceptionHandlers
            .SelectMany(handler => new[]
            {
                handler.TryStart, handler.TryEnd, handler.HandlerStart, handler.HandlerEnd,
            })
            .Where(instruction => instruction is not null);

    private static Instruction Insert(ILProcessor il, Instruction before, FieldDefinition field, int length)
    {
        var first = il.Create(OpCodes.Ldsfld, field);
        il.InsertBefore(before, first);
        il.InsertBefore(before, il.Create(OpCodes.Ldc_I4, length));
        il.InsertBefore(before, il.Create(OpCodes.Conv_I8));
        il.InsertBefore(before, il.Create(OpCodes.Add));
        il.InsertBefore(before, il.Create(OpCodes.Stsfld, field));
        return first;
    }

    private static HashSet<Instruction> Leaders(List<Instruction> instructions)
    {
        var leaders = new HashSet<Instruction> { instructions[0] };
        foreach (var instruction in instructions)
        {
            if (instruction.Operand is Instruction target)
            {
                leaders.Add(target);
            }
            else if (instruction.Operand is Instruction[] targets)
            {
                leaders.UnionWith(targets);
            }

            var ends = instruction.OpCode.FlowControl is FlowControl.Branch or FlowControl.Cond_Branch
                or FlowControl.Return or FlowControl.Throw;
            if (ends && instruction.Next is { } next)
            {
                leaders.Add(next);
            }
        }

        return leaders;
    }
}

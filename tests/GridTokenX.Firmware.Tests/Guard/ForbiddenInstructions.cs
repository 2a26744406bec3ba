using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace GridTokenX.Firmware.Tests.Guard;

/// <summary>What must not be in the compiled assembly, whatever it was written as.</summary>
internal static class ForbiddenInstructions
{
    private static readonly Code[] Codes =
    [
        Code.Localloc, Code.Calli, Code.Jmp, Code.Volatile, Code.Tail, Code.Ckfinite, Code.Cpblk, Code.Initblk,
        Code.Mkrefany, Code.Refanyval, Code.Arglist, Code.Ldc_R4, Code.Ldc_R8, Code.Conv_R4, Code.Conv_R8,
        Code.Conv_R_Un,
    ];

    internal static IEnumerable<string> In(ModuleDefinition module) =>
        module.GetAllTypes().SelectMany(type => OfType(type).Select(what => $"{what} in {type.FullName}"));

    private static IEnumerable<string> OfType(TypeDefinition type)
    {
        if (type.HasGenericParameters)
        {
            yield return "generic type";
        }

        if (type.IsInterface && type.Methods.Any(method => method.HasBody))
        {
            yield return "method with a body in an interface";
        }

        foreach (var field in type.Fields.Where(field => IsForbidden(field.FieldType)))
        {
            yield return $"field {field.FieldType}";
        }

        foreach (var what in type.Methods.SelectMany(OfMethod))
        {
            yield return what;
        }
    }

    private static IEnumerable<string> OfMethod(MethodDefinition method)
    {
        var types = method.Parameters.Select(parameter => parameter.ParameterType).Append(method.ReturnType);
        if (method.HasBody)
        {
            types = types.Concat(method.Body.Variables.Select(variable => variable.VariableType));
        }

        var wrong = types.Where(IsForbidden).Select(type => $"{type} in {method.Name}");
        if (method.HasGenericParameters)
        {
            wrong = wrong.Append($"generic method {method.Name}");
        }

        return method.HasBody
            ? wrong.Concat(method.Body.Instructions.Where(IsForbidden).Select(one => $"{one} in {method.Name}"))
            : wrong;
    }

    private static bool IsForbidden(Instruction instruction) =>
        Codes.Contains(instruction.OpCode.Code)
        || instruction.OpCode.Name.Contains(".ovf", StringComparison.Ordinal)
        || instruction.Operand is GenericInstanceMethod
        || (instruction.Operand is TypeReference type && IsForbidden(type))
        || (instruction.Operand is MemberReference { DeclaringType: { } declaring } && IsForbidden(declaring));

    private static bool IsForbidden(TypeReference type) => type switch
    {
        GenericInstanceType or GenericParameter or PointerType or FunctionPointerType or PinnedType => true,
        ArrayType array => array.Rank > 1 || IsForbidden(array.ElementType),
        TypeSpecification specification => IsForbidden(specification.ElementType),
        _ => type.MetadataType is MetadataType.Double or MetadataType.Single,
    };
}

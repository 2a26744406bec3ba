using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Mono.Cecil;

namespace GridTokenX.Firmware.Tests.Guard;

/// <summary>
/// Everything that is known to be wrong with sources that are to run on nanoFramework, found in the text, in what the
/// text means, and in what the compiler made of it. Each finds what another may miss.
/// </summary>
internal static class NanoFrameworkGuard
{
    // What the C# compiler itself adds, and the .nfproj's own compiler takes from nanoFramework's library or leaves
    // out.
    private static readonly HashSet<string> CompilersOwn =
    [
        "System.Runtime.CompilerServices.CompilationRelaxationsAttribute",
        "System.Runtime.CompilerServices.RuntimeCompatibilityAttribute",
        "System.Runtime.CompilerServices.CompilerGeneratedAttribute",
        "System.Runtime.CompilerServices.RefSafetyRulesAttribute",
        "System.Diagnostics.DebuggableAttribute",
        "System.Diagnostics.DebuggableAttribute/DebuggingModes",
        "System.Security.UnverifiableCodeAttribute",
        "System.Reflection.DefaultMemberAttribute",
    ];

    /// <summary>Empty when all is well.</summary>
    internal static List<string> Findings(CSharpCompilation compilation)
    {
        var findings = new List<string>();
        findings.AddRange(compilation.GetDiagnostics()
            .Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning)
            .Select(diagnostic => diagnostic.ToString()));
        findings.AddRange(ForbiddenText.In(compilation));
        findings.AddRange(ForbiddenMeaning.In(compilation));
        findings.AddRange(ForeignSymbols(compilation));
        using var image = new MemoryStream();
        if (compilation.Emit(image).Success)
        {
            image.Position = 0;
            using var module = ModuleDefinition.ReadModule(image);
            findings.AddRange(ForeignReferences(module));
            findings.AddRange(ForbiddenInstructions.In(module));
        }

        return findings;
    }

    internal static SortedSet<string> ForeignSymbols(CSharpCompilation compilation)
    {
        var foreign = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var tree in compilation.SyntaxTrees)
        {
            var model = compilation.GetSemanticModel(tree);
            foreach (var node in tree.GetRoot().DescendantNodes())
            {
                foreach (var symbol in ForbiddenMeaning.SymbolsOf(model, node)
                    .Where(symbol => !IsAllowed(symbol, compilation.Assembly)))
                {
                    var line = node.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
                    foreign.Add($"{symbol.GetDocumentationCommentId()} at line {line} of {tree.FilePath}");
                }
            }
        }

        return foreign;
    }

    private static IEnumerable<string> ForeignReferences(ModuleDefinition module)
    {
        var types = module.GetTypeReferences().Select(type => (Type: type, Id: NanoApi.IdOf(type)));
        var members = module.GetMemberReferences().Select(member => (
            Type: member.DeclaringType,
            Id: member is FieldReference field ? NanoApi.IdOf(field) : NanoApi.IdOf((MethodReference)member)));
        return types.Concat(members)
            .Where(reference => !CompilersOwn.Contains(reference.Type.FullName) && !NanoApi.Has(reference.Id))
            // For a lock, a compiler that knows only Enter(object) calls that.
            .Where(reference => reference.Id != "M:System.Threading.Monitor.Enter(System.Object,System.Boolean@)")
            .Select(reference => reference.Id);
    }

    private static bool IsAllowed(ISymbol symbol, IAssemblySymbol own)
    {
        if (symbol is INamespaceSymbol or ILocalSymbol or IParameterSymbol or IRangeVariableSymbol or IDiscardSymbol
            || SymbolEqualityComparer.Default.Equals(symbol.ContainingAssembly, own))
        {
            return true;
        }

        return symbol switch
        {
            IArrayTypeSymbol array => array.Rank == 1 && IsAllowed(array.ElementType, own),
            // An operator of the language itself: no call is made for it.
            IMethodSymbol { MethodKind: MethodKind.BuiltinOperator } => true,
            _ => NanoApi.Has(symbol.OriginalDefinition.GetDocumentationCommentId() ?? string.Empty),
        };
    }
}

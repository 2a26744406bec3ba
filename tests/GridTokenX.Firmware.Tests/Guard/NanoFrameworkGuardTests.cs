using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Mono.Cecil;

namespace GridTokenX.Firmware.Tests.Guard;

/// <summary>
/// The firmware and the wire formats use only what nanoFramework has, and nothing that misleads its interpreter.
/// </summary>
public sealed class NanoFrameworkGuardTests
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

    [Fact]
    public void Project_file_names_every_source_there_is()
    {
        var wire = Path.Combine(FirmwareSources.Root, "protocol", "GridTokenX.Protocol", "Wire");
        var there = Directory.EnumerateFiles(FirmwareSources.Folder, "*.cs", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(wire, "*.cs"));

        FirmwareSources.Files.Order(StringComparer.Ordinal).ShouldBe(there.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Sources_compile_as_csharp_9_without_a_warning() =>
        FirmwareSources.Compilation.GetDiagnostics()
            .Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning)
            .Select(diagnostic => diagnostic.ToString())
            .ShouldBeEmpty();

    [Fact]
    public void Every_symbol_in_the_sources_is_nanoFrameworks_or_our_own() =>
        ForeignSymbols(FirmwareSources.Compilation).ShouldBeEmpty();

    [Fact]
    public void Every_reference_of_the_compiled_assembly_is_in_nanoFrameworks_list()
    {
        using var module = ModuleDefinition.ReadModule(new MemoryStream(FirmwareSources.Assembly));
        var types = module.GetTypeReferences().Select(type => (Type: type, Id: NanoApi.IdOf(type)));
        var members = module.GetMemberReferences().Select(member => (
            Type: member.DeclaringType,
            Id: member is FieldReference field ? NanoApi.IdOf(field) : NanoApi.IdOf((MethodReference)member)));

        types.Concat(members)
            .Where(reference => !CompilersOwn.Contains(reference.Type.FullName) && !NanoApi.Has(reference.Id))
            // For a lock, a compiler that knows only Enter(object) calls that.
            .Where(reference => reference.Id != "M:System.Threading.Monitor.Enter(System.Object,System.Boolean@)")
            .Select(reference => reference.Id)
            .ShouldBeEmpty();
    }

    [Fact]
    public void Nothing_is_used_that_crashes_or_misleads_the_interpreter() =>
        FirmwareSources.Compilation.SyntaxTrees
            .SelectMany(tree => tree.GetRoot().DescendantNodes())
            .Where(IsForbidden)
            .Select(node => $"{node.Kind()} at {node.GetLocation().GetLineSpan()}")
            .ShouldBeEmpty();

    [Fact]
    public void Guard_finds_what_it_looks_for()
    {
        const string Source = """
            interface IOld { int Length() { return 1; } }
            class Bad<T> { int[,] a; void M() { int x = checked(1 + a.Length); }
            unsafe void N() { int* p = stackalloc int[2]; }
            string F(int n) { return n.ToString("0000"); } System.Action<int> G; double d;
            string H(int n) { return $"{n:00}"; } volatile int v; char Last(string s) { return s[^1]; }
            dynamic Any() { int Local() { return 1; } return Local(); } }
            """;
        var tree = CSharpSyntaxTree.ParseText(Source);

        tree.GetRoot().DescendantNodes().Where(IsForbidden).Select(node => node.Kind()).Distinct().ShouldBe(
        [
            SyntaxKind.MethodDeclaration, SyntaxKind.TypeParameterList, SyntaxKind.ArrayRankSpecifier,
            SyntaxKind.CheckedExpression, SyntaxKind.PointerType, SyntaxKind.StackAllocArrayCreationExpression,
            SyntaxKind.StringLiteralExpression, SyntaxKind.GenericName, SyntaxKind.PredefinedType,
            SyntaxKind.InterpolationFormatClause, SyntaxKind.FieldDeclaration, SyntaxKind.IndexExpression,
            SyntaxKind.IdentifierName, SyntaxKind.LocalFunctionStatement,
        ]);
    }

    [Fact]
    public void Guard_finds_a_member_that_only_dotnet_has()
    {
        const string Source = """class C { int M(string s) => s.Replace("a", "b").Length + s.IndexOf('c'); }""";
        var compilation = FirmwareSources.Compilation
            .RemoveAllSyntaxTrees()
            .AddSyntaxTrees(CSharpSyntaxTree.ParseText(Source));

        ForeignSymbols(compilation).ShouldHaveSingleItem()
            .ShouldStartWith("M:System.String.Replace(System.String,System.String)");
    }

    private static SortedSet<string> ForeignSymbols(CSharpCompilation compilation)
    {
        var foreign = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var tree in compilation.SyntaxTrees)
        {
            var model = compilation.GetSemanticModel(tree);
            foreach (var node in tree.GetRoot().DescendantNodes())
            {
                foreach (var symbol in SymbolsOf(model, node).Where(symbol => !IsAllowed(symbol, compilation.Assembly)))
                {
                    var line = node.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
                    foreign.Add($"{symbol.GetDocumentationCommentId()} at line {line} of {tree.FilePath}");
                }
            }
        }

        return foreign;
    }

    private static bool IsForbidden(SyntaxNode node) => node switch
    {
        TypeParameterListSyntax or GenericNameSyntax or NullableTypeSyntax or TupleTypeSyntax => true,
        ArrayRankSpecifierSyntax rank => rank.Rank > 1,
        StackAllocArrayCreationExpressionSyntax or ImplicitStackAllocArrayCreationExpressionSyntax => true,
        CheckedExpressionSyntax or CheckedStatementSyntax or FixedStatementSyntax or UnsafeStatementSyntax => true,
        PointerTypeSyntax or YieldStatementSyntax or AwaitExpressionSyntax or RecordDeclarationSyntax => true,
        RangeExpressionSyntax or QueryExpressionSyntax or LocalFunctionStatementSyntax => true,
        InterpolationFormatClauseSyntax format => format.FormatStringToken.ValueText.StartsWith('0'),
        PrefixUnaryExpressionSyntax unary => unary.IsKind(SyntaxKind.IndexExpression),
        FieldDeclarationSyntax field => field.Modifiers.Any(SyntaxKind.VolatileKeyword),
        IdentifierNameSyntax name => name.Identifier.ValueText is "dynamic" or "Span" or "decimal",
        PredefinedTypeSyntax type => type.Keyword.Kind()
            is SyntaxKind.DoubleKeyword or SyntaxKind.FloatKeyword or SyntaxKind.DecimalKeyword,
        LiteralExpressionSyntax literal => literal.IsKind(SyntaxKind.Utf8StringLiteralExpression)
            || (literal.IsKind(SyntaxKind.StringLiteralExpression) && IsZeroFormat(literal)),
        MethodDeclarationSyntax method => method.Parent is InterfaceDeclarationSyntax
            && (method.Body is not null || method.ExpressionBody is not null),
        _ => false,
    };

    private static bool IsZeroFormat(LiteralExpressionSyntax literal) =>
        literal.Token.ValueText is { Length: > 0 } text && text.All(character => character == '0');

    private static IEnumerable<ISymbol> SymbolsOf(SemanticModel model, SyntaxNode node)
    {
        if (node is ExpressionSyntax)
        {
            var type = model.GetTypeInfo(node);
            var conversion = model.GetConversion(node).MethodSymbol;
            var symbols = new[] { model.GetSymbolInfo(node).Symbol, type.Type, type.ConvertedType, conversion };
            return symbols.OfType<ISymbol>();
        }

        return node is ConstructorInitializerSyntax && model.GetSymbolInfo(node).Symbol is { } symbol ? [symbol] : [];
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

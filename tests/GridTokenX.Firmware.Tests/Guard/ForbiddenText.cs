using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GridTokenX.Firmware.Tests.Guard;

/// <summary>What crashes or misleads nanoFramework's interpreter, or is not there, by its syntax.</summary>
internal static class ForbiddenText
{
    internal static IEnumerable<string> In(CSharpCompilation compilation) =>
        compilation.SyntaxTrees.SelectMany(tree => In(tree.GetRoot()));

    internal static IEnumerable<string> In(SyntaxNode root) =>
        root.DescendantNodes().Where(IsForbidden).Select(node => $"{node.Kind()} at {node.GetLocation().GetLineSpan()}")
            // What is left out here may be there on the device, where other symbols are defined.
            .Concat(root.DescendantTrivia().Where(trivia => trivia.IsKind(SyntaxKind.IfDirectiveTrivia))
                .Select(trivia => $"{trivia.Kind()} at {trivia.GetLocation().GetLineSpan()}"));

    private static bool IsForbidden(SyntaxNode node) => node switch
    {
        TypeParameterListSyntax or GenericNameSyntax or NullableTypeSyntax or TupleTypeSyntax => true,
        TupleExpressionSyntax or AnonymousObjectCreationExpressionSyntax => true,
        ArrayRankSpecifierSyntax rank => rank.Rank > 1,
        ImplicitArrayCreationExpressionSyntax array => array.Commas.Count > 0,
        StackAllocArrayCreationExpressionSyntax or ImplicitStackAllocArrayCreationExpressionSyntax => true,
        CheckedExpressionSyntax or CheckedStatementSyntax or FixedStatementSyntax or UnsafeStatementSyntax => true,
        PointerTypeSyntax or FunctionPointerTypeSyntax or YieldStatementSyntax or AwaitExpressionSyntax => true,
        RecordDeclarationSyntax or RangeExpressionSyntax or QueryExpressionSyntax or WithExpressionSyntax => true,
        LocalFunctionStatementSyntax or MakeRefExpressionSyntax or RefValueExpressionSyntax => true,
        PrefixUnaryExpressionSyntax unary => unary.IsKind(SyntaxKind.IndexExpression),
        FieldDeclarationSyntax field => field.Modifiers.Any(SyntaxKind.VolatileKeyword),
        IdentifierNameSyntax name => name.Identifier.ValueText is "dynamic" or "Span" or "decimal",
        PredefinedTypeSyntax type => type.Keyword.Kind()
            is SyntaxKind.DoubleKeyword or SyntaxKind.FloatKeyword or SyntaxKind.DecimalKeyword,
        LiteralExpressionSyntax literal => literal.IsKind(SyntaxKind.Utf8StringLiteralExpression)
            || literal.Token.Value is double or float or decimal,
        MemberDeclarationSyntax member => member.Modifiers.Any(SyntaxKind.AsyncKeyword)
            || (member.Parent is InterfaceDeclarationSyntax && HasBody(member)),
        AnonymousFunctionExpressionSyntax lambda => lambda.Modifiers.Any(SyntaxKind.AsyncKeyword),
        _ => false,
    };

    /// <summary>A member of an interface that does something itself is silently wrong.</summary>
    private static bool HasBody(MemberDeclarationSyntax member) =>
        member is not (TypeDeclarationSyntax or DelegateDeclarationSyntax)
        && (member.Modifiers.Any(SyntaxKind.StaticKeyword)
            || member.DescendantNodes().Any(node => node is BlockSyntax or ArrowExpressionClauseSyntax));
}

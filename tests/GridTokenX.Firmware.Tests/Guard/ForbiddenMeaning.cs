using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GridTokenX.Firmware.Tests.Guard;

/// <summary>What is only wrong by what it means: numbers that are no integers, formats, enums as text.</summary>
internal static partial class ForbiddenMeaning
{
    internal static IEnumerable<string> In(CSharpCompilation compilation) =>
        from tree in compilation.SyntaxTrees
        let model = compilation.GetSemanticModel(tree)
        from node in tree.GetRoot().DescendantNodes()
        from what in In(model, node)
        select $"{what} at {node.GetLocation().GetLineSpan()}";

    internal static IEnumerable<ISymbol> SymbolsOf(SemanticModel model, SyntaxNode node)
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

    private static IEnumerable<string> In(SemanticModel model, SyntaxNode node)
    {
        if (node is InterpolationFormatClauseSyntax format && !IsKnown(format.FormatStringToken.ValueText))
        {
            yield return "format " + format;
        }

        if (node is not ExpressionSyntax expression)
        {
            yield break;
        }

        var type = model.GetTypeInfo(expression);
        if (IsFraction(type.Type) || IsFraction(type.ConvertedType))
        {
            yield return "fraction " + expression;
        }

        if (type.Type is { TypeKind: TypeKind.Enum } && IsText(model, expression, type))
        {
            yield return "enum as text " + expression;
        }

        if (expression is InvocationExpressionSyntax call && HasUnknownFormat(model, call))
        {
            yield return "format " + call;
        }
    }

    private static bool IsFraction(ITypeSymbol? type) =>
        type?.SpecialType is SpecialType.System_Double or SpecialType.System_Single or SpecialType.System_Decimal;

    /// <summary>The interpreter gives the number where .NET gives the name.</summary>
    private static bool IsText(SemanticModel model, ExpressionSyntax expression, TypeInfo type) =>
        expression.Parent is InterpolationSyntax
        || (type.ConvertedType?.SpecialType is SpecialType.System_Object or SpecialType.System_String
            or SpecialType.System_ValueType or SpecialType.System_Enum)
        || (expression.Parent is MemberAccessExpressionSyntax access && access.Expression == expression
            && model.GetSymbolInfo(access).Symbol is IMethodSymbol { Name: "ToString" })
        || (expression.Parent is BinaryExpressionSyntax binary
            && model.GetTypeInfo(binary).Type?.SpecialType == SpecialType.System_String);

    private static bool HasUnknownFormat(SemanticModel model, InvocationExpressionSyntax call)
    {
        if (model.GetSymbolInfo(call).Symbol is not IMethodSymbol method)
        {
            return false;
        }

        var isFormat = method is { Name: "Format", ContainingType.SpecialType: SpecialType.System_String };
        var isToString = method is { Name: "ToString", Parameters.Length: > 0 }
            && method.Parameters[0].Type.SpecialType == SpecialType.System_String;
        if (!isFormat && !isToString)
        {
            return false;
        }

        // A format that is only known when it runs may be any.
        var format = model.GetConstantValue(call.ArgumentList.Arguments[0].Expression);
        return format is not { HasValue: true, Value: string text }
            || (isToString ? !IsKnown(text) : Holes().Matches(text).Any(hole => !IsKnown(hole.Groups["format"].Value)));
    }

    /// <summary>D, F, N and X, with a precision at most: what the interpreter knows.</summary>
    private static bool IsKnown(string format) => Known().IsMatch(format);

    [GeneratedRegex("^[DFNXdfnx][0-9]{0,2}$", RegexOptions.NonBacktracking)]
    private static partial Regex Known();

    [GeneratedRegex("""\{[^}:]*:(?<format>[^}]*)\}""", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Holes();
}

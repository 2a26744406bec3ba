using GridTokenX.Protocol.Keys;

namespace GridTokenX.CloudCore.Api;

/// <summary>A key in an address' query: Base58 of 32 bytes.</summary>
internal static class KeyParameter
{
    /// <summary>False when the text is no key; null of no text.</summary>
    internal static bool TryRead(string? text, out Key32? key)
    {
        var isKey = Key32.TryParse(text, out var read);
        key = isKey ? read : null;
        return isKey || text is null;
    }
}

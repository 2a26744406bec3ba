using GridTokenX.Protocol.Keys;

namespace GridTokenX.Protocol.Tests;

/// <summary>Valid values; a test says only what matters to it.</summary>
internal static class Some
{
    /// <summary>The key with a seed of 32 equal bytes.</summary>
    internal static SigningKey Key(byte number) => SigningKey.FromSeed(Enumerable.Repeat(number, 32).ToArray());
}

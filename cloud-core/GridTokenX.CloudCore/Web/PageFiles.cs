using System.Collections.Frozen;
using System.Reflection;
using System.Security.Cryptography;

namespace GridTokenX.CloudCore.Web;

/// <summary>A file of the page, as it is and packed.</summary>
internal sealed record PageFile(
    string ContentType, string ETag, ReadOnlyMemory<byte> Plain, ReadOnlyMemory<byte>? Brotli,
        ReadOnlyMemory<byte>? Gzip);

/// <summary>
/// The built page, out of the assembly: nothing is read from a disk, and no path comes from a request.
/// </summary>
internal sealed class PageFiles
{
    internal const string Index = "index.html";

    private const string Prefix = "web/";

    private static readonly FrozenDictionary<string, string> ContentTypes = new Dictionary<string, string>
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly FrozenDictionary<string, PageFile> _files;

    private PageFiles(FrozenDictionary<string, PageFile> files) => _files = files;

    /// <summary>By its path under the folder that was built: <c>index.html</c>, <c>assets/…</c>.</summary>
    internal PageFile? Find(string path) => _files.GetValueOrDefault(path);

    internal static PageFiles Load()
    {
        var assembly = typeof(PageFiles).Assembly;
        var bytes = assembly.GetManifestResourceNames()
            .Where(static name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .ToDictionary(static name => name[Prefix.Length..], name => Read(assembly, name), StringComparer.Ordinal);
        return new PageFiles(bytes
            .Where(static file => ContentTypes.ContainsKey(Path.GetExtension(file.Key)))
            .ToFrozenDictionary(
                static file => file.Key,
                file => new PageFile(
                    ContentTypes[Path.GetExtension(file.Key)],
                    $"\"{Convert.ToHexStringLower(SHA256.HashData(file.Value).AsSpan(0, 12))}\"",
                    file.Value,
                    Packed(bytes, file.Key + ".br"),
                    Packed(bytes, file.Key + ".gz")),
                StringComparer.Ordinal));
    }

    private static ReadOnlyMemory<byte>? Packed(Dictionary<string, byte[]> bytes, string name) =>
        bytes.TryGetValue(name, out var packed) ? packed : default(ReadOnlyMemory<byte>?);

    private static byte[] Read(Assembly assembly, string name)
    {
        using var stream = assembly.GetManifestResourceStream(name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}

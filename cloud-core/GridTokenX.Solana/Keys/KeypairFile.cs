using System.Security.Cryptography;
using System.Text.Json;

namespace GridTokenX.Solana;

public sealed class KeypairFileException(string message, Exception? innerException = null)
    : Exception(message, innerException);

/// <summary>The key file of Solana's own tools: a JSON array of the 64 bytes of a secret key as numbers.</summary>
internal static class KeypairFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    // 64 numbers of three digits with separators and white space fit many times over.
    private const int MaxFileBytes = 4096;

    public static Keypair Load(string path)
    {
        var text = GC.AllocateArray<byte>(MaxFileBytes + 1, pinned: true);
        Span<byte> secretKey = stackalloc byte[Keypair.SecretKeyLength];
        try
        {
            var length = Read(path, text);
            Parse(text.AsSpan(0, length), secretKey, path);
            return Keypair.FromSecretKey(secretKey);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or ArgumentException)
        {
            // The parser's own message may quote the text, which is the secret.
            throw e is IOException or UnauthorizedAccessException
                ? new KeypairFileException($"The key file {path} cannot be read: {e.Message}", e)
                : new KeypairFileException($"{path} is not a Solana key file (a JSON array of 64 numbers).");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
            CryptographicOperations.ZeroMemory(secretKey);
        }
    }

    public static void Save(string path, ReadOnlySpan<byte> secretKey)
    {
        var text = GC.AllocateArray<byte>(MaxFileBytes, pinned: true);
        var unfinished = path + ".unfinished";
        try
        {
            var length = Format(secretKey, text);
            File.Delete(unfinished);
            Write(unfinished, text.AsSpan(0, length));
            File.Move(unfinished, path, overwrite: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KeypairFileException($"The key file {path} cannot be written: {e.Message}", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
        }
    }

    private static int Read(string path, Span<byte> text)
    {
        using var handle = File.OpenHandle(path);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(handle) & Others) != UnixFileMode.None)
        {
            throw new KeypairFileException($"The key file {path} is open to others than its owner: chmod 600 {path}");
        }

        var length = 0;
        while (length < text.Length)
        {
            var read = RandomAccess.Read(handle, text[length..], length);
            if (read == 0)
            {
                return length;
            }

            length += read;
        }

        throw new KeypairFileException($"{path} is not a Solana key file (it is longer than {MaxFileBytes} bytes).");
    }

    private static void Write(string path, ReadOnlySpan<byte> text)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using var stream = new FileStream(path, options);
        stream.Write(text);
        stream.Flush(flushToDisk: true);
    }

    private static void Parse(ReadOnlySpan<byte> text, Span<byte> secretKey, string path)
    {
        var reader = new Utf8JsonReader(text);
        var count = 0;
        var isArray = reader.Read() && reader.TokenType == JsonTokenType.StartArray;
        while (isArray && reader.Read() && reader.TokenType == JsonTokenType.Number)
        {
            if (count == secretKey.Length || !reader.TryGetByte(out secretKey[count]))
            {
                throw new JsonException("Not 64 bytes.");
            }

            count++;
        }

        if (!isArray || reader.TokenType != JsonTokenType.EndArray || count != secretKey.Length || reader.Read())
        {
            throw new KeypairFileException($"{path} is not a Solana key file (a JSON array of 64 numbers).");
        }
    }

    private static int Format(ReadOnlySpan<byte> secretKey, Span<byte> text)
    {
        var length = 0;
        foreach (var value in secretKey)
        {
            text[length] = length == 0 ? (byte)'[' : (byte)',';
            length++;
            _ = value.TryFormat(text[length..], out var digits);
            length += digits;
        }

        text[length] = (byte)']';
        return length + 1;
    }
}

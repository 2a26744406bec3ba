using System.Buffers.Text;
using System.Security.Cryptography;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Time;
using Microsoft.IdentityModel.Tokens;

namespace GridTokenX.CloudCore.Accounts;

/// <summary>
/// The P-256 keys of access tokens (ES256): one that signs, and the one before it, both in files of mode 600 in the key
/// folder. Their ids are the beginning of the SHA-256 of the public key. Processes share the folder: a token with an
/// unknown id makes this one look there again, at most once a second.
/// </summary>
internal sealed class TokenKeys(CloudOptions cloud, AccountsOptions options, WallTime wall) : IDisposable
{
    private const int ScalarLength = 32;
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly string _currentPath = Path.Combine(cloud.KeyFolder, "token-signing.key");
    private readonly string _previousPath = Path.Combine(cloud.KeyFolder, "token-signing.old");
    private readonly Lock _lock = new();
    private readonly List<ECDsa> _opened = [];
    private ECDsaSecurityKey? _current;
    private ECDsaSecurityKey? _previous;
    private DateTimeOffset _lookedAt;

    /// <summary>Signs new tokens; changed when it has become too old.</summary>
    internal ECDsaSecurityKey Current
    {
        get
        {
            lock (_lock)
            {
                if (_current is null)
                {
                    Load();
                }

                return _current!;
            }
        }
    }

    /// <summary>None when the token was signed by no key of ours.</summary>
    internal IReadOnlyList<SecurityKey> WithId(string? id)
    {
        lock (_lock)
        {
            if (_current is null || (Find(id) is null && wall.UtcNow - _lookedAt >= LookInterval))
            {
                Load();
            }

            return Find(id) is { } key ? [key] : [];
        }
    }

    /// <summary>A token with this id was signed by a key that still counts.</summary>
    internal bool Knows(string id)
    {
        lock (_lock)
        {
            return _current?.KeyId == id || _previous?.KeyId == id;
        }
    }

    /// <summary>Puts a key that is too old aside; true when it did.</summary>
    internal bool RotateIfOld()
    {
        lock (_lock)
        {
            if (!File.Exists(_currentPath)
                || wall.UtcNow - new DateTimeOffset(File.GetLastWriteTimeUtc(_currentPath)) < options.TokenKeyAge)
            {
                return false;
            }

            Rotate();
            return true;
        }
    }

    internal void Rotate()
    {
        lock (_lock)
        {
            File.Move(_currentPath, _previousPath, overwrite: true);
            Load();
        }
    }

    public void Dispose()
    {
        foreach (var key in _opened)
        {
            key.Dispose();
        }
    }

    private ECDsaSecurityKey? Find(string? id) =>
        new[] { _current, _previous }.FirstOrDefault(key => key is not null && key.KeyId == id);

    private void Load()
    {
        _lookedAt = wall.UtcNow;
        _current = Open(_currentPath, _current);
        _previous = File.Exists(_previousPath) ? Open(_previousPath, _previous) : null;
    }

    /// <summary>The key in the file; the same object as before while it is the same key.</summary>
    private ECDsaSecurityKey Open(string path, ECDsaSecurityKey? known)
    {
        // Random bytes are a valid scalar, but for one time in 2^32.
        var scalar = SecretFile.ReadOrCreate(path, ScalarLength);
        var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = scalar });
        CryptographicOperations.ZeroMemory(scalar);
        var id = Base64Url.EncodeToString(SHA256.HashData(key.ExportSubjectPublicKeyInfo()).AsSpan(0, 12));
        foreach (var same in new[] { known, _current, _previous })
        {
            if (same?.KeyId == id)
            {
                key.Dispose();
                return same;
            }
        }

        _opened.Add(key);
        return new ECDsaSecurityKey(key) { KeyId = id };
    }
}

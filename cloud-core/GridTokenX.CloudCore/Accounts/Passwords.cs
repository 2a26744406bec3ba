using System.Text;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.CloudCore.Accounts;

/// <summary>Passwords and addresses: what is taken, and how a password is hashed.</summary>
internal sealed class Passwords : IDisposable
{
    private const int LeastLength = 10;
    private const int MostLength = 128;
    private const int LeastDistinct = 5;
    private const int MaxEmailLength = 254;

    // Each takes 16 MiB and some 50 ms of a core: with more at once than cores all of them would only be slower.
    private readonly SemaphoreSlim _places = new(Math.Max(1, Environment.ProcessorCount));

    // What is verified for an account that does not exist, so that it takes as long.
    private readonly Lazy<string> _nobody = new(static () => PasswordHash.Of(OpaqueToken.New()));

    internal static string? FaultOf(string password, string email)
    {
        if (password.Length is < LeastLength or > MostLength)
        {
            return $"It has {LeastLength} to {MostLength} characters.";
        }

        if (password.Distinct().Count() < LeastDistinct)
        {
            return $"It has at least {LeastDistinct} different characters.";
        }

        return password.Contains(email.Split('@')[0], StringComparison.OrdinalIgnoreCase)
            ? "It does not contain the e-mail address."
            : null;
    }

    /// <summary>The form by which accounts are found: lower case, without spaces around; null for no address.</summary>
    internal static string? Normalise(string email)
    {
        var text = email.Trim().ToLowerInvariant();
        var at = text.IndexOf('@', StringComparison.Ordinal);
        return text.Length <= MaxEmailLength
            && at > 0
            && at == text.LastIndexOf('@')
            && at < text.Length - 1
            && text.All(static c => c is > ' ' and < '\u007f' && c is not ('<' or '>' or '"' or '\\' or ',' or ';'))
                ? text
                : null;
    }

    internal async Task<string> HashAsync(string password, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => PasswordHash.Of(password), cancellationToken);
        }
        finally
        {
            _ = _places.Release();
        }
    }

    /// <summary>False when there is no hash, after as long a time.</summary>
    internal async Task<bool> VerifyAsync(string? hash, string password, CancellationToken cancellationToken)
    {
        if (password.Length > MostLength || Encoding.UTF8.GetByteCount(password) > 4 * MostLength)
        {
            return false;
        }

        await _places.WaitAsync(cancellationToken);
        try
        {
            var isRight = await Task.Run(
                () => PasswordHash.Verify(hash ?? _nobody.Value, password), cancellationToken);
            return isRight && hash is not null;
        }
        finally
        {
            _ = _places.Release();
        }
    }

    public void Dispose() => _places.Dispose();
}

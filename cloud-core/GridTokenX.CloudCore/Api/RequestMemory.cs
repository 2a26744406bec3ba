using System.Buffers;
using GridTokenX.CloudCore.Metrics;

namespace GridTokenX.CloudCore.Api;

/// <summary>Bounds the bodies of all requests together, as far as they have arrived.</summary>
internal sealed class RequestMemory(ApiOptions options, CloudMetrics metrics)
{
    private long _used;

    /// <exception cref="OverloadedException">There is no room; nothing was taken.</exception>
    internal void Take(int bytes)
    {
        if (Interlocked.Add(ref _used, bytes) > options.MaxBodyBytesInHand)
        {
            Return(bytes);
            metrics.Limited("memory");
            throw new OverloadedException("Too many bodies are in hand.");
        }
    }

    internal void Return(int bytes) => _ = Interlocked.Add(ref _used, -bytes);
}

/// <summary>A pooled buffer that grows; its bytes are gone when it is disposed.</summary>
internal sealed class BodyBuffer(RequestMemory memory) : IDisposable
{
    private const int LeastBytes = 1024;

    private byte[] _bytes = [];

    internal int Length { get; private set; }

    internal ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    /// <summary>All the room behind what is written: at least one byte.</summary>
    /// <exception cref="OverloadedException">There is no memory for more.</exception>
    internal Memory<byte> Room()
    {
        if (Length == _bytes.Length)
        {
            Grow(Math.Max(LeastBytes, 2 * Length));
        }

        return _bytes.AsMemory(Length);
    }

    /// <summary>Room for so many bytes at once, and one more.</summary>
    /// <exception cref="OverloadedException">There is no memory for them.</exception>
    internal void Reserve(int bytes)
    {
        if (bytes >= _bytes.Length)
        {
            Grow(bytes + 1);
        }
    }

    internal void Advance(int bytes) => Length += bytes;

    internal MemoryStream ToStream() => new(_bytes, 0, Length, writable: false);

    public void Dispose()
    {
        var bytes = _bytes;
        (_bytes, Length) = ([], 0);
        GiveBack(bytes);
    }

    private void Grow(int bytes)
    {
        var larger = ArrayPool<byte>.Shared.Rent(bytes);
        try
        {
            memory.Take(larger.Length);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(larger);
            throw;
        }

        Written.CopyTo(larger);
        var smaller = _bytes;
        _bytes = larger;
        GiveBack(smaller);
    }

    private void GiveBack(byte[] bytes)
    {
        if (bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(bytes);
            memory.Return(bytes.Length);
        }
    }
}

using System.Buffers.Binary;
using System.Text;

namespace GridTokenX.Programs.Tests.Client;

/// <summary>An account's data with fields put at offsets.</summary>
internal sealed class Layout
{
    private readonly byte[] _data;

    private Layout(byte[] data) => _data = data;

    public static Layout Of(int length, string discriminator)
    {
        var data = new byte[length];
        Convert.FromHexString(discriminator).CopyTo(data, 0);
        return new Layout(data);
    }

    public static implicit operator byte[](Layout layout) => layout._data;

    public static implicit operator ReadOnlySpan<byte>(Layout layout) => layout._data;

    public Layout Key(int offset, string name)
    {
        Some.Key(name).CopyTo(_data.AsSpan(offset));
        return this;
    }

    public Layout Text(int offset, string text)
    {
        Encoding.ASCII.GetBytes(text, _data.AsSpan(offset));
        return this;
    }

    public Layout U8(int offset, byte value)
    {
        _data[offset] = value;
        return this;
    }

    public Layout U16(int offset, ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_data.AsSpan(offset), value);
        return this;
    }

    public Layout U32(int offset, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_data.AsSpan(offset), value);
        return this;
    }

    public Layout U64(int offset, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_data.AsSpan(offset), value);
        return this;
    }
}

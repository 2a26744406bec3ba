using System.Text;
using FsCheck;
using FsCheck.Fluent;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Protocol.Tests;

public sealed class KeyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gridtokenx-keys-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // RFC 8032, section 7.1, tests 1 to 3
    [Theory]
    [InlineData(
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")]
    [InlineData(
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")]
    [InlineData(
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")]
    public void Signatures_are_those_of_the_standard(string seed, string publicKey, string message, string signature)
    {
        using var key = SigningKey.FromSeed(Convert.FromHexString(seed));
        var bytes = Convert.FromHexString(message);

        key.PublicKey.ToArray().ShouldBe(Convert.FromHexString(publicKey));
        key.Sign(bytes).ShouldBe(Convert.FromHexString(signature));
        Ed25519.Verify(key.PublicKey, bytes, Convert.FromHexString(signature)).ShouldBeTrue();
    }

    [Fact]
    public void Base58_keeps_every_byte_string() =>
        Prop.ForAll<byte[]>(static bytes =>
        {
            var decoded = new byte[bytes.Length];
            return Base58.TryDecode(Base58.Encode(bytes), decoded, bytes.Length) && decoded.SequenceEqual(bytes);
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("", "")]
    [InlineData("00", "1")]
    [InlineData("0000287fb4cd", "11233QC4")]
    [InlineData("516b6fcd0f", "ABnLTmg")]
    public void Base58_is_bitcoins(string hex, string text) =>
        Base58.Encode(Convert.FromHexString(hex)).ShouldBe(text);

    [Theory]
    [InlineData("")]
    [InlineData("0OIl")]
    [InlineData("1111111111111111111111111111111")]
    [InlineData("111111111111111111111111111111111")]
    [InlineData("zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz")]
    public void Text_that_is_no_key_is_refused(string text) => Key32.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void Key_file_is_for_its_owner_alone_and_reads_back()
    {
        var path = Path.Combine(_folder, "deeper", "key.json");
        using var made = SigningKey.LoadOrCreate(path);
        using var read = SigningKey.LoadOrCreate(path);

        read.PublicKey.ShouldBe(made.PublicKey);
        read.Sign("x"u8).ShouldBe(made.Sign("x"u8));
        File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public void Key_file_that_others_may_read_is_refused()
    {
        var path = Path.Combine(_folder, "key.json");
        SigningKey.Generate().Save(path);
        File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.GroupRead);
        _ = Should.Throw<UnauthorizedAccessException>(() => SigningKey.Load(path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"key\":1}")]
    [InlineData("[256,1,2]")]
    public void File_that_is_no_key_is_refused(string content)
    {
        var path = Path.Combine(_folder, "key.json");
        using (var stream = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            stream.Write(Encoding.UTF8.GetBytes(content));
        }

        _ = Should.Throw<FormatException>(() => SigningKey.Load(path));
    }

    [Fact]
    public void Disposed_key_signs_nothing()
    {
        var key = Some.Key(3);
        key.Dispose();
        _ = Should.Throw<ObjectDisposedException>(() => key.Sign("x"u8));
    }
}

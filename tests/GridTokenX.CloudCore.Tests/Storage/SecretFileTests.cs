using GridTokenX.CloudCore.Registration;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.CloudCore.Tests.Storage;

public sealed class SecretFileTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"gtx-secret-{Guid.NewGuid():N}");

    private string File1 => Path.Combine(_folder, "secret.key");

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Fact]
    public void A_secret_is_made_once_for_its_owner_only()
    {
        var made = SecretFile.ReadOrCreate(File1, 32);

        made.Length.ShouldBe(32);
        made.ShouldNotBe(new byte[32]);
        SecretFile.ReadOrCreate(File1, 32).ShouldBe(made);
        File.GetUnixFileMode(File1).ShouldBe(OwnerOnly);
        File.GetUnixFileMode(_folder).ShouldBe(OwnerOnly | UnixFileMode.UserExecute);
        Directory.GetFiles(_folder).ShouldBe([File1]);
    }

    [Fact]
    public void A_secret_that_others_may_read_is_refused()
    {
        _ = SecretFile.ReadOrCreate(File1, 32);
        File.SetUnixFileMode(File1, OwnerOnly | UnixFileMode.GroupRead);
        Should.Throw<UnauthorizedAccessException>(() => SecretFile.ReadOrCreate(File1, 32))
            .Message.ShouldContain("600");
    }

    [Fact]
    public void A_secret_of_another_length_is_refused()
    {
        _ = SecretFile.ReadOrCreate(File1, 31);
        _ = Should.Throw<InvalidDataException>(() => SecretFile.ReadOrCreate(File1, 32));
    }

    [Fact]
    public void A_pairing_follows_from_the_master_key_and_the_device()
    {
        _ = Directory.CreateDirectory(_folder);
        var master = Path.Combine(_folder, "command-master.key");
        File.WriteAllBytes(master, [.. Enumerable.Range(0, 32).Select(static n => (byte)n)]);
        File.SetUnixFileMode(master, OwnerOnly);
        var keys = new CommandKeys(new CloudOptions { Database = "", KeyFolder = _folder, OperatorKey = "" });
        using var device = SigningKey.FromSeed([.. Enumerable.Repeat((byte)7, 32)]);

        // By Node: createHmac('sha256', bytes 0 to 31).update('GTX/pairing-key/v1').update(device).digest('hex')
        var secret = Convert.FromHexString("a17050aafbc4166826ced43d6a6c9ce1a3bbcab9095149fd937d13f86936d184");
        keys.With(device.PublicKey).ShouldBeEquivalentTo(Pairing.Of(secret, device.PublicKey));
        keys.For(device.PublicKey).ShouldBe(Pairing.Of(secret, device.PublicKey).CommandKey);
    }
}

using System.Text.Json;

namespace GridTokenX.Solana.Tests;

public sealed class KeypairTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gridtokenx-keys-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Generated_keys_differ_and_sign()
    {
        using var first = Keypair.Generate();
        using var second = Keypair.Generate();
        first.PublicKey.ShouldNotBe(second.PublicKey);
        first.PublicKey.Verify("energy"u8, first.Sign("energy"u8)).ShouldBeTrue();
    }

    [Fact]
    public void A_signature_of_another_message_or_key_does_not_verify()
    {
        using var keypair = Some.Keypair("signer");
        var signature = keypair.Sign("energy"u8);
        keypair.PublicKey.Verify("Energy"u8, signature).ShouldBeFalse();
        Some.Keypair("other").PublicKey.Verify("energy"u8, signature).ShouldBeFalse();
        var changed = signature.ToArray();
        changed[63] ^= 1;
        keypair.PublicKey.Verify("energy"u8, new Signature(changed)).ShouldBeFalse();
    }

    [Fact]
    public void A_saved_key_comes_back_and_only_its_owner_can_read_the_file()
    {
        var path = Path.Combine(_folder, "id.json");
        using var keypair = Some.Keypair("saved");
        keypair.Save(path);

        File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using var loaded = Keypair.Load(path);
        loaded.PublicKey.ShouldBe(keypair.PublicKey);
        loaded.Sign("x"u8).ShouldBe(keypair.Sign("x"u8));
        var numbers = JsonSerializer.Deserialize<int[]>(File.ReadAllText(path))!;
        numbers.Length.ShouldBe(64);
        numbers[32..].Select(number => (byte)number).ShouldBe(keypair.PublicKey.ToArray());
        Directory.GetFiles(_folder).ShouldHaveSingleItem();
    }

    [Fact]
    public void An_existing_key_file_is_never_replaced()
    {
        var path = Path.Combine(_folder, "id.json");
        Some.Keypair("first").Save(path);
        Should.Throw<KeypairFileException>(() => Some.Keypair("second").Save(path));
        Keypair.Load(path).PublicKey.ShouldBe(Some.Keypair("first").PublicKey);
    }

    [Fact]
    public void An_unfinished_file_of_a_crash_does_not_stop_the_next_save()
    {
        var path = Path.Combine(_folder, "id.json");
        File.WriteAllText(path + ".unfinished", "[1,2");
        Some.Keypair("after a crash").Save(path);
        Keypair.Load(path).PublicKey.ShouldBe(Some.Keypair("after a crash").PublicKey);
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void A_key_file_open_to_others_is_refused(UnixFileMode others)
    {
        var path = Path.Combine(_folder, "id.json");
        Some.Keypair("open").Save(path);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | others);
        Should.Throw<KeypairFileException>(() => Keypair.Load(path)).Message.ShouldContain("chmod 600");
    }

    [Fact]
    public void A_file_that_is_no_key_is_refused_without_quoting_it()
    {
        using var keypair = Some.Keypair("valid");
        var valid = Path.Combine(_folder, "valid.json");
        keypair.Save(valid);
        var numbers = JsonSerializer.Deserialize<int[]>(File.ReadAllText(valid))!;
        int[] otherHalf = [.. numbers[..32], .. Some.Address("other").ToArray().Select(value => (int)value)];
        string[] broken =
        [
            "", "[]", "{}", "null", "not json 77", "[1,2,3]", JsonSerializer.Serialize(numbers[..63]),
            JsonSerializer.Serialize((int[])[.. numbers, 7]), JsonSerializer.Serialize((int[])[.. numbers[..63], 256]),
            JsonSerializer.Serialize((int[])[.. numbers[..63], -1]), JsonSerializer.Serialize(otherHalf),
            JsonSerializer.Serialize(numbers) + "[]", new string(' ', 5000) + JsonSerializer.Serialize(numbers),
        ];
        foreach (var text in broken)
        {
            var path = Path.Combine(_folder, "broken.json");
            File.WriteAllText(path, text);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            var refusal = Should.Throw<KeypairFileException>(() => Keypair.Load(path), text);
            refusal.ToString().ShouldNotContain("77");
        }

        Should.Throw<KeypairFileException>(() => Keypair.Load(Path.Combine(_folder, "missing.json")));
    }

    [Fact]
    public void A_disposed_key_neither_signs_nor_saves()
    {
        var keypair = Some.Keypair("disposed");
        keypair.Dispose();
        Should.Throw<ObjectDisposedException>(() => keypair.Sign("x"u8));
        Should.Throw<ObjectDisposedException>(() => keypair.Save(Path.Combine(_folder, "id.json")));
    }

    [Fact]
    public void The_secret_is_zeroed_on_dispose_and_never_in_the_text()
    {
        var keypair = Some.Keypair("secret");
        var field = typeof(Keypair).GetField(
            "_secretKey", System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance)!;
        var secret = (byte[])field.GetValue(keypair)!;
        secret.ShouldContain(value => value != 0);
        keypair.ToString().ShouldBe(keypair.PublicKey.ToString());
        keypair.Dispose();
        secret.ShouldAllBe(value => value == 0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void A_seed_of_another_length_is_refused(int length) =>
        Should.Throw<ArgumentException>(() => Keypair.FromSeed(new byte[length]));
}

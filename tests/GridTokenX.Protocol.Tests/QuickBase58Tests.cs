using System.Text;
using FsCheck;
using FsCheck.Fluent;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Protocol.Tests;

/// <summary>The quick form against two others: SimpleBase, and the microcontroller's.</summary>
public sealed class QuickBase58Tests
{
    private const int Rounds = 20_000;

    [Theory]
    [InlineData(8)]
    [InlineData(32)]
    [InlineData(64)]
    public void What_it_writes_is_what_the_others_write_and_reads_back(int length)
    {
        // The same bytes each time: a failure can be looked at.
#pragma warning disable CA5394
        var random = new Random(58);
        var data = new byte[length];
        var back = new byte[length];
        for (var round = 0; round < Rounds; round++)
        {
            random.NextBytes(data);
            data.AsSpan(0, random.Next(length + 1) * (round % 3) / 2 % (length + 1)).Clear(); // leading zeros as well
            if (round % 7 == 0)
            {
                data.AsSpan(random.Next(length)).Fill(0xFF);
            }

            var text = QuickBase58.Encode(data);

            text.ShouldBe(SimpleBase.Base58.Bitcoin.Encode(data));
            text.ShouldBe(Base58.Encode(data));
            QuickBase58.TryDecode(text, back).ShouldBeTrue();
            back.ShouldBe(data);
        }
#pragma warning restore CA5394
    }

    [Theory]
    [InlineData(32)]
    [InlineData(64)]
    public void It_refuses_what_the_microcontrollers_refuses(int length)
    {
        // Texts that are almost right: changed, shortened, lengthened, with ones in front, too large by a little.
#pragma warning disable CA5394
        var random = new Random(4711);
        var data = new byte[length];
        var (quick, slow) = (new byte[length], new byte[length]);
        var refused = 0;
        for (var round = 0; round < Rounds; round++)
        {
            random.NextBytes(data);
            data.AsSpan(0, random.Next(3)).Clear();
            data.AsSpan(0, round % 5 == 0 ? 8 : 0).Fill(0xFF);
            var text = new StringBuilder(QuickBase58.Encode(data));
            for (var change = random.Next(3); change > 0; change--)
            {
                var at = random.Next(text.Length);
                _ = random.Next(4) switch
                {
                    0 => text.Insert(at, (char)random.Next(32, 300)),
                    1 => text.Remove(at, 1),
                    2 => text.Insert(0, '1'),
                    _ => text.Replace(text[at], 'z'),
                };
            }

            var expected = Base58.TryDecode(text.ToString(), slow, length);

            QuickBase58.TryDecode(text.ToString(), quick).ShouldBe(expected, text.ToString());
            if (expected)
            {
                quick.ShouldBe(slow);
            }

            refused += expected ? 0 : 1;
        }
#pragma warning restore CA5394

        refused.ShouldBeInRange(Rounds / 10, Rounds * 9 / 10);
    }

    [Theory]
    [InlineData(32, 0xFF)]
    [InlineData(64, 0xFF)]
    [InlineData(32, 0)]
    [InlineData(64, 0)]
    public void The_least_and_the_greatest_are_exact_and_one_more_is_refused(int length, byte value)
    {
        var data = Enumerable.Repeat(value, length).ToArray();
        var text = QuickBase58.Encode(data);
        text.ShouldBe(SimpleBase.Base58.Bitcoin.Encode(data));

        var back = new byte[length];
        QuickBase58.TryDecode(text, back).ShouldBeTrue();
        back.ShouldBe(data);
        QuickBase58.TryDecode("1" + text, back).ShouldBeFalse();
        QuickBase58.TryDecode(string.Concat(text.AsSpan(0, text.Length - 1), "z"), back).ShouldBe(value == 0);
        QuickBase58.TryDecode(new string('z', QuickBase58.MaxLength + 1), back).ShouldBeFalse();
        QuickBase58.TryDecode(string.Empty, back).ShouldBeFalse();
    }

    [Fact]
    public void Any_text_is_answered_as_the_microcontroller_answers_it() =>
        Prop.ForAll<string>(static text =>
        {
            var (quick, slow) = (new byte[8], new byte[8]);
            return text is null
                || (QuickBase58.TryDecode(text, quick), Base58.TryDecode(text, slow, 8)) switch
                {
                    (true, true) => quick.SequenceEqual(slow),
                    var (one, other) => one == other,
                };
        }).QuickCheckThrowOnFailure();
}

using System.Text;
using GridTokenX.Firmware.Panel;
using GridTokenX.Firmware.Tests.Board;
using GridTokenX.Protocol.Keys;
using QRCoder;

namespace GridTokenX.Firmware.Tests.Panel;

/// <summary>Module by module against an encoder that shares no code with ours.</summary>
public sealed class QrCodeTests
{
    // ISO/IEC 18004, annex C: the format of level L with the masks 0 to 7.
    private static readonly int[] Formats =
        [0x77C4, 0x72F3, 0x7DAA, 0x789D, 0x662F, 0x6318, 0x6C41, 0x6976];

    [Fact]
    public void Codes_of_devices_are_what_another_encoder_makes()
    {
        for (var i = 0; i < 30; i++)
        {
            using var key = SigningKey.Generate();
            Compare($"gridtokenx:device:{key.PublicKey}");
        }
    }

    [Fact]
    public void Texts_of_every_length_are_encoded()
    {
        // What is shorter would fit into a smaller version, and that is what the other encoder would make.
        for (var length = 54; length <= QrCode.TextMax; length++)
        {
            Compare(string.Concat(Enumerable.Range(0, length).Select(i => (char)('a' + (i * 7 % 26)))));
        }

        Should.Throw<ArgumentException>(() => new QrCode(new string('x', QrCode.TextMax + 1)));
    }

    [Fact]
    public void Short_press_prints_the_code_as_text()
    {
        using var bench = new Bench();
        bench.Pass(TimeSpan.FromSeconds(10));
        var code = new QrCode("gridtokenx:device:" + bench.Device.Id);
        bench.Press();

        var lines = bench.Board.Hardware.Serial.ToList();
        var first = lines.FindIndex(line => line.StartsWith('█'));
        lines[first..(first + QrCode.Lines)].ShouldAllBe(line => line.Length == QrCode.Size + 8);
        for (var row = 0; row < QrCode.Size; row++)
        {
            for (var column = 0; column < QrCode.Size; column++)
            {
                // Light is filled: the upper half of a line is its first row of modules.
                var shown = lines[first + ((row + 4) / 2)][column + 4];
                var isLight = shown == '█' || shown == ((row & 1) == 0 ? '▀' : '▄');
                isLight.ShouldBe(!code.IsDark(column, row));
            }
        }

        lines[first + QrCode.Lines].ShouldBe($"QR gridtokenx:device:{bench.Device.Id}");
    }

    /// <summary>It takes one of eight masks and ours is always the first: without them both must be the same.</summary>
    private static void Compare(string text)
    {
        using var generator = new QRCodeGenerator();
        using var expected = generator.CreateQrCode(Encoding.ASCII.GetBytes(text), QRCodeGenerator.ECCLevel.L);
        var code = new QrCode(text);

        // Its matrix has a border of four modules.
        bool Theirs(int column, int row) => expected.ModuleMatrix[row + 4][column + 4];
        expected.ModuleMatrix.Count.ShouldBe(QrCode.Size + 8);
        var mask = MaskOf(Theirs);
        MaskOf(code.IsDark).ShouldBe(0);
        for (var row = 0; row < QrCode.Size; row++)
        {
            for (var column = 0; column < QrCode.Size; column++)
            {
                if (IsFormat(column, row))
                {
                    continue;
                }

                var isData = !IsPattern(column, row);
                var ours = code.IsDark(column, row) ^ (isData && IsMasked(0, column, row));
                var theirs = Theirs(column, row) ^ (isData && IsMasked(mask, column, row));
                ours.ShouldBe(theirs, $"column {column}, row {row} of {text}");
            }
        }
    }

    /// <summary>By the format, which stands there twice, whole both times.</summary>
    private static int MaskOf(Func<int, int, bool> isDark)
    {
        var first = 0;
        var second = 0;
        for (var bit = 14; bit >= 0; bit--)
        {
            var (column, row) = bit switch
            {
                <= 5 => (8, bit),
                6 => (8, 7),
                7 => (8, 8),
                8 => (7, 8),
                _ => (14 - bit, 8),
            };
            first = (first << 1) | (isDark(column, row) ? 1 : 0);
            var isDarkAgain = bit < 8 ? isDark(QrCode.Size - 1 - bit, 8) : isDark(8, QrCode.Size - 15 + bit);
            second = (second << 1) | (isDarkAgain ? 1 : 0);
        }

        isDark(8, QrCode.Size - 8).ShouldBeTrue();
        second.ShouldBe(first);
        return Array.IndexOf(Formats, first);
    }

    private static bool IsFormat(int column, int row) =>
        (column == 8 && row is <= 8 or >= QrCode.Size - 8)
        || (row == 8 && column is <= 8 or >= QrCode.Size - 8);

    private static bool IsPattern(int column, int row) =>
        column == 6 || row == 6
        || (column <= 8 && row <= 8)
        || (column <= 8 && row >= QrCode.Size - 8)
        || (column >= QrCode.Size - 8 && row <= 8)
        || (column is >= 24 and <= 28 && row is >= 24 and <= 28);

    private static bool IsMasked(int mask, int column, int row) => mask switch
    {
        0 => (row + column) % 2 == 0,
        1 => row % 2 == 0,
        2 => column % 3 == 0,
        3 => (row + column) % 3 == 0,
        4 => ((row / 2) + (column / 3)) % 2 == 0,
        5 => (row * column % 2) + (row * column % 3) == 0,
        6 => ((row * column % 2) + (row * column % 3)) % 2 == 0,
        _ => (((row + column) % 2) + (row * column % 3)) % 2 == 0,
    };
}

using System.Text;
using GridTokenX.Firmware.Panel;
using GridTokenX.Firmware.Tests.Board;
using GridTokenX.Protocol.Keys;
using QRCoder;

namespace GridTokenX.Firmware.Tests.Panel;

/// <summary>Module by module against an encoder that shares no code with ours.</summary>
public sealed class QrCodeTests
{
    [Fact]
    public void Codes_of_devices_are_what_another_encoder_makes()
    {
        var withOurMask = 0;
        for (var i = 0; i < 60; i++)
        {
            using var key = SigningKey.Generate();
            withOurMask += Compare($"gridtokenx:device:{key.PublicKey}");
        }

        // It chooses one of eight masks: whenever it takes ours, everything is the same.
        withOurMask.ShouldBeGreaterThan(0);
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

    /// <returns>1 when the other encoder took the same mask.</returns>
    private static int Compare(string text)
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

        if (mask != 0)
        {
            return 0;
        }

        for (var row = 0; row < QrCode.Size; row++)
        {
            for (var column = 0; column < QrCode.Size; column++)
            {
                code.IsDark(column, row).ShouldBe(Theirs(column, row));
            }
        }

        return 1;
    }

    /// <summary>Bits 12 to 10 of the format, read off the second copy, without the standard's 101010000010010.</summary>
    private static int MaskOf(Func<int, int, bool> isDark)
    {
        var mask = 0;
        for (var bit = 12; bit >= 10; bit--)
        {
            mask = (mask << 1) | (isDark(8, QrCode.Size - 15 + bit) ? 1 : 0);
        }

        return mask ^ 0b101;
    }

    private static bool IsFormat(int column, int row) =>
        (column == 8 && (row <= 8 || row >= QrCode.Size - 8)) || (row == 8 && (column <= 8 || column >= QrCode.Size - 8));

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

using Microsoft.CodeAnalysis.CSharp;

namespace GridTokenX.Firmware.Tests.Guard;

/// <summary>Attempts to get something past the guard, each of them seen.</summary>
public sealed class GuardCannotBeFooledTests
{
    [Fact]
    public void What_is_allowed_passes() => Findings(
        """
        interface IPort { int Read(); }
        delegate int Work(int value);
        sealed class Fine : IPort
        {
            private readonly int[][] _rows = new int[2][];
            private Work _done;
            public int Read() { lock (_rows) { return _done == null ? 0 : _done(_rows.Length); } }
            public void Call(Work done) { _done = done; }
            public string Say(int value, long other) =>
                value.ToString() + value.ToString("D4") + other.ToString("X") + $"{Say(1, 2)}";
            public Work Twice() => value => 2 * value;
            public int Pick(object o) => o is string text && text.Length > 2 ? 1 : o switch { int n => n, _ => -1 };
            public ulong Wide(ulong a)
            {
                try { return a * 3; } catch (System.Exception e) when (e.Message != null) { throw; }
            }
        }
        """).ShouldBeEmpty();

    [Theory]
    // Generics, also those that are not written.
    [InlineData("class Bad<T> { }")]
    [InlineData("class Bad { void M<T>(T t) { } }")]
    [InlineData("class Bad { System.Collections.Generic.List<int> l; }")]
    [InlineData("class Bad { object o = new { A = 1 }; }")]
    [InlineData("class Bad { int M(int[] a) { return System.Array.IndexOf(a, 3); } }")]
    [InlineData("class Bad { int M(int[] a) { return System.Array.Find(a, x => x > 1); } }")]
    [InlineData("class Bad { int M(string s) { return System.Linq.Enumerable.Count(s); } }")]
    [InlineData("class Bad { void M() { var (a, b) = (1, 2); a = b; } }")]
    [InlineData("class Bad { int? M() { return null; } }")]
    [InlineData("class Bad { int M(string s) { return s?.Length ?? 0; } }")]
    [InlineData("class Bad { System.Func<int> f; }")]
    [InlineData("class Bad { System.Action<int> f; }")]
    [InlineData("using F = System.Func<int>; class Bad { F f; }")]
    [InlineData("class Bad { System.EventHandler<System.EventArgs> f; }")]
    [InlineData("class Bad { System.IComparable<int> c; }")]
    // Arrays of several dimensions.
    [InlineData("class Bad { int[,] a; }")]
    [InlineData("class Bad { object M() { return new[,] { { 1, 2 }, { 3, 4 } }; } }")]
    [InlineData("class Bad { object M() { return System.Array.CreateInstance(typeof(int), 2, 2); } }")]
    // Interfaces that do something themselves.
    [InlineData("interface IBad { int M() { return 1; } }")]
    [InlineData("interface IBad { int M => 1; }")]
    [InlineData("interface IBad { int M { get { return 1; } } }")]
    [InlineData("interface IBad { static int M() => 1; }")]
    // Overflow checks that never throw.
    [InlineData("class Bad { int M(int a) { return checked(a + 1); } }")]
    [InlineData("class Bad { int M(int a) { checked { return a + 1; } } }")]
    [InlineData("class Bad { int[] M(long n) { return new int[n]; } }")]
    [InlineData("class Bad { int M(int a) { try { return a; } catch (System.OverflowException) { return 0; } } }")]
    // Formats that throw.
    [InlineData("class Bad { string M(int n) { return n.ToString(\"0000\"); } }")]
    [InlineData("class Bad { string M(int n) { return n.ToString(\"00\" + \"00\"); } }")]
    [InlineData("class Bad { string M(int n) { return n.ToString(\"#0.00\"); } }")]
    [InlineData("class Bad { const string F = \"0000\"; string M(int n) { return n.ToString(F); } }")]
    [InlineData("class Bad { string M(int n, string f) { return n.ToString(f); } }")]
    [InlineData("class Bad { string M(int n) { return $\"{n:0000}\"; } }")]
    [InlineData("class Bad { string M(int n) { return $\"{n,6:#00}\"; } }")]
    [InlineData("class Bad { string M(int n) { return string.Format(\"{0:0000}\", n); } }")]
    [InlineData("class Bad { string M(int n, string f) { return string.Format(f, n); } }")]
    // Fractions.
    [InlineData("class Bad { double d; }")]
    [InlineData("class Bad { object M() { var x = 1.5; return x; } }")]
    [InlineData("class Bad { System.Double d; }")]
    [InlineData("class Bad { long M(int a) { return (long)System.Math.Sqrt(a); } }")]
    [InlineData("class Bad { int M(System.TimeSpan t) { return (int)t.TotalSeconds; } }")]
    [InlineData("class Bad { decimal d; }")]
    // Enums as text.
    [InlineData("enum E { A } class Bad { string M(E e) { return e.ToString(); } }")]
    [InlineData("enum E { A } class Bad { string M(E e) { return $\"{e}\"; } }")]
    [InlineData("enum E { A } class Bad { string M(E e) { return \"x\" + e; } }")]
    [InlineData("enum E { A } class Bad { object M(E e) { return e; } }")]
    // What does not compile there, or is not there.
    [InlineData("class Bad { unsafe void M() { int* p = stackalloc int[2]; } }")]
    [InlineData("class Bad { int M() { System.Span<int> s = stackalloc int[2]; return s[0]; } }")]
    [InlineData("class Bad { volatile int v; int M() { return v; } }")]
    [InlineData("class Bad { async void M() { } }")]
    [InlineData("class Bad { async System.Threading.Tasks.Task M() { await System.Threading.Tasks.Task.Delay(1); } }")]
    [InlineData("class Bad { System.Collections.IEnumerable M() { yield return 1; } }")]
    [InlineData("record Bad(int A);")]
    [InlineData("class Bad { char M(string s) { return s[^1]; } }")]
    [InlineData("class Bad { string M(string s) { return s[1..2]; } }")]
    [InlineData("class Bad { dynamic M() { return 1; } }")]
    [InlineData("class Bad { string M(string s) { return s.Replace(\"a\", \"b\"); } }")]
    [InlineData("class Bad { string M(string[] s) { return string.Join(\",\", s); } }")]
    [InlineData("class Bad { bool M(char c) { return char.IsDigit(c); } }")]
    [InlineData("class Bad { void M(int[] a) { System.Array.Sort(a); } }")]
    [InlineData("class Bad { int M() { int F() { return 1; } return F(); } }")]
    [InlineData("class Bad { [System.ThreadStatic] static int s; int M() { return s; } }")]
    // What is hidden from this compiler, and not from that one.
    [InlineData("class Bad { void M() {\n#if NANOFRAMEWORK_1_0\nList<int> list = null;\n#endif\n} }")]
    public void Attempt_is_seen(string source) => Findings(source).ShouldNotBeEmpty();

    private static List<string> Findings(string source)
    {
        var parse = new CSharpParseOptions(LanguageVersion.CSharp9);
        return [.. NanoFrameworkGuard.Findings(FirmwareSources.Compilation
            .RemoveAllSyntaxTrees()
            .AddSyntaxTrees(CSharpSyntaxTree.ParseText(source, parse)))
            // Fields of these few lines that nobody sets or reads are no matter here.
            .Where(finding => !finding.Contains("warning CS", StringComparison.Ordinal))];
    }
}

using System.Reflection;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace GridTokenX.EdgeGateway.Outbox;

/// <summary>
/// Directs the SQLite provider to the system's library, which gets security updates, instead of the one in its package.
/// </summary>
internal static class SystemSqlite
{
    private const string BundledName = "e_sqlite3";
    private const string SystemName = "libsqlite3.so.0";

    private static readonly Lazy<bool> Resolver = new(() =>
    {
        NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, Resolve);
        return true;
    });

    /// <summary>Must have been called before the first connection is made; may be called again.</summary>
    internal static void Use() => _ = Resolver.Value;

    private static IntPtr Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        string.Equals(name, BundledName, StringComparison.Ordinal) ? NativeLibrary.Load(SystemName) : IntPtr.Zero;
}

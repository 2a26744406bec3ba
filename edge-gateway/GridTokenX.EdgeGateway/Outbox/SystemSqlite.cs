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

    /// <summary>SQLITE_CONFIG_MULTITHREAD.</summary>
    private const int MultiThread = 2;

    /// <summary>SQLITE_CONFIG_MEMSTATUS.</summary>
    private const int CountMemory = 9;

    private static readonly Lazy<bool> Resolver = new(() =>
    {
        NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, Resolve);
        Batteries_V2.Init();

        // Each connection is used by one thread at a time: SQLite need not lock it at every call, nor count what it
        // allocates under a lock. Where somebody has opened a connection before, all stays as it was, which is right.
        return raw.sqlite3_config(MultiThread) == raw.SQLITE_OK
            && raw.sqlite3_config(CountMemory, 0) == raw.SQLITE_OK;
    });

    /// <summary>Must have been called before the first connection is made; may be called again.</summary>
    internal static void Use() => _ = Resolver.Value;

    private static IntPtr Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        string.Equals(name, BundledName, StringComparison.Ordinal) ? NativeLibrary.Load(SystemName) : IntPtr.Zero;
}

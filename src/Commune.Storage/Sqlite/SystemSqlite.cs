using System.Reflection;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace Commune.Storage.Sqlite;

/// <summary>
/// The operating system's SQLite, which its distribution patches: no copy is shipped.
/// </summary>
public static class SystemSqlite
{
    // 3.37 is the first with STRICT tables and ALTER TABLE checks that migrations may rely on.
    private const int OldestVersion = 3_037_000;

    private static readonly Lazy<string?> Problem = new(Find);

    /// <summary>Binds the library once per process.</summary>
    /// <exception cref="StoreStartException">It is absent, too old, or was built without FTS5.</exception>
    public static void Load()
    {
        if (Problem.Value is { } problem)
            throw new StoreStartException(problem);
    }

    private static string? Find()
    {
        if (FindLibrary() is not { } library)
            return $"The SQLite library was not found ({string.Join(", ", Names())}); install it, on Debian with: apt install libsqlite3-0";

        NativeLibrary.SetDllImportResolver(
            typeof(SQLite3Provider_e_sqlite3).Assembly,
            (name, _, _) => name == "e_sqlite3" ? library : IntPtr.Zero);
        raw.SetProvider(new SQLite3Provider_e_sqlite3());
        KeepFreedMemory();
        // Counting what it takes would have every connection wait for the same lock at each piece of memory.
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MEMSTATUS, 0);

        if (raw.sqlite3_libversion_number() < OldestVersion)
            return $"The system's SQLite is {raw.sqlite3_libversion().utf8_to_string()}; Commune needs 3.37 or newer";
        if (raw.sqlite3_compileoption_used("ENABLE_FTS5") == 0)
            return $"The system's SQLite {raw.sqlite3_libversion().utf8_to_string()} was built without FTS5 (full-text search); install the distribution's full package";
        GatheredLog.Register(library);
        return null;
    }

    /// <summary>
    /// SQLite builds each row in memory that it asks for and gives back. A row that holds a mail is large enough for glibc to give it back to
    /// the system every time, and to touch it anew costs more than the row.
    /// </summary>
    private static void KeepFreedMemory()
    {
        const int TrimThreshold = -1, TopPad = -2;
        if (!OperatingSystem.IsLinux() || !NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "mallopt", out var export))
            return;
        var set = Marshal.GetDelegateForFunctionPointer<SetAllocator>(export);
        _ = set(TrimThreshold, 4 * 1024 * 1024);
        _ = set(TopPad, 256 * 1024);
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int SetAllocator(int parameter, int value);

    private static IntPtr? FindLibrary()
    {
        foreach (var name in Names())
        {
            if (NativeLibrary.TryLoad(name, Assembly.GetExecutingAssembly(), searchPath: null, out var handle))
                return handle;
        }
        return null;
    }

    private static string[] Names() =>
        OperatingSystem.IsWindows() ? ["winsqlite3.dll", "sqlite3.dll"]
        : OperatingSystem.IsMacOS() ? ["libsqlite3.dylib", "/usr/lib/libsqlite3.dylib"]
        : ["libsqlite3.so.0", "libsqlite3.so"];
}

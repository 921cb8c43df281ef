using System.Runtime.InteropServices;

namespace Commune.Storage.Sqlite;

/// <summary>
/// The library's calls for each value of a statement, without what a general binding puts around them: a stored message has more than a hundred values.
/// </summary>
/// <remarks>Nothing here waits or calls back, so the runtime need not be told that a thread has left it.</remarks>
internal static unsafe class SqliteBinding
{
    private const nint Lent = 0;
    private const nint Copied = -1;

    private static delegate* unmanaged[Cdecl, SuppressGCTransition]<IntPtr, int, int> bindNull;
    private static delegate* unmanaged[Cdecl, SuppressGCTransition]<IntPtr, int, long, int> bindNumber;
    private static delegate* unmanaged[Cdecl, SuppressGCTransition]<IntPtr, int, byte*, int, nint, int> bindText;
    private static delegate* unmanaged[Cdecl, SuppressGCTransition]<IntPtr, int, byte*, int, nint, int> bindBlob;

    public static void Load(IntPtr library)
    {
        bindNull = (delegate* unmanaged[Cdecl, SuppressGCTransition]<IntPtr, int, int>)NativeLibrary.GetExport(library, "sqlite3_bind_null");
        bindNumber = (delegate* unmanaged[Cdecl, SuppressGCTransition]<IntPtr, int, long, int>)NativeLibrary.GetExport(library, "sqlite3_bind_int64");
        bindText = (delegate* unmanaged[Cdecl, SuppressGCTransition]<IntPtr, int, byte*, int, nint, int>)NativeLibrary.GetExport(library, "sqlite3_bind_text");
        bindBlob = (delegate* unmanaged[Cdecl, SuppressGCTransition]<IntPtr, int, byte*, int, nint, int>)NativeLibrary.GetExport(library, "sqlite3_bind_blob");
    }

    public static int Null(IntPtr statement, int position) => bindNull(statement, position);

    public static int Number(IntPtr statement, int position, long value) => bindNumber(statement, position, value);

    public static int Text(IntPtr statement, int position, ReadOnlySpan<byte> utf8)
    {
        // An empty span has no address, which SQLite would take for NULL.
        byte nothing = 0;
        fixed (byte* bytes = utf8)
            return bindText(statement, position, bytes is null ? &nothing : bytes, utf8.Length, Copied);
    }

    public static int Blob(IntPtr statement, int position, ReadOnlySpan<byte> value)
    {
        byte nothing = 0;
        fixed (byte* bytes = value)
            return bindBlob(statement, position, bytes is null ? &nothing : bytes, value.Length, Copied);
    }

    /// <summary>The bytes must stay where they are until the statement has run.</summary>
    public static int LendText(IntPtr statement, int position, byte* utf8, int count) => bindText(statement, position, utf8, count, Lent);

    /// <inheritdoc cref="LendText"/>
    public static int LendBlob(IntPtr statement, int position, byte* value, int count) => bindBlob(statement, position, value, count, Lent);
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace Commune.Storage.Sqlite;

/// <summary>
/// SQLite's own access to files, except that the write-ahead log is written in large pieces: SQLite writes each page of a commit and its header by calls
/// of their own, and together these cost more than the copying.
/// </summary>
/// <remarks>
/// <para>
/// What was written is held back until SQLite syncs the log, which it does with every commit that is <c>synchronous=FULL</c>, before it tells other
/// connections of the new pages. So nobody else ever looks for what is held back, and what a crash takes was no part of a commit. This connection may look for
/// pages of its unfinished transaction: they are written first.
/// </para>
/// <para>A write that fails is told at the sync instead; the commit fails by either.</para>
/// <para>
/// A connection may leave the sync of its commits to another thread (<see cref="DeferSyncs"/>): see <see cref="SqliteLogSync"/>.
/// </para>
/// </remarks>
internal static unsafe class GatheredLog
{
    private const string Name = "commune-gathered-log";

    // SQLite's own file takes less than 128 KB at once.
    private const int Most = 124 * 1024;
    private const int SyncNormal = 2;
    private const int OpenLog = raw.SQLITE_OPEN_WAL;

    private static FileSystem* system;
    private static Methods* methods;
    private static delegate* unmanaged[Cdecl]<IntPtr, byte*, int, void*, int> control;

    /// <summary>To be named where a connection is opened that commits with <c>synchronous=FULL</c>; null where it is not to be had.</summary>
    public static string? Registered { get; private set; }

    /// <summary>Called once, after the library was found.</summary>
    public static void Register(IntPtr library)
    {
        // The layouts below are those of Linux on 64 bits.
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess || Registered is not null)
            return;
        var find = (delegate* unmanaged[Cdecl]<byte*, FileSystem*>)NativeLibrary.GetExport(library, "sqlite3_vfs_find");
        var register = (delegate* unmanaged[Cdecl]<FileSystem*, int, int>)NativeLibrary.GetExport(library, "sqlite3_vfs_register");
        system = find(null);
        const int KnownVersion = 3;
        if (system is null || system->Version < KnownVersion)
            return;

        control = (delegate* unmanaged[Cdecl]<IntPtr, byte*, int, void*, int>)NativeLibrary.GetExport(library, "sqlite3_file_control");
        methods = (Methods*)NativeMemory.AllocZeroed((nuint)sizeof(Methods));
        methods->Version = 1;
        methods->Close = &Close;
        methods->Read = &Read;
        methods->Write = &Write;
        methods->Truncate = &Truncate;
        methods->Sync = &Sync;
        methods->FileSize = &FileSize;
        methods->Lock = &Lock;
        methods->Unlock = &Unlock;
        methods->CheckReservedLock = &CheckReservedLock;
        methods->FileControl = &FileControl;
        methods->SectorSize = &SectorSize;
        methods->DeviceCharacteristics = &DeviceCharacteristics;

        var own = (FileSystem*)NativeMemory.Alloc((nuint)sizeof(FileSystem));
        *own = *system;
        own->Version = KnownVersion;
        own->FileBytes += sizeof(LogFile);
        own->Next = null;
        own->Name = (byte*)Marshal.StringToCoTaskMemUTF8(Name);
        own->Open = &Open;
        if (register(own, 0) == raw.SQLITE_OK)
            Registered = Name;
    }

    /// <summary>
    /// From now on a commit of the connection is not durable when it returns, but when what this returns has been called after it: on any thread, also
    /// while the connection is in use, as long as it is open. Null where the connection does not use this file system. It answers with a code of SQLite.
    /// </summary>
    public static Func<int>? DeferSyncs(IntPtr database)
    {
        const int JournalPointer = 28;
        LogFile* file = null;
        if (control is null || control(database, null, JournalPointer, &file) != raw.SQLITE_OK || file is null || file->Methods != methods)
            return null;
        // The first sync also syncs the directory, which changes what SQLite knows of the file: it is done here.
        if (SyncInner(file, SyncNormal) != raw.SQLITE_OK)
            return null;
        file->Defers = true;
        var pointer = (IntPtr)file;
        return () => SyncInner((LogFile*)pointer, SyncNormal);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Open(FileSystem* own, byte* path, LogFile* file, int flags, int* given)
    {
        if ((flags & OpenLog) == 0)
            return system->Open(system, path, file, flags, given);
        var inner = Inner(file);
        var code = system->Open(system, path, inner, flags, given);
        if (code == raw.SQLITE_OK)
        {
            *file = new LogFile { Methods = methods, Held = (byte*)NativeMemory.Alloc(Most) };
            return code;
        }
        if (inner->Methods is not null)
            _ = inner->Methods->Close(inner);
        file->Methods = null;
        return code;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Close(LogFile* file)
    {
        var written = WriteHeld(file);
        NativeMemory.Free(file->Held);
        var closed = Inner(file)->Methods->Close(Inner(file));
        return closed == raw.SQLITE_OK ? written : closed;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Write(LogFile* file, byte* bytes, int count, long at)
    {
        file->Restarts |= at == 0;
        if (at != file->At + file->Count || count > Most - file->Count)
        {
            var code = WriteHeld(file);
            if (code != raw.SQLITE_OK)
                return code;
            if (count > Most)
                return Inner(file)->Methods->Write(Inner(file), bytes, count, at);
            file->At = at;
        }
        Unsafe.CopyBlockUnaligned(file->Held + file->Count, bytes, (uint)count);
        file->Count += count;
        return raw.SQLITE_OK;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Read(LogFile* file, byte* bytes, int count, long at)
    {
        var code = WriteHeld(file);
        return code == raw.SQLITE_OK ? Inner(file)->Methods->Read(Inner(file), bytes, count, at) : code;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Sync(LogFile* file, int flags)
    {
        var code = WriteHeld(file);
        // The head of a log that begins anew must be on the disk before its pages are.
        if (code != raw.SQLITE_OK || (file->Defers && !file->Restarts))
            return code;
        file->Restarts = false;
        return SyncInner(file, flags);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Truncate(LogFile* file, long size)
    {
        var code = WriteHeld(file);
        return code == raw.SQLITE_OK ? Inner(file)->Methods->Truncate(Inner(file), size) : code;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int FileSize(LogFile* file, long* size)
    {
        var code = WriteHeld(file);
        return code == raw.SQLITE_OK ? Inner(file)->Methods->FileSize(Inner(file), size) : code;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Lock(LogFile* file, int level) => Inner(file)->Methods->Lock(Inner(file), level);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Unlock(LogFile* file, int level) => Inner(file)->Methods->Unlock(Inner(file), level);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int CheckReservedLock(LogFile* file, int* held) => Inner(file)->Methods->CheckReservedLock(Inner(file), held);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int FileControl(LogFile* file, int operation, void* argument) =>
        Inner(file)->Methods->FileControl(Inner(file), operation, argument);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int SectorSize(LogFile* file) => Inner(file)->Methods->SectorSize(Inner(file));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int DeviceCharacteristics(LogFile* file) => Inner(file)->Methods->DeviceCharacteristics(Inner(file));

    private static int WriteHeld(LogFile* file)
    {
        var count = file->Count;
        if (count == 0)
            return raw.SQLITE_OK;
        file->Count = 0;
        return Inner(file)->Methods->Write(Inner(file), file->Held, count, file->At);
    }

    private static int SyncInner(LogFile* file, int flags) => Inner(file)->Methods->Sync(Inner(file), flags);

    /// <summary>The file of SQLite's own, which stands behind ours in memory.</summary>
    private static LogFile* Inner(LogFile* file) => file + 1;

    /// <summary>A <c>sqlite3_file</c>; of one of SQLite's own only the first member is known here.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct LogFile
    {
        public Methods* Methods;
        public byte* Held;
        public long At;
        public int Count;
        public bool Defers;
        public bool Restarts;
    }

    /// <summary>A <c>sqlite3_io_methods</c> of version 1.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Methods
    {
        public int Version;
        public delegate* unmanaged[Cdecl]<LogFile*, int> Close;
        public delegate* unmanaged[Cdecl]<LogFile*, byte*, int, long, int> Read;
        public delegate* unmanaged[Cdecl]<LogFile*, byte*, int, long, int> Write;
        public delegate* unmanaged[Cdecl]<LogFile*, long, int> Truncate;
        public delegate* unmanaged[Cdecl]<LogFile*, int, int> Sync;
        public delegate* unmanaged[Cdecl]<LogFile*, long*, int> FileSize;
        public delegate* unmanaged[Cdecl]<LogFile*, int, int> Lock;
        public delegate* unmanaged[Cdecl]<LogFile*, int, int> Unlock;
        public delegate* unmanaged[Cdecl]<LogFile*, int*, int> CheckReservedLock;
        public delegate* unmanaged[Cdecl]<LogFile*, int, void*, int> FileControl;
        public delegate* unmanaged[Cdecl]<LogFile*, int> SectorSize;
        public delegate* unmanaged[Cdecl]<LogFile*, int> DeviceCharacteristics;
    }

    /// <summary>A <c>sqlite3_vfs</c> of version 3; what SQLite's own does beyond opening a file is left to it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct FileSystem
    {
        public int Version;
        public int FileBytes;
        public int LongestPath;
        public FileSystem* Next;
        public byte* Name;
        public void* AppData;
        public delegate* unmanaged[Cdecl]<FileSystem*, byte*, LogFile*, int, int*, int> Open;
        public Others Rest;
    }

    /// <summary>xDelete to xNextSystemCall.</summary>
    [InlineArray(15)]
    private struct Others
    {
        private IntPtr first;
    }
}

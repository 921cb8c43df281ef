using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Commune.Storage.Sqlite;

/// <summary>
/// Has the system begin to write a file while it is still being changed: what a sync finds to be written then is little, and the disk is free for the syncs of other files.
/// </summary>
internal sealed partial class WriteBehind : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(3);

    private readonly SafeFileHandle file;
    private readonly ManualResetEventSlim changing = new();
    private readonly ManualResetEventSlim stopping = new();
    private readonly Thread? thread;

    /// <param name="file">Not closed here.</param>
    public WriteBehind(SafeFileHandle file)
    {
        this.file = file;
        if (!OperatingSystem.IsLinux())
            return;
        thread = new Thread(Run) { IsBackground = true, Name = "sqlite write behind" };
        thread.Start();
    }

    /// <summary>The file is about to be changed much.</summary>
    public void Begin() => changing.Set();

    public void End() => changing.Reset();

    public void Dispose()
    {
        stopping.Set();
        changing.Set();
        thread?.Join();
        changing.Dispose();
        stopping.Dispose();
    }

    private void Run()
    {
        const int Write = 2;
        do
        {
            changing.Wait();
            // It only hastens: what fails here fails at the sync, which reports it.
            _ = SyncFileRange(file, 0, 0, Write);
        }
        while (!stopping.Wait(Every));
    }

    // Linux, sync_file_range(2); a count of 0 means to the end.
    [LibraryImport("libc", EntryPoint = "sync_file_range")]
    private static partial int SyncFileRange(SafeFileHandle file, long offset, long count, uint flags);
}

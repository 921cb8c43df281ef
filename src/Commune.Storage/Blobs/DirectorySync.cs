using System.Runtime.InteropServices;

namespace Commune.Storage.Blobs;

/// <summary>Puts the entries of a directory on the disk: without it, a file that was renamed may be gone after a power cut.</summary>
internal static class DirectorySync
{
    /// <exception cref="IOException">The directory cannot be synced.</exception>
    public static void Run(string directory)
    {
        // Windows has no such call: NTFS keeps renames in its journal.
        if (OperatingSystem.IsWindows())
            return;
        const int ReadOnly = 0;
        var descriptor = Open(directory, ReadOnly);
        if (descriptor < 0)
            throw new IOException($"Cannot open {directory} to sync it: {Marshal.GetLastPInvokeErrorMessage()}");
        try
        {
            if (Sync(descriptor) != 0)
                throw new IOException($"Cannot sync {directory}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int Sync(int descriptor);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    private static extern int Close(int descriptor);
}

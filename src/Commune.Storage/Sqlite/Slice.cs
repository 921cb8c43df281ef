using System.Runtime.InteropServices;
namespace Commune.Storage.Sqlite;
internal static unsafe partial class Slice
{
    [StructLayout(LayoutKind.Sequential)]
    private struct Attr { public uint Size, Policy; public ulong Flags; public int Nice; public uint Priority; public ulong Runtime, Deadline, Period; }
    [DllImport("libc", SetLastError = true)] private static extern long syscall(long number, long pid, Attr* attr, long flags);
    public static void Short(ulong us)
    {
        var a = new Attr { Size = 48, Runtime = us * 1000 };
        var r = syscall(314, 0, &a, 0);
        if (r != 0) System.Console.Error.WriteLine("slice " + Marshal.GetLastPInvokeError());
    }
}

using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Commune.Server.Tests.Running;
using SQLitePCL;

namespace Commune.Server.Tests.Hosting;

/// <summary>
/// The operating system's libsqlite3, as the program finds it by the loader's search path: where the tests put a file of that name in front, it is
/// what the loader takes.
/// </summary>
public sealed class SystemLibraryTests(SqliteEngine engine)
{
    [Fact]
    public async Task A_missing_library_is_one_line_and_exit_code_1()
    {
        // What is no library is not loaded, and the loader looks no further for that name.
        var exit = await StartWithAsync(static () => "not a library"u8.ToArray());
        FirstStartTests.AssertOneLine(exit, "The SQLite library was not found (libsqlite3.so.0, libsqlite3.so); install it, on Debian with: apt install libsqlite3-0");
    }

    [Fact]
    public async Task A_library_that_is_too_old_is_one_line_and_exit_code_1()
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "The version number is patched in x64 machine code");
        var exit = await StartWithAsync(static () =>
        {
            var version = raw.sqlite3_libversion().utf8_to_string();
            var library = Replace(SystemLibrary(), Encoding.ASCII.GetBytes(version + "\0"), Encoding.ASCII.GetBytes("3.36.0".PadRight(version.Length, '\0') + "\0"));
            // mov eax, imm32; ret: sqlite3_libversion_number.
            return Replace(library, Returning(raw.sqlite3_libversion_number()), Returning(3_036_000));
        });
        FirstStartTests.AssertOneLine(exit, "The system's SQLite is 3.36.0; Commune needs 3.37 or newer");
    }

    [Fact]
    public async Task A_library_without_full_text_search_is_one_line_and_exit_code_1()
    {
        var exit = await StartWithAsync(static () => Replace(SystemLibrary(), "ENABLE_FTS5\0"u8.ToArray(), "ENABLE_NONE\0"u8.ToArray()));
        FirstStartTests.AssertOneLine(exit, "was built without FTS5");
    }

    private async Task<ProgramExit> StartWithAsync(Func<byte[]> library)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "LD_LIBRARY_PATH is Linux's");
        var settings = await engine.NewSettingsAsync();
        var directory = Directory.CreateDirectory(Path.Combine(settings.DataDirectory, "lib")).FullName;
        var bytes = library();
        foreach (var name in (string[])["libsqlite3.so.0", "libsqlite3.so"])
            await File.WriteAllBytesAsync(Path.Combine(directory, name), bytes);
        return await CommuneProcess.RunToExitAsync(settings.With("LD_LIBRARY_PATH", directory));
    }

    /// <summary>The file of the library that this process has loaded.</summary>
    private static byte[] SystemLibrary()
    {
        Storage.Sqlite.SystemSqlite.Load();
        var line = File.ReadLines("/proc/self/maps").First(static l => l.Contains("/libsqlite3.so", StringComparison.Ordinal));
        return File.ReadAllBytes(line[line.IndexOf('/', StringComparison.Ordinal)..]);
    }

    private static byte[] Returning(int number)
    {
        byte[] code = [0xB8, 0, 0, 0, 0, 0xC3];
        BinaryPrimitives.WriteInt32LittleEndian(code.AsSpan(1), number);
        return code;
    }

    private static byte[] Replace(byte[] library, byte[] old, byte[] replacement)
    {
        var found = false;
        for (var at = library.AsSpan().IndexOf(old); at >= 0; at = library.AsSpan().IndexOf(old))
        {
            replacement.CopyTo(library.AsSpan(at));
            found = true;
        }
        Assert.True(found);
        return library;
    }
}

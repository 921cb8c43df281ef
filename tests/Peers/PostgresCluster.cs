using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Commune.Peers;

/// <summary>
/// A PostgreSQL server of our own: made by initdb in a temporary folder, on a free port of the loopback interface,
/// stopped by its own process id when the tests have ended, or this process does.
/// </summary>
public sealed class PostgresCluster
{
    private static readonly SemaphoreSlim Gate = new(1, 1);
    private static PostgresCluster? shared;
    private static string? obstacle;

    private readonly string home;
    private readonly Process postmaster;

    private PostgresCluster(string home, Process postmaster, int port)
    {
        this.home = home;
        this.postmaster = postmaster;
        Port = port;
    }

    public int Port { get; }

    /// <summary>For the database that initdb makes; also the one from which others are created.</summary>
    public string AdminConnectionString => ConnectionStringFor("postgres");

    /// <summary>The cluster of this process, started on first use; or null and why it cannot be started.</summary>
    public static async Task<(PostgresCluster? Cluster, string? Obstacle)> GetAsync()
    {
        await Gate.WaitAsync();
        try
        {
            if (shared is null && obstacle is null)
                (shared, obstacle) = await StartAsync();
            return (shared, obstacle);
        }
        finally
        {
            Gate.Release();
        }
    }

    /// <summary>
    /// Stops the cluster of this process, if it was started, and deletes it. For the end of the tests: a process that is ending has a few seconds left,
    /// and the files of many databases take longer than that on a slow disk.
    /// </summary>
    public static async Task EndAsync()
    {
        await Gate.WaitAsync();
        try
        {
            if (shared is null)
                return;
            AppDomain.CurrentDomain.ProcessExit -= shared.StopAtExit;
            shared.Stop();
            (shared, obstacle) = (null, "The tests have ended");
        }
        finally
        {
            Gate.Release();
        }
    }

    public string ConnectionStringFor(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Username = "postgres",
        Database = database,
        MaxPoolSize = 20,
    }.ConnectionString;

    /// <summary>Creates an empty database and returns its connection string.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"test_{Guid.NewGuid():N}";
        await ExecuteAsync($"CREATE DATABASE {name}");
        return ConnectionStringFor(name);
    }

    public async Task DropDatabaseAsync(string connectionString)
    {
        await using (var connection = new NpgsqlConnection(connectionString))
            NpgsqlConnection.ClearPool(connection);
        await ExecuteAsync($"DROP DATABASE IF EXISTS {new NpgsqlConnectionStringBuilder(connectionString).Database} WITH (FORCE)");
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(AdminConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<(PostgresCluster?, string?)> StartAsync()
    {
        var binaries = FindBinaries();
        if (binaries is null)
            return (null, "PostgreSQL is not installed: initdb is neither on PATH nor in /usr/lib/postgresql (apt-get install postgresql)");

        var folder = Directory.CreateTempSubdirectory("commune-pg-").FullName;
        var started = false;
        try
        {
            // initdb and postgres refuse to run as root.
            List<string> prefix = [];
            if (Environment.IsPrivilegedProcess)
            {
                var owner = await RunAsync([], "chown", "postgres", folder);
                if (owner is not null)
                    return (null, $"PostgreSQL cannot be started as root without a user named postgres: {owner}");
                prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"];
            }

            var data = Path.Combine(folder, "data");
            var failure = await RunAsync(
                prefix, Path.Combine(binaries, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync");
            if (failure is not null)
                return (null, $"initdb failed: {failure}");

            var port = FreePort();
            var server = Process.Start(StartInfo(
                [.. prefix, Path.Combine(binaries, "postgres"), "-D", data, "-p", port.ToString(CultureInfo.InvariantCulture),
                "-c", "listen_addresses=127.0.0.1", "-c", $"unix_socket_directories={folder}", "-c", "max_connections=400",
                "-c", "shared_buffers=64MB", "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_wal_size=128MB", "-c", "logging_collector=off",
                "-c", "log_min_messages=fatal", "-c", "log_statement=none"]))!;
            server.OutputDataReceived += static (_, _) => { };
            server.ErrorDataReceived += static (_, _) => { };
            server.BeginOutputReadLine();
            server.BeginErrorReadLine();
            var cluster = new PostgresCluster(folder, server, port);
            AppDomain.CurrentDomain.ProcessExit += cluster.StopAtExit;
            started = true;
            return await cluster.WaitUntilReadyAsync() ? (cluster, null) : (null, "PostgreSQL did not answer within 60 s of its start");
        }
        finally
        {
            if (!started)
                Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<bool> WaitUntilReadyAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!limit.IsCancellationRequested && !postmaster.HasExited)
        {
            try
            {
                await ExecuteAsync("SELECT 1");
                return true;
            }
            catch (NpgsqlException)
            {
                // Refused, or "starting up": the server tells in no other way when it is ready.
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
            }
        }

        return false;
    }

    private void StopAtExit(object? sender, EventArgs e) => Stop();

    private void Stop()
    {
        NpgsqlConnection.ClearAllPools();
        if (!postmaster.HasExited)
        {
            // SIGQUIT: immediate shutdown, children included; the data is thrown away.
            using var kill = Process.Start("kill", ["-QUIT", postmaster.Id.ToString(CultureInfo.InvariantCulture)]);
            kill.WaitForExit();
            if (!postmaster.WaitForExit(TimeSpan.FromSeconds(10)))
                postmaster.Kill(entireProcessTree: true);
        }

        postmaster.Dispose();
        Directory.Delete(home, recursive: true);
    }

    private static string? FindBinaries()
    {
        // Debian keeps the server's programs off PATH, in a folder per major version.
        var debian = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql")
                .OrderByDescending(static d => int.TryParse(Path.GetFileName(d), CultureInfo.InvariantCulture, out var major) ? major : 0)
                .Select(static d => Path.Combine(d, "bin"))
            : [];
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return debian.Concat(path).FirstOrDefault(static d => File.Exists(Path.Combine(d, "initdb")) && File.Exists(Path.Combine(d, "postgres")));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static ProcessStartInfo StartInfo(IReadOnlyList<string> command) => new(command[0], command.Skip(1))
    {
        UseShellExecute = false,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        WorkingDirectory = "/",
    };

    /// <returns>Null when it went well, else the last line that it wrote.</returns>
    private static async Task<string?> RunAsync(IReadOnlyList<string> prefix, params string[] command)
    {
        try
        {
            using var process = Process.Start(StartInfo([.. prefix, .. command]))!;
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = await process.StandardError.ReadToEndAsync();
            await output;
            await process.WaitForExitAsync();
            return process.ExitCode == 0 ? null : errors.Trim().Split('\n')[^1];
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return e.Message;
        }
    }
}

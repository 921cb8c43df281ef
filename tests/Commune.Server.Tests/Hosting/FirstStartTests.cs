using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Commune.Server.Hosting;
using Commune.Server.Tests.Running;
using Microsoft.Data.Sqlite;

namespace Commune.Server.Tests.Hosting;

/// <summary>Issue 2, "First start": no configuration needed; what cannot work is one clear line.</summary>
public abstract partial class FirstStartTests(Engine engine) : IAsyncLifetime
{
    private ProgramSettings settings = null!;

    protected ProgramSettings Settings => settings;

    public async ValueTask InitializeAsync() => settings = await engine.NewSettingsAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task The_first_start_prints_the_key_once_and_every_start_takes_it()
    {
        string key;
        await using (var first = await CommuneProcess.StartAsync(settings))
        {
            var printed = Key().Matches(first.Output).Select(static m => m.Value).Distinct(StringComparer.Ordinal);
            key = Assert.Single(printed);
            (await new ApiClient(first.Http, key).GetAsync("/v1/inboxes")).Expect(200);
            Assert.Equal(0, await first.StopAsync());
        }
        var file = Path.Combine(settings.DataDirectory, "api-key");
        Assert.Equal(key, (await File.ReadAllTextAsync(file)).Trim());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));

        await using var second = await CommuneProcess.StartAsync(settings);
        Assert.DoesNotContain(key, second.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(key, second.Errors, StringComparison.Ordinal);
        (await new ApiClient(second.Http, key).GetAsync("/v1/inboxes")).Expect(200);
    }

    [Fact]
    public async Task What_was_made_before_a_restart_is_there_after_it()
    {
        var given = settings.With("Commune__BootstrapApiKey", ApiKeySecret.New());
        InboxHandle inbox;
        await using (var first = await CommuneProcess.StartAsync(given))
        {
            inbox = await new ApiClient(first.Http, given.Environment["Commune__BootstrapApiKey"]).NewInboxAsync();
            (await SmtpTalk.MailAsync(first.Smtp, "kim@example.com", inbox.Address, Letter.Plain("kim@example.com", inbox.Address, "Kept", "Here."))).Expect(250);
            Assert.Equal(0, await first.StopAsync());
        }
        await using var second = await CommuneProcess.StartAsync(given);
        var api = new ApiClient(second.Http, given.Environment["Commune__BootstrapApiKey"]);
        Assert.Equal(inbox.Address, (string)(await api.GetAsync($"/v1/inboxes/{inbox.Id}")).Expect(200).Data["address"]!);
        Assert.Equal("Here.", ((string)(await api.OnlyMessageAsync(inbox))["content"]!).Trim());
    }

    [Fact]
    public async Task The_banner_tells_the_urls_and_a_curl_that_works()
    {
        await using var program = await CommuneProcess.StartAsync(settings);
        // The banner goes on behind the key; liveness is asked first so that its last lines have been read.
        (await new ApiClient(program.Http, null).GetAsync("/health/ready")).Expect(200);
        var curl = await Eventually.GetAsync(
            () => Task.FromResult(CurlLines().Match(program.Output).Value), static text => text.Length > 0);
        var (code, output) = await Shell.RunAsync(curl, []);
        Assert.Equal(0, code);
        Assert.Contains("\"myagent@commune.localhost\"", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_keys_of_the_data_directory_are_not_readable_by_others()
    {
        await using (var program = await CommuneProcess.StartAsync(settings))
            await program.StopAsync();
        foreach (var file in Directory.GetFiles(settings.DataDirectory, "*.key").Append(Path.Combine(settings.DataDirectory, "api-key")))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task A_port_in_use_is_one_line_and_exit_code_1()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        AssertOneLine(await CommuneProcess.RunToExitAsync(settings, "--urls", $"http://127.0.0.1:{port}"), port.ToString());
        AssertOneLine(await CommuneProcess.RunToExitAsync(settings.With("Commune__Smtp__Listen", $"127.0.0.1:{port}")), port.ToString());
    }

    [Fact]
    public async Task A_data_directory_that_cannot_be_made_is_one_line_and_exit_code_1()
    {
        var file = Path.Combine(settings.DataDirectory, "file");
        await File.WriteAllTextAsync(file, "");
        AssertOneLine(await CommuneProcess.RunToExitAsync(settings with { DataDirectory = Path.Combine(file, "data") }), "file");
        AssertOneLine(await CommuneProcess.RunToExitAsync(settings with { DataDirectory = file }), "file");
        AssertOneLine(await CommuneProcess.RunToExitAsync(settings with { DataDirectory = "/proc/commune" }), "/proc/commune");
    }

    [Fact]
    public async Task A_database_of_a_newer_version_is_one_line_and_exit_code_1()
    {
        await using (var program = await CommuneProcess.StartAsync(settings))
            await program.StopAsync();
        await MakeNewerAsync(settings);
        AssertOneLine(await CommuneProcess.RunToExitAsync(settings), "version");
    }

    [Theory]
    [InlineData("Commune__BootstrapApiKey", "comm_short", "BootstrapApiKey")]
    [InlineData("Commune__Database", "oracle", "oracle")]
    [InlineData("Commune__Smtp__Listen", "nowhere", "nowhere")]
    [InlineData("Commune__Smtp__MaxMessageBytes", "lots", "MaxMessageBytes")]
    [InlineData("Commune__Smtp__CertificateFile", "/no/such/file.pem", "Certificate")]
    [InlineData("Commune__Dns__Servers", "dns.example", "dns.example")]
    [InlineData("Commune__Outbound__Relay", "relay", "Relay")]
    [InlineData("Commune__Outbound__RetrySchedule", "often", "often")]
    [InlineData("Commune__Outbound__RetrySchedule", "-5m", "-5m")]
    [InlineData("Commune__SharedDomain", "", "SharedDomain")]
    [InlineData("Commune__SharedDomain", "not a domain", "SharedDomain")]
    [InlineData("Commune__Roles", "api,smpt", "Roles")]
    [InlineData("Commune__Outbound__MxPort", "70000", "MxPort")]
    public async Task A_setting_that_cannot_be_used_is_one_line_that_names_it(string name, string value, string named) =>
        AssertOneLine(await CommuneProcess.RunToExitAsync(settings.With(name, value)), named);

    [Theory]
    [InlineData("Commune__Smtp__RejectOnDmrac", "Commune__Smtp__RejectOnDmarc")]
    [InlineData("Commune__SharedDomian", "Commune__SharedDomain")]
    [InlineData("Commune__Smtp__max_message_bytes", "Commune__Smtp__MaxMessageBytes")]
    public async Task A_slip_in_the_name_of_a_setting_is_one_line_that_names_the_setting_meant(string name, string meant) =>
        AssertOneLine(await CommuneProcess.RunToExitAsync(settings.With(name, "x")), $"{name} is not a setting; did you mean {meant}?");

    [Fact]
    public async Task A_name_that_no_setting_has_is_told_and_the_program_starts()
    {
        await using var program = await CommuneProcess.StartAsync(settings.With("Commune__Teleport__Target", "x"));
        var line = Assert.Single(program.Output.Split('\n'), static l => l.Contains("Teleport", StringComparison.Ordinal));
        Assert.Contains("Commune__Teleport__Target is not a setting. This version of the program ignores it", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_url_that_cannot_be_used_is_one_line_that_names_it()
    {
        AssertOneLine(await CommuneProcess.RunToExitAsync(settings, "--urls", "https://127.0.0.1:0"), "https://127.0.0.1:0");
        AssertOneLine(await CommuneProcess.RunToExitAsync(settings, "--urls", "127.0.0.1:0"), "127.0.0.1:0");
    }

    protected abstract Task MakeNewerAsync(ProgramSettings settings);

    internal static void AssertOneLine(ProgramExit exit, string named)
    {
        Assert.True(exit.Code == 1, $"exit code {exit.Code}\n{exit.Output}\n{exit.Errors}");
        Assert.DoesNotContain("   at ", exit.Errors + exit.Output, StringComparison.Ordinal);
        var line = Assert.Single(exit.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(named, line, StringComparison.OrdinalIgnoreCase);
    }

    [GeneratedRegex("comm_[0-9a-f]{64}")]
    private static partial Regex Key();

    [GeneratedRegex(@"curl -s -X POST [^\n]+\\\n[^\n]+\\\n[^\n]+")]
    private static partial Regex CurlLines();
}

public sealed class SqliteFirstStartTests(SqliteEngine engine) : FirstStartTests(engine)
{
    [Fact]
    public async Task A_data_directory_in_use_by_another_process_is_one_line_and_exit_code_1()
    {
        await using var program = await CommuneProcess.StartAsync(Settings);
        AssertOneLine(await CommuneProcess.RunToExitAsync(Settings), Settings.DataDirectory);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_one_line_and_exit_code_1()
    {
        await File.WriteAllTextAsync(Path.Combine(Settings.DataDirectory, "commune.db"), string.Concat(Enumerable.Repeat("this is no database ", 1000)));
        AssertOneLine(await CommuneProcess.RunToExitAsync(Settings), "commune.db");
    }

    protected override async Task MakeNewerAsync(ProgramSettings settings)
    {
        // The store loads the system's library.
        await using var store = engine.OpenStore(settings);
        await store.MigrateAsync(TestContext.Current.CancellationToken);
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(settings.DataDirectory, "commune.db")};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA user_version = 9999";
        await command.ExecuteNonQueryAsync();
    }
}

public sealed class PostgresFirstStartTests(PostgresEngine engine) : FirstStartTests(engine)
{
    [Fact]
    public async Task A_server_that_does_not_answer_is_one_line_and_exit_code_1() =>
        AssertOneLine(await CommuneProcess.RunToExitAsync(Settings.With("ConnectionStrings__Postgres", "Host=127.0.0.1;Port=1;Username=x;Database=x;Timeout=5")), "PostgreSQL");

    [Fact]
    public async Task A_database_that_does_not_exist_is_one_line_and_exit_code_1() =>
        AssertOneLine(await CommuneProcess.RunToExitAsync(Settings.With("ConnectionStrings__Postgres", Settings.Environment["ConnectionStrings__Postgres"].Replace("Database=test_", "Database=none_", StringComparison.Ordinal))), "none_");

    [Fact]
    public async Task A_connection_string_that_cannot_be_read_or_is_missing_is_one_line_and_exit_code_1()
    {
        AssertOneLine(await CommuneProcess.RunToExitAsync(Settings.With("ConnectionStrings__Postgres", "nonsense")), "Postgres");
        AssertOneLine(await CommuneProcess.RunToExitAsync(new ProgramSettings(Settings.DataDirectory, new Dictionary<string, string>(StringComparer.Ordinal) { ["Commune__Database"] = "postgres" })), "ConnectionStrings__Postgres");
    }

    [Fact]
    public async Task Two_nodes_share_a_database()
    {
        var key = Commune.Server.Hosting.ApiKeySecret.New();
        var settings = Settings.With("Commune__BootstrapApiKey", key);
        await using var one = await CommuneProcess.StartAsync(settings);
        await using var two = await CommuneProcess.StartAsync(settings with { DataDirectory = Path.Combine(Settings.DataDirectory, "second") });
        var inbox = await new ApiClient(one.Http, key).NewInboxAsync("both");
        (await SmtpTalk.MailAsync(two.Smtp, "kim@example.com", inbox.Address, Letter.Plain("kim@example.com", inbox.Address, "s", "t"))).Expect(250);
        await new ApiClient(one.Http, key).OnlyMessageAsync(inbox);
        (await new ApiClient(two.Http, key).GetAsync($"/v1/inboxes/{inbox.Id}")).Expect(200);
    }

    protected override async Task MakeNewerAsync(ProgramSettings settings)
    {
        await using var connection = new Npgsql.NpgsqlConnection(settings.Environment["ConnectionStrings__Postgres"]);
        await connection.OpenAsync();
        await using var command = new Npgsql.NpgsqlCommand("INSERT INTO schema_version (version, applied_at) VALUES (9999, now())", connection);
        await command.ExecuteNonQueryAsync();
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Commune.Load;

/// <summary>A Postfix of its own, with Debian's defaults, that relays everything to one host. Needs root.</summary>
internal sealed class PostfixProcess : IAsyncDisposable
{
    private const string Services =
        """
        {0}     inet  n  -  n  -     -  smtpd
        pickup  unix  n  -  n  60    1  pickup
        cleanup unix  n  -  n  -     0  cleanup
        qmgr    unix  n  -  n  300   1  qmgr
        tlsmgr  unix  -  -  n  1000? 1  tlsmgr
        rewrite unix  -  -  n  -     -  trivial-rewrite
        bounce  unix  -  -  n  -     0  bounce
        defer   unix  -  -  n  -     0  bounce
        trace   unix  -  -  n  -     0  bounce
        verify  unix  -  -  n  -     1  verify
        flush   unix  n  -  n  1000? 0  flush
        proxymap unix -  -  n  -     -  proxymap
        smtp    unix  -  -  n  -     -  smtp
        relay   unix  -  -  n  -     -  smtp
        showq   unix  n  -  n  -     -  showq
        error   unix  -  -  n  -     -  error
        retry   unix  -  -  n  -     -  error
        discard unix  -  -  n  -     -  discard
        anvil   unix  -  -  n  -     1  anvil
        scache  unix  -  -  n  -     1  scache
        postlog unix-dgram n - n - 1 postlogd
        """;

    private readonly string folder;

    private PostfixProcess(string folder, IPEndPoint smtp)
    {
        this.folder = folder;
        Smtp = smtp;
    }

    public IPEndPoint Smtp { get; }

    public static async Task<PostfixProcess> StartAsync(string directory, IPEndPoint relay)
    {
        var home = Path.Combine(directory, "postfix-" + Path.GetRandomFileName());
        foreach (var sub in (string[])["conf", "spool", "data"])
            Directory.CreateDirectory(Path.Combine(home, sub));
        var smtp = new IPEndPoint(IPAddress.Loopback, SmtpSinkProcess.FreePort());
        await File.WriteAllTextAsync(Path.Combine(home, "conf", "main.cf"),
            $"""
            compatibility_level = 3.6
            queue_directory = {home}/spool
            data_directory = {home}/data
            maillog_file = {home}/spool/log
            maillog_file_prefixes = {home}
            myhostname = postfix.load.example
            inet_interfaces = loopback-only
            inet_protocols = ipv4
            mydestination =
            mynetworks = 127.0.0.0/8
            smtpd_relay_restrictions = permit_mynetworks, reject
            relayhost = [{relay.Address}]:{relay.Port}
            smtp_host_lookup = native
            smtpd_client_connection_count_limit = 0

            """);
        await File.WriteAllTextAsync(Path.Combine(home, "conf", "master.cf"), string.Format(CultureInfo.InvariantCulture, Services, smtp) + "\n");
        await RunAsync("chown", "postfix", Path.Combine(home, "data"));
        await RunAsync(SmtpSinkProcess.Find("postfix"), "-c", Path.Combine(home, "conf"), "start");
        await SmtpSinkProcess.ListeningAsync(smtp);
        return new PostfixProcess(home, smtp);
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync(SmtpSinkProcess.Find("postfix"), "-c", Path.Combine(folder, "conf"), "stop");
        Directory.Delete(folder, recursive: true);
    }

    public static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false })
            ?? throw new LoadException($"{program} does not start.");
        var said = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new LoadException($"{program} {string.Join(' ', arguments)}: {await said}");
    }
}

using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Interop;

/// <summary>
/// A Postfix of our own on a loopback port, with all its state in a temporary folder. It receives for <see cref="Domain"/>, where the
/// mailboxes are box…, and grey…, which takes nothing at once; it relays mail for another domain to a port; it demands TLS of whom it
/// relays to, and of who comes as well; and everything passes through a milter.
/// </summary>
internal sealed class Postfix : IAsyncDisposable
{
    public const string Domain = "postfix.example";
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(20);
    private readonly WorkFolder folder = new();
    private readonly string program;

    private Postfix(string program, int port)
    {
        this.program = program;
        Port = port;
    }

    public int Port { get; }

    public Task<string> LogAsync() => File.ReadAllTextAsync(folder["postfix.log"]);

    /// <param name="relayed">The domain whose mail goes to <paramref name="relayTo"/>.</param>
    public static async Task<Postfix> StartAsync(int port, string relayed, int relayTo, int milter, int policy)
    {
        Require();
        var postfix = new Postfix(Machine.Program("postfix", "postfix"), port);
        await postfix.WriteAsync(relayed, relayTo, milter, policy);
        try
        {
            await Shell.SucceedAsync("$POSTFIX -c $CONF start", ("POSTFIX", postfix.program), ("CONF", postfix.folder["etc"]));
            AppDomain.CurrentDomain.ProcessExit += postfix.StopAtExit;
            await Eventually.GetAsync(() => LoopbackPort.AnswersAsync(port), static answers => answers);
            return postfix;
        }
        catch
        {
            await postfix.DisposeAsync();
            throw;
        }
    }

    public static void Require()
    {
        Machine.Program("postfix", "postfix");
        if (!Environment.IsPrivilegedProcess)
            Machine.SkipOrFail("Postfix can be started by root only");
    }

    /// <summary>Waits for the mail to a mailbox, and gives all of it, with CRLF line ends.</summary>
    public async Task<IReadOnlyList<string>> MailToAsync(string localPart) => await Eventually.GetAsync(
        async () =>
        {
            var files = Directory.Exists(folder["mail/all/new"]) ? Directory.GetFiles(folder["mail/all/new"]) : [];
            var mails = await Task.WhenAll(files.Select(static file => File.ReadAllTextAsync(file)));
            return mails.Select(static mail => mail.ReplaceLineEndings("\r\n"))
                .Where(mail => Letter.HeaderOf(mail, "X-Original-To") == $"{localPart}@{Domain}").ToList();
        },
        static mails => mails.Count > 0);

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= StopAtExit;
        using var stop = Process.Start(program, ["-c", folder["etc"], "stop"]);
        await stop.WaitForExitAsync().WaitAsync(StopLimit);
        folder.Dispose();
    }

    /// <summary>The test run ends before its time: Postfix is a daemon, and would stay.</summary>
    private void StopAtExit(object? sender, EventArgs e)
    {
        using var stop = Process.Start(program, ["-c", folder["etc"], "stop"]);
        stop.WaitForExit(StopLimit);
    }

    private async Task WriteAsync(string relayed, int relayTo, int milter, int policy)
    {
        foreach (var name in (string[])["etc", "spool", "data", "mail"])
            Directory.CreateDirectory(folder[name]);
        await Shell.SucceedAsync("chown postfix $DATA && chown nobody $MAIL", ("DATA", folder["data"]), ("MAIL", folder["mail"]));
        var nobody = (await Shell.SucceedAsync("id -u nobody")).Trim();
        WriteCertificate();
        folder.Write("etc/boxes", $"/^((box|grey)[0-9a-z]+)@{Domain.Replace(".", "\\.", StringComparison.Ordinal)}$/ all/\n");
        var transport = $"inline:{{ {relayed}=smtp:[127.0.0.1]:{relayTo} }}";
        folder.Write("etc/main.cf", $"""
            compatibility_level = 3.6
            queue_directory = {folder["spool"]}
            data_directory = {folder["data"]}
            command_directory = /usr/sbin
            daemon_directory = /usr/lib/postfix/sbin
            mail_owner = postfix
            setgid_group = postdrop
            maillog_file = {folder["postfix.log"]}
            maillog_file_prefixes = {folder.Path}
            myhostname = mx.{Domain}
            mydestination =
            alias_maps =
            inet_interfaces = 127.0.0.1
            inet_protocols = ipv4
            mynetworks = 127.0.0.0/8
            smtp_dns_support_level = disabled
            smtp_host_lookup = native
            virtual_mailbox_domains = {Domain}
            virtual_mailbox_base = {folder["mail"]}
            virtual_mailbox_maps = regexp:{folder["etc/boxes"]}
            virtual_uid_maps = static:{nobody}
            virtual_gid_maps = static:{nobody}
            transport_maps = {transport}
            relay_domains = {relayed}
            smtpd_tls_security_level = encrypt
            smtpd_tls_cert_file = {folder["etc/certificate.pem"]}
            smtpd_tls_key_file = {folder["etc/key.pem"]}
            smtpd_tls_received_header = yes
            smtp_tls_security_level = encrypt
            smtp_tls_loglevel = 1
            smtpd_recipient_restrictions = check_policy_service inet:127.0.0.1:{policy}
            smtpd_milters = inet:127.0.0.1:{milter}

            """);
        folder.Write("etc/master.cf", $"""
            127.0.0.1:{Port} inet n - n - - smtpd
            cleanup  unix       n - n - 0     cleanup
            qmgr     unix       n - n 300 1   qmgr
            tlsmgr   unix       - - n 1000? 1 tlsmgr
            rewrite  unix       - - n - -     trivial-rewrite
            bounce   unix       - - n - 0     bounce
            defer    unix       - - n - 0     bounce
            trace    unix       - - n - 0     bounce
            smtp     unix       - - n - -     smtp
            relay    unix       - - n - -     smtp
            error    unix       - - n - -     error
            retry    unix       - - n - -     error
            virtual  unix       - n n - -     virtual
            anvil    unix       - - n - 1     anvil
            scache   unix       - - n - 1     scache
            proxymap unix       - - n - -     proxymap
            pickup   unix       n - n 60 1    pickup
            showq    unix       n - n - -     showq
            flush    unix       n - n 1000? 0 flush
            postlog  unix-dgram n - n - 1     postlogd

            """);
    }

    private void WriteCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=mx.{Domain}", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        folder.Write("etc/certificate.pem", certificate.ExportCertificatePem() + "\n");
        folder.Write("etc/key.pem", key.ExportPkcs8PrivateKeyPem() + "\n");
    }
}

using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Commune.Server.Tests.Running;

public sealed record TalkReply(int Code, string Text)
{
    public TalkReply Expect(int code)
    {
        Assert.True(Code == code, $"expected {code}, got: {Text}");
        return this;
    }
}

/// <summary>An SMTP client that says exactly what a test tells it to.</summary>
public sealed class SmtpTalk : IAsyncDisposable
{
    private readonly TcpClient client;
    private readonly byte[] buffer = new byte[4096];
    private Stream stream;
    private int start;
    private int end;

    private SmtpTalk(TcpClient client)
    {
        this.client = client;
        stream = client.GetStream();
    }

    /// <summary>What the server showed in the TLS handshake.</summary>
    public X509Certificate2? Certificate { get; private set; }

    /// <summary>Connects and reads the greeting.</summary>
    /// <param name="opening">Said before the greeting, as a proxy does.</param>
    public static async Task<SmtpTalk> ConnectAsync(IPEndPoint server, byte[]? opening = null)
    {
        var (talk, greeting) = await KnockAsync(server, opening);
        greeting.Expect(220);
        return talk;
    }

    /// <summary>Connects and reads the greeting, whatever it is.</summary>
    /// <param name="from">The address to come from, such as 127.0.0.2.</param>
    public static async Task<(SmtpTalk Talk, TalkReply Greeting)> KnockAsync(IPEndPoint server, byte[]? opening = null, string from = "127.0.0.1")
    {
        var connection = new TcpClient(new IPEndPoint(IPAddress.Parse(from), 0)) { NoDelay = true };
        await connection.ConnectAsync(server);
        var talk = new SmtpTalk(connection);
        if (opening is not null)
            await talk.WriteAsync(opening);
        return (talk, await talk.ReadAsync());
    }

    /// <summary>Connects and says EHLO.</summary>
    public static async Task<SmtpTalk> GreetAsync(IPEndPoint server)
    {
        var talk = await ConnectAsync(server);
        (await talk.CommandAsync("EHLO client.test")).Expect(250);
        return talk;
    }

    /// <summary>One message over a connection of its own.</summary>
    /// <returns>The reply to the end of the data.</returns>
    public static async Task<TalkReply> MailAsync(IPEndPoint server, string from, IReadOnlyList<string> recipients, byte[] message)
    {
        await using var talk = await GreetAsync(server);
        return await talk.MailAsync(from, recipients, message);
    }

    public static Task<TalkReply> MailAsync(IPEndPoint server, string from, string recipient, byte[] message) => MailAsync(server, from, [recipient], message);

    public async Task<TalkReply> MailAsync(string from, IReadOnlyList<string> recipients, byte[] message)
    {
        (await CommandAsync($"MAIL FROM:<{from}>")).Expect(250);
        foreach (var recipient in recipients)
            (await CommandAsync($"RCPT TO:<{recipient}>")).Expect(250);
        (await CommandAsync("DATA")).Expect(354);
        await WriteAsync(Stuff(message));
        return await CommandAsync(".");
    }

    public async Task<TalkReply> CommandAsync(string line)
    {
        await WriteAsync(Encoding.UTF8.GetBytes(line + "\r\n"));
        return await ReadAsync();
    }

    public async Task WriteAsync(byte[] bytes)
    {
        await stream.WriteAsync(bytes);
        await stream.FlushAsync();
    }

    /// <summary>STARTTLS and the handshake, taking any certificate.</summary>
    public async Task StartTlsAsync()
    {
        (await CommandAsync("STARTTLS")).Expect(220);
        await HandshakeAsync();
    }

    public async Task HandshakeAsync()
    {
        var tls = new SslStream(stream);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "mail.commune.test",
            RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            {
                Certificate = new X509Certificate2(certificate!);
                return true;
            },
        });
        stream = tls;
    }

    /// <summary>One reply, all its lines. Code 0 means that the server closed the connection.</summary>
    public async Task<TalkReply> ReadAsync()
    {
        var text = new StringBuilder();
        while (await ReadLineAsync() is { } line)
        {
            text.Append(text.Length > 0 ? "\n" : "").Append(line);
            if (line.Length < 4 || line[3] != '-')
                return new TalkReply(int.Parse(line.AsSpan(0, 3)), text.ToString());
        }
        return new TalkReply(0, text.ToString());
    }

    /// <summary>The message with leading dots doubled; a last line without CRLF gets one.</summary>
    public static byte[] Stuff(byte[] message)
    {
        var stuffed = new MemoryStream(message.Length + 16);
        var lineStart = true;
        for (var i = 0; i < message.Length; i++)
        {
            if (lineStart && message[i] == (byte)'.')
                stuffed.WriteByte((byte)'.');
            stuffed.WriteByte(message[i]);
            lineStart = message[i] == (byte)'\n';
        }
        if (!lineStart)
            stuffed.Write("\r\n"u8);
        return stuffed.ToArray();
    }

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        client.Dispose();
        Certificate?.Dispose();
    }

    private async Task<string?> ReadLineAsync()
    {
        var line = new MemoryStream();
        while (true)
        {
            while (start < end)
            {
                var octet = buffer[start++];
                if (octet == (byte)'\n')
                    return Encoding.UTF8.GetString(line.ToArray()).TrimEnd('\r');
                line.WriteByte(octet);
            }
            start = 0;
            end = await stream.ReadAsync(buffer);
            if (end == 0)
                return null;
        }
    }
}

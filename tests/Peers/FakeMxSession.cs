using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Commune.Peers;

/// <summary>One connection to <see cref="FakeMx"/>.</summary>
internal sealed class FakeMxSession(FakeMx mx, Socket socket, int number, CancellationToken stop) : IAsyncDisposable
{
    private readonly byte[] _buffer = new byte[16 * 1024];
    private readonly List<string> _recipients = [];
    private Stream _stream = new NetworkStream(socket, ownsSocket: true);
    private int _start;
    private int _end;
    private string _heloName = "";
    private string? _sender;
    private string _mailParameters = "";
    private string? _user;
    private bool _isTls;
    private bool _isOver;

    public async Task RunAsync()
    {
        if (mx.IsImplicitTls)
            await SecureAsync();
        await ActAsync("CONNECT", "", () => $"220 {mx.HostName} ESMTP", _ => { });
        while (!_isOver && await ReadLineAsync() is { } octets)
        {
            var line = Encoding.UTF8.GetString(octets);
            var verb = line.Split(' ', 2)[0].ToUpperInvariant();
            await CommandAsync(verb, line);
        }
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async Task CommandAsync(string verb, string line)
    {
        switch (verb)
        {
            case "EHLO":
                await ActAsync(verb, line, () => mx.OffersEhlo ? Offer() : "502 5.5.1 EHLO not implemented", _ => Greet(line));
                break;
            case "HELO":
                await ActAsync(verb, line, () => $"250 {mx.HostName}", _ => Greet(line));
                break;
            case "STARTTLS":
                if (await ActAsync(verb, line, () => "220 2.0.0 Go ahead", _ => { }) == 220)
                    await SecureAsync();
                break;
            case "AUTH":
                await AuthenticateAsync(line);
                break;
            case "MAIL":
                await ActAsync(verb, line, () => "250 2.1.0 Sender ok", _ => (_sender, _mailParameters) = Path(line));
                break;
            case "RCPT":
                await ActAsync(
                    verb,
                    line,
                    () => _sender is null ? "503 5.5.1 MAIL first" : mx.ReplyForRecipient(Path(line).Address) ?? "250 2.1.5 Recipient ok",
                    _ => _recipients.Add(Path(line).Address));
                break;
            case "DATA":
                if (await ActAsync(verb, line, () => _recipients.Count > 0 ? "354 Go ahead" : "554 5.5.1 No valid recipients", _ => { }) == 354)
                    await ContentAsync();
                break;
            case "RSET":
                await ActAsync(verb, line, () => "250 2.0.0 Reset", _ => Reset());
                break;
            case "NOOP":
                await ActAsync(verb, line, () => "250 2.0.0 Ok", _ => { });
                break;
            case "QUIT":
                await ActAsync(verb, line, () => "221 2.0.0 Bye", _ => { });
                _isOver = true;
                break;
            default:
                await ActAsync(verb, line, () => "500 5.5.2 Unknown command", _ => { });
                break;
        }
    }

    /// <summary>Lets the script decide, writes the reply, and does what a positive reply promises.</summary>
    /// <returns>The reply code; 0 when there was no reply.</returns>
    private async Task<int> ActAsync(string verb, string line, Func<string> reply, Action<int> onPositive)
    {
        var action = mx.Ask(new FakeMxCommand(verb, line, number, _isTls));
        if (action.Wait is { } wait)
            await wait.WaitAsync(stop);
        var text = action.Text ?? (action.RunsDefault || action is { Drops: false, IsSilent: false } ? reply() + "\r\n" : "");
        var code = text.Length >= 3 && int.TryParse(text.AsSpan(0, 3), out var parsed) ? parsed : 0;
        // Before the reply is out: who has read it may look at what it promised.
        if (code is >= 200 and < 300)
            onPositive(code);
        if (action.Pace is { } pace)
            await TrickleAsync(text, pace);
        else if (text.Length > 0)
            await _stream.WriteAsync(Encoding.Latin1.GetBytes(text), stop);
        _isOver |= action.Drops;
        return action.Drops ? 0 : code;
    }

    private async Task TrickleAsync(string text, Func<Task> pace)
    {
        foreach (var octet in Encoding.Latin1.GetBytes(text))
        {
            await pace().WaitAsync(stop);
            await _stream.WriteAsync(new[] { octet }, stop);
        }
    }

    private string Offer()
    {
        var lines = new List<string> { mx.HostName };
        if (mx.OffersPipelining)
            lines.Add("PIPELINING");
        if (mx.OffersSize is { } size)
            lines.Add($"SIZE {size}");
        if (mx.Offers8BitMime)
            lines.Add("8BITMIME");
        if (mx.OffersDsn)
            lines.Add("DSN");
        if (mx.OffersSmtpUtf8)
            lines.Add("SMTPUTF8");
        if (mx.OffersStartTls && !_isTls)
            lines.Add("STARTTLS");
        if (mx.OffersAuth is { } mechanisms)
            lines.Add($"AUTH {mechanisms}");
        lines.Add("ENHANCEDSTATUSCODES");
        return string.Join("\r\n", lines.Select((text, i) => $"250{(i == lines.Count - 1 ? ' ' : '-')}{text}"));
    }

    private void Greet(string line)
    {
        _heloName = line.Length > 5 ? line[5..] : "";
        Reset();
    }

    private void Reset()
    {
        _sender = null;
        _mailParameters = "";
        _recipients.Clear();
    }

    private async Task SecureAsync()
    {
        var action = mx.Ask(new FakeMxCommand("TLS", "", number, _isTls));
        if (action.Wait is { } wait)
            await wait.WaitAsync(stop);
        if (action.Text is { } text)
            await _stream.WriteAsync(Encoding.Latin1.GetBytes(text), stop);
        if (action.Drops)
        {
            _isOver = true;
            return;
        }

        var tls = new SslStream(_stream, leaveInnerStreamOpen: false);
        _stream = tls;
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = mx.Certificate }, stop);
        _isTls = true;
        Reset();
    }

    private async Task AuthenticateAsync(string line)
    {
        var words = line.Split(' ');
        string user, password;
        if (words is [_, "PLAIN", var response])
        {
            var parts = Decode(response).Split('\0');
            (user, password) = parts is [_, var name, var secret] ? (name, secret) : ("", "");
        }
        else
        {
            await _stream.WriteAsync("334 VXNlcm5hbWU6\r\n"u8.ToArray(), stop);
            user = Decode(Encoding.ASCII.GetString(await ReadLineAsync() ?? []));
            await _stream.WriteAsync("334 UGFzc3dvcmQ6\r\n"u8.ToArray(), stop);
            password = Decode(Encoding.ASCII.GetString(await ReadLineAsync() ?? []));
        }

        var isRight = mx.Password is null || mx.Password == password;
        await ActAsync(
            "AUTH",
            line,
            () => isRight ? "235 2.7.0 Welcome" : "535 5.7.8 Wrong user name or password",
            _ => _user = user);
    }

    private static string Decode(string base64) => Encoding.UTF8.GetString(Convert.FromBase64String(base64));

    private async Task ContentAsync()
    {
        var wire = new MemoryStream();
        var data = new MemoryStream();
        while (await ReadLineAsync() is { } line)
        {
            if (line.AsSpan().SequenceEqual("."u8))
            {
                await ActAsync("CONTENT", "", () => "250 2.0.0 Queued", _ => mx.Take(new FakeMxMessage(
                    _heloName, _sender ?? "", _mailParameters, [.. _recipients], data.ToArray(), wire.ToArray(), _isTls, _user, number)));
                Reset();
                return;
            }

            wire.Write(line.AsSpan());
            wire.Write("\r\n"u8);
            data.Write(line is [(byte)'.', ..] ? line.AsSpan(1) : line);
            data.Write("\r\n"u8);
        }

        _isOver = true;
    }

    private static (string Address, string Parameters) Path(string line)
    {
        var open = line.IndexOf('<', StringComparison.Ordinal);
        var close = line.LastIndexOf('>');
        return open < 0 || close < open ? ("", "") : (line[(open + 1)..close], line[(close + 1)..].Trim());
    }

    /// <summary>The next line without CRLF; only CRLF ends a line. Null at the end of the stream.</summary>
    private async Task<byte[]?> ReadLineAsync()
    {
        var line = new MemoryStream();
        while (true)
        {
            while (_start < _end)
            {
                var octet = _buffer[_start++];
                line.WriteByte(octet);
                if (octet == (byte)'\n' && line.Length >= 2 && line.GetBuffer()[line.Length - 2] == (byte)'\r')
                    return line.GetBuffer().AsSpan(0, (int)line.Length - 2).ToArray();
            }

            _start = 0;
            _end = await _stream.ReadAsync(_buffer, stop);
            if (_end == 0)
                return null;
        }
    }
}

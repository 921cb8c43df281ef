using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Commune.Load;

/// <summary>SMTP sessions that only ask who is here.</summary>
internal sealed class RecipientTalk(IPEndPoint server) : IDisposable
{
    /// <summary>The server hangs up on who asks for many and sends nothing.</summary>
    private const int MostRecipients = 50;

    private TcpClient? client;
    private StreamReader reader = StreamReader.Null;
    private NetworkStream? stream;
    private int recipients;

    /// <summary>Begins a session, and another after some recipients.</summary>
    public async Task PrepareAsync()
    {
        if (client is not null && ++recipients % MostRecipients != 0)
            return;
        client?.Dispose();
        client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(server);
        stream = client.GetStream();
        reader = new StreamReader(stream, Encoding.ASCII);
        await ReplyAsync();
        await SayAsync("EHLO load.example");
        await SayAsync("MAIL FROM:<kim@load.example>");
    }

    /// <exception cref="LoadException">The address is not taken.</exception>
    public Task RecipientAsync(string address) => SayAsync($"RCPT TO:<{address}>");

    public void Dispose() => client?.Dispose();

    private async Task SayAsync(string line)
    {
        await stream!.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"));
        if (await ReplyAsync() is not ['2', ..] and var reply)
            throw new LoadException($"{line}: {reply}");
    }

    private async Task<string> ReplyAsync()
    {
        while (true)
        {
            var line = await reader.ReadLineAsync() ?? throw new LoadException("The server hung up.");
            if (line.Length < 4 || line[3] != '-')
                return line;
        }
    }
}

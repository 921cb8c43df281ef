using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Commune.Load;

/// <summary>An SMTP session that only asks who is here.</summary>
internal sealed class RecipientTalk : IDisposable
{
    /// <summary>A server takes so many recipients for a message at most.</summary>
    private const int MostRecipients = 50;

    private readonly TcpClient client = new() { NoDelay = true };
    private StreamReader reader = StreamReader.Null;
    private NetworkStream? stream;
    private int recipients;

    private RecipientTalk()
    {
    }

    public static async Task<RecipientTalk> OpenAsync(IPEndPoint server)
    {
        var talk = new RecipientTalk();
        await talk.client.ConnectAsync(server);
        talk.stream = talk.client.GetStream();
        talk.reader = new StreamReader(talk.stream, Encoding.ASCII);
        await talk.ReplyAsync();
        await talk.SayAsync("EHLO load.example");
        await talk.SayAsync("MAIL FROM:<kim@load.example>");
        return talk;
    }

    /// <summary>Asks for one; between the askings a transaction is ended now and then.</summary>
    /// <exception cref="LoadException">The address is not taken.</exception>
    public async Task RecipientAsync(string address)
    {
        if (++recipients % MostRecipients == 0)
        {
            await SayAsync("RSET");
            await SayAsync("MAIL FROM:<kim@load.example>");
        }
        await SayAsync($"RCPT TO:<{address}>");
    }

    public void Dispose() => client.Dispose();

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

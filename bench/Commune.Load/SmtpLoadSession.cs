using System.Net.Sockets;
using System.Text;

namespace Commune.Load;

/// <summary>
/// One pipelining client (RFC 2920): the commands of the next transaction go out in the write that ends a message, so that a message
/// costs one write and one wait.
/// </summary>
internal sealed class SmtpLoadSession
{
    /// <summary>A reply names one of this many messages before it.</summary>
    private const int Recent = 200;

    private readonly SmtpLoad load;
    private readonly Random random;
    private readonly SampleMail[] mails;
    private readonly byte[] transaction;
    private readonly byte[] input = new byte[4096];
    private readonly ulong firstId;
    private int read;
    private int filled;

    public SmtpLoadSession(SmtpLoad load, int number, uint run, string recipient, int size)
    {
        this.load = load;
        random = new Random(number);
        firstId = ((ulong)run << 32) | ((ulong)number << 24);
        var commands = $"MAIL FROM:<bounces@sender.example> BODY=8BITMIME\r\nRCPT TO:<{recipient}>\r\nDATA\r\n";
        transaction = Encoding.ASCII.GetBytes(commands);
        mails = [.. Enumerable.Range(0, SampleMail.Shapes).Select(shape => new SampleMail(shape, random, size, recipient, commands))];
    }

    public void Run()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(load.Server);
        Expect(socket, 220);
        socket.Send("EHLO client.sender.example\r\n"u8);
        Expect(socket, 250);
        var more = load.TryTake();
        if (more)
            BeginTransaction(socket);
        for (ulong sent = 0; more; sent++)
        {
            var mail = mails[sent % SampleMail.Shapes];
            mail.Stamp(firstId + sent, firstId + (sent == 0 ? 0 : sent - 1 - (ulong)random.NextInt64((long)Math.Min(sent, Recent))));
            more = load.TryTake();
            SendAll(socket, more ? mail.WithTrailer : mail.MessageAndTerminator);
            Expect(socket, 250);
            load.CountAccepted();
            if (more)
                ExpectTransaction(socket);
        }
        socket.Send("QUIT\r\n"u8);
        Expect(socket, 221);
    }

    private void BeginTransaction(Socket socket)
    {
        SendAll(socket, transaction);
        ExpectTransaction(socket);
    }

    private void ExpectTransaction(Socket socket)
    {
        Expect(socket, 250);
        Expect(socket, 250);
        Expect(socket, 354);
    }

    private static void SendAll(Socket socket, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[socket.Send(bytes)..];
    }

    private void Expect(Socket socket, int code)
    {
        while (true)
        {
            var line = input.AsSpan(read, filled - read);
            var length = line.IndexOf((byte)'\n') + 1;
            if (length == 0)
            {
                line.CopyTo(input);
                filled -= read;
                read = 0;
                var count = socket.Receive(input.AsSpan(filled));
                if (count == 0)
                    throw new LoadException("the server closed the connection");
                filled += count;
                continue;
            }
            line = line[..length];
            read += length;
            if ((line[0] - '0') * 100 + (line[1] - '0') * 10 + line[2] - '0' != code)
                throw new LoadException($"{code} was expected, but the server said: {Encoding.UTF8.GetString(line).TrimEnd()}");
            if (line[3] != '-')
                return;
        }
    }
}

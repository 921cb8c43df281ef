using System.Net;
using System.Net.Sockets;

namespace Commune.Load;

/// <summary>A relay that takes every message and forgets it.</summary>
internal sealed class MailSink : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private int received;

    public MailSink()
    {
        listener.Start();
        EndPoint = (IPEndPoint)listener.LocalEndpoint;
        new Thread(Accept) { IsBackground = true, Name = "mail sink" }.Start();
    }

    public IPEndPoint EndPoint { get; }

    public int Received => Volatile.Read(ref received);

    public void Dispose() => listener.Dispose();

    private void Accept()
    {
        try
        {
            while (true)
            {
                var client = listener.AcceptTcpClient();
                new Thread(() => Serve(client)) { IsBackground = true, Name = "mail sink session" }.Start();
            }
        }
        catch (SocketException)
        {
            // The listener was closed: the measurement is over.
        }
    }

    private void Serve(TcpClient client)
    {
        using var connection = client;
        client.NoDelay = true;
        try
        {
            using var stream = client.GetStream();
            using var reader = new StreamReader(stream);
            using var writer = new StreamWriter(stream) { NewLine = "\r\n", AutoFlush = true };
            writer.WriteLine("220 sink.example ESMTP");
            while (reader.ReadLine() is { } line)
            {
                var verb = line.Length < 4 ? "" : line[..4].ToUpperInvariant();
                writer.WriteLine(verb switch
                {
                    "EHLO" => "250-sink.example\r\n250-PIPELINING\r\n250 8BITMIME",
                    "DATA" => "354 Go on",
                    "QUIT" => "221 Bye",
                    _ => "250 OK",
                });
                if (verb == "QUIT")
                    return;
                if (verb != "DATA")
                    continue;
                while (reader.ReadLine() is { } text && text != ".")
                {
                }
                Interlocked.Increment(ref received);
                writer.WriteLine("250 Taken");
            }
        }
        catch (IOException)
        {
            // The other side went away.
        }
    }
}

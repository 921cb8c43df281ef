using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Commune.Load;

/// <summary>
/// A connection that sends messages by the API, one after the other: the request is built once and only its recipient's number is written anew, in
/// place, so that the caller costs next to nothing beside the server, as Postfix's <c>smtp-source</c> does.
/// </summary>
internal sealed class SendCaller : IDisposable
{
    private const int NumberLength = 9;
    private const int DomainLength = 2;
    private const string NumberPlace = "#########";
    private const string DomainPlace = "%%";

    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] answer = new byte[16 * 1024];
    private readonly byte[] request;
    private readonly int numberAt;
    private readonly int domainAt;

    private SendCaller(Uri server, string key, LoadInbox inbox, string text)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new
        {
            to = $"user{NumberPlace}@d{DomainPlace}.example",
            inbox_id = inbox.Id,
            subject = "Your order has left our house",
            text,
        });
        var head = string.Create(CultureInfo.InvariantCulture,
            $"POST /v1/messages/send HTTP/1.1\r\nHost: {server.Authority}\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n");
        request = [.. Encoding.ASCII.GetBytes(head), .. body];
        numberAt = request.AsSpan().IndexOf(Encoding.ASCII.GetBytes(NumberPlace));
        domainAt = request.AsSpan().IndexOf(Encoding.ASCII.GetBytes(DomainPlace));
    }

    public static async Task<SendCaller> ConnectAsync(Uri server, string key, LoadInbox inbox, string text)
    {
        var caller = new SendCaller(server, key, inbox, text);
        await caller.socket.ConnectAsync(IPAddress.Parse(server.Host), server.Port);
        return caller;
    }

    /// <exception cref="LoadException">The server does not accept it.</exception>
    public async Task SendAsync(int number, int domain)
    {
        Utf8Formatter.TryFormat(number, request.AsSpan(numberAt, NumberLength), out _, new('D', NumberLength));
        Utf8Formatter.TryFormat(domain, request.AsSpan(domainAt, DomainLength), out _, new('D', DomainLength));
        for (var sent = 0; sent < request.Length;)
            sent += await socket.SendAsync(request.AsMemory(sent));

        var length = 0;
        while (!IsWhole(answer.AsSpan(0, length)))
        {
            var read = length == answer.Length ? 0 : await socket.ReceiveAsync(answer.AsMemory(length));
            length += read > 0 ? read : throw new LoadException("send: the answer ended early, or is longer than expected");
        }
        if (!answer.AsSpan().StartsWith("HTTP/1.1 202 "u8))
            throw new LoadException("send: " + Encoding.UTF8.GetString(answer, 0, length));
    }

    public void Dispose() => socket.Dispose();

    private static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        var head = answer.IndexOf("\r\n\r\n"u8);
        if (head < 0)
            return false;
        var field = answer[..head].IndexOf("Content-Length: "u8);
        if (field < 0 || !Utf8Parser.TryParse(answer[(field + 16)..], out int length, out _))
            throw new LoadException("send: the answer has no Content-Length: " + Encoding.UTF8.GetString(answer));
        return answer.Length >= head + 4 + length;
    }
}

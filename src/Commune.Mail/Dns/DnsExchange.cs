using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Commune.Mail.Dns;

/// <summary>One question to one server: UDP, TCP when the answer was cut, without EDNS when the server does not know
/// it. The result is a response to this very question, or a reason why there is none.</summary>
internal sealed class DnsExchange(DnsResolverSettings settings, TimeProvider time)
{
    /// <summary>Never throws: a server that cannot be talked to is an answer like any other.</summary>
    public async Task<(DnsStatus Status, DnsMessage? Message)> AskAsync(IPEndPoint server, DnsQuestion question)
    {
        using var limit = new CancellationTokenSource(settings.Timeout, time);
        try
        {
            var message = await AskAsync(server, question, settings.UdpPayload, limit.Token);
            // RFC 6891 §7: FORMERR, or NOTIMP from the eldest, is how a server without EDNS answers an OPT record.
            if (message is { ResponseCode: DnsResponseCode.FormatError or DnsResponseCode.NotImplemented })
                message = await AskAsync(server, question, null, limit.Token);
            return message is null ? (DnsStatus.ServerFailure, null) : (DnsStatus.Success, message);
        }
        catch (OperationCanceledException)
        {
            return (DnsStatus.Timeout, null);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return (DnsStatus.ServerFailure, null);
        }
    }

    private async Task<DnsMessage?> AskAsync(IPEndPoint server, DnsQuestion question, int? payload, CancellationToken ct)
    {
        // RFC 5452 §9: the id and the port (a socket of its own for every question) are what an attacker has to guess.
        var id = (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1);
        var query = DnsMessageEncoder.Query(id, question.Name, question.Type, payload);
        var message = await AskByUdpAsync(server, query, id, question, payload, ct);
        return message.IsTruncated ? await AskByTcpAsync(server, query, id, question, ct) : message;
    }

    private static async Task<DnsMessage> AskByUdpAsync(
        IPEndPoint server, byte[] query, ushort id, DnsQuestion question, int? payload, CancellationToken ct)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, ct);
        await socket.SendAsync(query, SocketFlags.None, ct);
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(payload ?? 0, 4096));
        try
        {
            while (true)
            {
                var length = await socket.ReceiveAsync(buffer, SocketFlags.None, ct);
                // Anything else than the answer may be an attempt to forge it: the true one may still come.
                if (DnsMessageDecoder.TryDecode(buffer.AsSpan(0, length), out var message)
                    && Answers(message!, id, question))
                {
                    return message!;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <returns>Null when the server answered with something else than the answer.</returns>
    private static async Task<DnsMessage?> AskByTcpAsync(
        IPEndPoint server, byte[] query, ushort id, DnsQuestion question, CancellationToken ct)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server, ct);
        await using var stream = new NetworkStream(socket, ownsSocket: false);
        // RFC 1035 §4.2.2: two octets of length before the message. RFC 7766 §8: in one write.
        var framed = new byte[query.Length + 2];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)query.Length);
        query.CopyTo(framed, 2);
        await stream.WriteAsync(framed, ct);

        var prefix = new byte[2];
        await stream.ReadExactlyAsync(prefix, ct);
        var response = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
        await stream.ReadExactlyAsync(response, ct);
        return DnsMessageDecoder.TryDecode(response, out var message)
            && Answers(message!, id, question) && !message!.IsTruncated ? message : null;
    }

    private static bool Answers(DnsMessage message, ushort id, DnsQuestion question)
    {
        if (!message.IsResponse || message.Id != id)
            return false;
        // A server that could not read the question does not repeat it (RFC 1035 §4.1.1, RCODE 1).
        if (message.QuestionName.Length == 0)
            return message.ResponseCode is DnsResponseCode.FormatError or DnsResponseCode.NotImplemented
                or DnsResponseCode.ServerFailure or DnsResponseCode.Refused;
        return message.QuestionType == question.Type
            && message.QuestionName.Equals(question.Name, StringComparison.OrdinalIgnoreCase);
    }
}

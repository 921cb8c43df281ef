using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Commune.Load;

/// <summary>
/// A message that is built once and sent many times: only its Message-ID, its subject's number, its correspondent and what it replies
/// to are written anew, in place, so that making mail costs next to nothing beside the server under test.
/// </summary>
internal sealed class SampleMail
{
    public const string Terminator = "\r\n.\r\n";

    /// <summary>Every fourth is a reply.</summary>
    public const int Shapes = 8;

    private const string IdPlace = "@@@@@@@@@@@@@@@@";
    private const string ReplyPlace = "################";
    private const string SubjectPlace = "%%%%%%%%";
    private const string SenderPlace = "????????";
    private const int Correspondents = 1000;

    private readonly byte[] bytes;
    private readonly int[] idPlaces;
    private readonly int[] replyPlaces;
    private readonly int[] subjectPlaces;
    private readonly int[] senderPlaces;

    /// <param name="trailer">What follows the terminator in the same write: the next transaction's commands.</param>
    public SampleMail(int shape, Random random, int size, string recipient, string trailer)
    {
        IsReply = shape % 4 == 3;
        var text = new SampleText(shape, random).Write(size, Headers(recipient));
        MessageLength = text.Length;
        bytes = [.. text, .. Encoding.ASCII.GetBytes(Terminator + trailer)];
        idPlaces = PlacesOf(IdPlace);
        replyPlaces = PlacesOf(ReplyPlace);
        subjectPlaces = PlacesOf(SubjectPlace);
        senderPlaces = PlacesOf(SenderPlace);
    }

    public bool IsReply { get; }

    /// <summary>Octets of the message without the terminator.</summary>
    public int MessageLength { get; }

    public ReadOnlyMemory<byte> Message => bytes.AsMemory(0, MessageLength);

    public ReadOnlySpan<byte> MessageAndTerminator => bytes.AsSpan(0, MessageLength + Terminator.Length);

    public ReadOnlySpan<byte> WithTrailer => bytes;

    /// <param name="id">Of this message: unique in the run.</param>
    /// <param name="parent">Id of the message that it replies to; not used when it is no reply.</param>
    public void Stamp(ulong id, ulong parent)
    {
        Write(idPlaces, id, new StandardFormat('x', 16));
        Write(replyPlaces, parent, new StandardFormat('x', 16));
        Write(subjectPlaces, id & uint.MaxValue, new StandardFormat('x', 8));
        Write(senderPlaces, id * 7919 % Correspondents, new StandardFormat('D', 8));
    }

    private string Headers(string recipient)
    {
        var headers = new StringBuilder();
        headers.Append("Received: from client.sender.example (client.sender.example [192.0.2.7])\r\n");
        headers.Append("\tby mx.sender.example with ESMTPS id 4fQ7Zx1;\r\n\tFri, 20 Nov 2026 09:30:00 +0000\r\n");
        headers.Append("From: =?utf-8?q?J=C3=B6rg_Correspondent?= <correspondent-").Append(SenderPlace).Append("@sender.example>\r\n");
        headers.Append("To: <").Append(recipient).Append(">\r\n");
        headers.Append("Cc: \"Second, Person\" <second@sender.example>\r\n");
        headers.Append("Subject: ").Append(IsReply ? "Re: " : "").Append("Question about =?utf-8?q?Gr=C3=B6=C3=9Fe?= of order ").Append(SubjectPlace).Append("\r\n");
        headers.Append("Date: Fri, 20 Nov 2026 09:30:00 +0000\r\n");
        headers.Append("Message-ID: <").Append(IdPlace).Append("@sender.example>\r\n");
        if (IsReply)
        {
            headers.Append("In-Reply-To: <").Append(ReplyPlace).Append("@sender.example>\r\n");
            headers.Append("References: <").Append(ReplyPlace).Append("@sender.example>\r\n");
        }
        headers.Append("User-Agent: Sample/1.0\r\nMIME-Version: 1.0\r\n");
        return headers.ToString();
    }

    private int[] PlacesOf(string place)
    {
        var sought = Encoding.ASCII.GetBytes(place);
        var places = new List<int>();
        for (var from = 0; bytes.AsSpan(from).IndexOf(sought) is var at and >= 0; from = places[^1] + sought.Length)
            places.Add(from + at);
        return [.. places];
    }

    private void Write(int[] places, ulong number, StandardFormat format)
    {
        foreach (var place in places)
        {
            if (!Utf8Formatter.TryFormat(number, bytes.AsSpan(place, format.Precision), out _, format))
                throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{number} does not fit its place"));
        }
    }
}

using System.Text;

namespace Commune.Load;

/// <summary>Writes MIME messages of the shapes that mail programs make.</summary>
internal sealed class SampleText(int shape, Random random)
{
    private const string Outer = "=_outer_b1f7c0";
    private const string Inner = "=_inner_77aa02";
    private const string AlternativeHead = "Content-Type: multipart/alternative; boundary=\"";
    private const string MixedHead = "Content-Type: multipart/mixed; boundary=\"";
    private const string RelatedHead = "Content-Type: multipart/related; boundary=\"";

    private static readonly string[] Words =
        ("the of and a to in is you that it he was for on are as with his they at be this have from or one had by word but not what all were " +
        "we when your can said there use an each which she do how their if will up other about out many then them these so some her would " +
        "make like him into time has look two more write go see number no way could people my than first water been call who oil its now " +
        "find long down day did get come made may part invoice delivery order Größe naïve café Straße 12,50€ Übung").Split(' ');

    private readonly StringBuilder message = new();

    /// <summary>A message of about <paramref name="size"/> octets, without a line end behind its last line.</summary>
    public byte[] Write(int size, string headers)
    {
        message.Append(headers);
        switch (shape)
        {
            case 0 or 3 or 7:
                Open(AlternativeHead, Outer);
                Plain(Outer, size * 35 / 100);
                Html(Outer, size * 50 / 100);
                break;
            case 1:
                Open(MixedHead, Outer);
                Part(Outer).Append(AlternativeHead).Append(Inner).Append("\"\r\n\r\n");
                Plain(Inner, size * 15 / 100);
                Html(Inner, size * 25 / 100);
                Close(Inner);
                Attachment("application/pdf", "Rechnung.pdf", size * 50 / 100);
                break;
            case 2:
                Open(MixedHead, Outer);
                Plain(Outer, size * 20 / 100);
                Attachment("text/csv", "orders.csv", size * 70 / 100);
                break;
            case 4:
                Open(RelatedHead, Outer);
                Part(Outer).Append(AlternativeHead).Append(Inner).Append("\"\r\n\r\n");
                Plain(Inner, size * 15 / 100);
                Html(Inner, size * 30 / 100);
                Close(Inner);
                InlineImage(size * 45 / 100);
                break;
            case 5:
                Open(MixedHead, Outer);
                Html(Outer, size * 30 / 100);
                Attachment("application/pdf", "contract.pdf", size * 60 / 100);
                break;
            default:
                Open(MixedHead, Outer);
                Plain(Outer, size * 20 / 100);
                Attachment("image/jpeg", "photo-1.jpg", size * 35 / 100);
                Attachment("image/jpeg", "photo-2.jpg", size * 35 / 100);
                break;
        }

        // The epilogue makes up the rest.
        Close(Outer);
        message.Append("\r\n");
        while (Encoding.UTF8.GetByteCount(message.ToString()) is var length && length < size - 2)
            message.Append('-', Math.Min(70, size - length - 2)).Append("\r\n");
        return Encoding.UTF8.GetBytes(message.ToString().TrimEnd('\r', '\n'));
    }

    private void Open(string head, string boundary) =>
        message.Append(head).Append(boundary).Append("\"\r\n\r\nThis is a multi-part message in MIME format.\r\n");

    private StringBuilder Part(string boundary) => message.Append("\r\n--").Append(boundary).Append("\r\n");

    private void Close(string boundary) => message.Append("\r\n--").Append(boundary).Append("--\r\n");

    private void Plain(string boundary, int size)
    {
        Part(boundary).Append("Content-Type: text/plain; charset=utf-8; format=flowed\r\nContent-Transfer-Encoding: 8bit\r\n\r\n");
        foreach (var line in Lines(size))
            message.Append(line).Append("\r\n");
    }

    private void Html(string boundary, int size)
    {
        Part(boundary).Append("Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n");
        message.Append("<html><head><title>Mail</title></head><body style=3D\"margin:0\">\r\n");
        // The markup is part of the size.
        var end = message.Length + size - 200;
        foreach (var line in Lines(size).TakeWhile(_ => message.Length < end))
            message.Append("<p class=3D\"text\">").Append(QuotedPrintable(line)).Append("=\r\n <a href=3D\"https://sender.example/o/17\">more</a></p>\r\n");
        message.Append("</body></html>\r\n");
    }

    private void Attachment(string type, string name, int size)
    {
        Part(Outer).Append("Content-Type: ").Append(type).Append("; name=\"").Append(name)
            .Append("\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"").Append(name).Append("\"\r\n\r\n");
        Base64(size);
    }

    private void InlineImage(int size)
    {
        Part(Outer).Append("Content-Type: image/png; name=\"logo.png\"\r\nContent-Transfer-Encoding: base64\r\n")
            .Append("Content-ID: <logo@sender.example>\r\nContent-Disposition: inline; filename=\"logo.png\"\r\n\r\n");
        Base64(size);
    }

    private void Base64(int size)
    {
        var bytes = new byte[size / 78 * 57];
        random.NextBytes(bytes);
        message.Append(Convert.ToBase64String(bytes, Base64FormattingOptions.InsertLineBreaks)).Append("\r\n");
    }

    private IEnumerable<string> Lines(int size)
    {
        var line = new StringBuilder();
        for (var written = 0; written < size; written += line.Length + 2)
        {
            line.Clear();
            while (line.Length < 62)
                line.Append(Words[random.Next(Words.Length)]).Append(' ');
            yield return line.ToString(0, line.Length - 1);
        }
    }

    private static string QuotedPrintable(string line)
    {
        var encoded = new StringBuilder();
        var column = 20;
        foreach (var octet in Encoding.UTF8.GetBytes(line))
        {
            if (column > 68)
            {
                encoded.Append("=\r\n");
                column = 0;
            }
            if (octet is >= 32 and < 127 and not (byte)'=')
            {
                encoded.Append((char)octet);
                column++;
            }
            else
            {
                encoded.Append('=').Append(octet.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
                column += 3;
            }
        }
        return encoded.ToString();
    }
}

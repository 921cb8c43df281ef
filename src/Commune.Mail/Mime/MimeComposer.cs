namespace Commune.Mail.Mime;

/// <summary>Writes messages: RFC 5322 and MIME, CRLF, ASCII unless an address needs SMTPUTF8.</summary>
public static class MimeComposer
{
    public static byte[] Compose(OutgoingMessage message) => [];
}

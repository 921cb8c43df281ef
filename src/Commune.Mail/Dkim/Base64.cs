namespace Commune.Mail.Dkim;

internal static class Base64
{
    /// <summary>RFC 6376 §2.10: base64 with white space anywhere, and with its padding or without. Null when it is
    /// none.</summary>
    public static byte[]? Decode(string text)
    {
        var count = 0;
        foreach (var c in text)
            count += c is ' ' or '\t' or '\r' or '\n' ? 0 : 1;
        if (count % 4 != 0)
            text = text.PadRight(text.Length + 4 - (count % 4), '=');
        var octets = new byte[text.Length * 3L / 4 + 3];
        return Convert.TryFromBase64String(text, octets, out var written) ? octets[..written] : null;
    }
}

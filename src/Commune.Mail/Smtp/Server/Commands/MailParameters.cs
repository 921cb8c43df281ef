namespace Commune.Mail.Smtp.Server.Commands;

/// <summary>Walks over the ESMTP parameters behind a path: <c>*(SP keyword ["=" value])</c> (RFC 5321 §4.1.2).</summary>
internal ref struct MailParameters(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> _rest = text;

    /// <summary>The text is not made of parameters.</summary>
    public bool IsMalformed { get; private set; } = !text.IsEmpty && text[0] != ' ';

    public ReadOnlySpan<byte> Keyword { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; }

    public bool HasValue { get; private set; }

    public bool MoveNext()
    {
        _rest = _rest.TrimStart((byte)' ');
        if (IsMalformed || _rest.IsEmpty)
            return false;
        var space = _rest.IndexOf((byte)' ');
        var parameter = space < 0 ? _rest : _rest[..space];
        _rest = space < 0 ? default : _rest[space..];
        var equals = parameter.IndexOf((byte)'=');
        HasValue = equals >= 0;
        Keyword = HasValue ? parameter[..equals] : parameter;
        Value = HasValue ? parameter[(equals + 1)..] : default;
        IsMalformed = !IsKeyword(Keyword) || (HasValue && !IsValue(Value));
        return !IsMalformed;
    }

    private static bool IsKeyword(ReadOnlySpan<byte> keyword)
    {
        if (keyword.IsEmpty || keyword[0] == '-')
            return false;
        foreach (var b in keyword)
        {
            if (!char.IsAsciiLetterOrDigit((char)b) && b != '-')
                return false;
        }

        return true;
    }

    // Any printable character but "=" and SP; the line holds no others beside UTF-8.
    private static bool IsValue(ReadOnlySpan<byte> value) =>
        !value.IsEmpty && !value.Contains((byte)'=') && !value.ContainsAnyExceptInRange((byte)33, (byte)126);
}

using System.Buffers;
using System.Globalization;
using System.Text;

namespace Commune.Mail.Mime;

/// <summary>One body part of RFC 2046. Everything is decoded when asked for, and again when asked again.</summary>
public sealed class MimePart
{
    private readonly MimeSource _source;
    private readonly int _number;
    private HeaderParameters? _contentType;
    private HeaderParameters? _disposition;
    private MimeMessage? _embedded;

    internal MimePart(MimeSource source, MimePart? parent, int number)
    {
        _source = source;
        Parent = parent;
        _number = number;
    }

    internal List<MimePart>? ChildList { get; set; }
    /// <summary>Beyond a limit: it holds parts, and nobody looked for them.</summary>
    internal bool IsUndivided { get; set; }

    internal int HeaderStart { get; set; }
    internal int BodyStart { get; set; }
    internal int BodyEnd { get; set; }

    public HeaderList Headers { get; internal set; } = HeaderList.Empty;

    public MimePart? Parent { get; }

    public IReadOnlyList<MimePart> Children => ChildList ?? (IReadOnlyList<MimePart>)[];

    /// <summary>The part number as in IMAP (RFC 3501 §6.4.5): "1", "1.2"; a single root part is "1", a multipart root "".</summary>
    public string Path
    {
        get
        {
            if (Parent is null)
                return IsMultipart ? _source.PathPrefix : Join(_source.PathPrefix, 1);
            return Join(Parent.Path, _number);
        }
    }

    private static string Join(string prefix, int number) =>
        prefix.Length == 0 ? number.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{prefix}.{number}");

    /// <summary>Type and subtype in lower case. RFC 2045 §5.2: text/plain when the field is missing or makes no sense.</summary>
    public string MediaType => field ??= ReadMediaType();

    /// <summary>The parameters of Content-Type, decoded (RFC 2231); names in any case.</summary>
    public IReadOnlyDictionary<string, string> Parameters => ContentType.Parameters;

    /// <summary>"attachment", "inline" or whatever Content-Disposition (RFC 2183) says, in lower case; null without one.</summary>
    public string? Disposition => DispositionField.Value is { Length: > 0 } value ? value : null;

    /// <summary>The name of the file without any directory or control character; null when the part names none.</summary>
    public string? FileName =>
        FileNames.Clean(DispositionField.Parameters.GetValueOrDefault("filename") ?? DispositionField.Parameters.GetValueOrDefault("name"))
        ?? FileNames.Clean(ContentType.Parameters.GetValueOrDefault("name") ?? ContentType.Parameters.GetValueOrDefault("filename"));

    /// <summary>The name as the sender wrote it, with the characters that <see cref="FileName"/> leaves out; null without one.</summary>
    public string? GivenFileName => DispositionField.Parameters.GetValueOrDefault("filename") ?? ContentType.Parameters.GetValueOrDefault("name");

    /// <summary>Content-ID without its angle brackets.</summary>
    public string? ContentId => Headers.GetUnfolded("Content-ID")?.Trim().TrimStart('<').TrimEnd('>') is { Length: > 0 } id ? id : null;

    public bool IsMultipart => MediaType.StartsWith("multipart/", StringComparison.Ordinal);

    public bool IsText => MediaType.StartsWith("text/", StringComparison.Ordinal);

    /// <summary>The body as it was sent, its transfer encoding still on.</summary>
    public ReadOnlyMemory<byte> EncodedBody => _source.Bytes[BodyStart..BodyEnd];

    /// <summary>
    /// The message inside a message/rfc822 or message/global part; null for any other part, and beyond the depth limit.
    /// </summary>
    public MimeMessage? EmbeddedMessage
    {
        get
        {
            if (_embedded is not null || MediaType is not ("message/rfc822" or "message/global") || _source.Depth + 1 >= _source.Limits.MaxDepth)
                return _embedded;
            // RFC 2046 §5.2.1 allows no encoding here; RFC 6532 §3.5 and practice do.
            var content = TransferEncodingKind == TransferEncodingKind.Identity ? EncodedBody : DecodeBody();
            return _embedded = MimeParser.Parse(content, _source.Limits, _source.Depth + 1, Path);
        }
    }

    internal string? Boundary
    {
        get
        {
            // RFC 2046 §5.1.1: a boundary cannot end in white space.
            var boundary = ContentType.Parameters.GetValueOrDefault("boundary")?.TrimEnd();
            return string.IsNullOrEmpty(boundary) ? null : boundary;
        }
    }

    internal TransferEncodingKind TransferEncodingKind =>
        Headers.GetRaw("Content-Transfer-Encoding") is { } value && !IsMultipart
            ? TransferEncoding.KindOf(value.Span)
            : TransferEncodingKind.Identity;

    private HeaderParameters ContentType => _contentType ??= ReadParameters("Content-Type");

    private HeaderParameters DispositionField => _disposition ??= ReadParameters("Content-Disposition");

    /// <summary>The bytes of the content, transfer encoding removed.</summary>
    public byte[] DecodeBody()
    {
        var encoded = EncodedBody.Span;
        var kind = TransferEncodingKind;
        if (kind == TransferEncodingKind.Identity)
            return encoded.ToArray();
        var buffer = ArrayPool<byte>.Shared.Rent(encoded.Length);
        var length = TransferEncoding.Decode(kind, encoded, buffer);
        var body = buffer.AsSpan(0, length).ToArray();
        ArrayPool<byte>.Shared.Return(buffer);
        return body;
    }

    /// <summary>How many bytes <see cref="DecodeBody"/> returns.</summary>
    public long DecodedLength
    {
        get
        {
            var encoded = EncodedBody.Span;
            var kind = TransferEncodingKind;
            if (kind == TransferEncodingKind.Identity)
                return encoded.Length;
            var buffer = ArrayPool<byte>.Shared.Rent(encoded.Length);
            var length = TransferEncoding.Decode(kind, encoded, buffer);
            ArrayPool<byte>.Shared.Return(buffer);
            return length;
        }
    }

    /// <summary>
    /// The content as text: its charset decoded, line ends as LF, format=flowed paragraphs joined (RFC 3676).
    /// Holds neither NUL nor half a surrogate pair.
    /// </summary>
    public string DecodeText() => DecodeText(isTrimmed: false);

    private string DecodeText(bool isTrimmed)
    {
        var encoded = EncodedBody.Span;
        var kind = TransferEncodingKind;
        if (kind == TransferEncodingKind.Identity)
            return DecodeText(encoded, isTrimmed);
        var buffer = ArrayPool<byte>.Shared.Rent(encoded.Length);
        var length = TransferEncoding.Decode(kind, encoded, buffer);
        var text = DecodeText(buffer.AsSpan(0, length), isTrimmed);
        ArrayPool<byte>.Shared.Return(buffer);
        return text;
    }

    /// <summary>The files inside a plain text that was sent without transfer encoding, each as a part of its own (<see cref="Uuencode.Find"/>).</summary>
    internal IReadOnlyList<MimePart> UuencodedFiles => field ??= ReadUuencodedFiles();

    /// <summary><see cref="DecodeText()"/> without those files, and without white space at its end.</summary>
    internal string DecodeTextWithoutFiles()
    {
        if (UuencodedFiles.Count == 0)
            return DecodeText(isTrimmed: true);
        var body = EncodedBody.Span;
        var text = new ArrayBufferWriter<byte>(body.Length);
        var at = 0;
        foreach (var block in Uuencode.Find(body))
        {
            text.Write(body[at..block.Start]);
            at = block.End;
        }
        text.Write(body[at..]);
        return DecodeText(text.WrittenSpan, isTrimmed: true);
    }

    private IReadOnlyList<MimePart> ReadUuencodedFiles()
    {
        if (MediaType != "text/plain" || TransferEncodingKind != TransferEncodingKind.Identity || EncodedBody.Span.IndexOf("begin "u8) < 0)
            return [];
        var files = new List<MimePart>();
        foreach (var block in Uuencode.Find(EncodedBody.Span))
        {
            var header = $"Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"{(FileNames.Clean(block.Name) ?? "file").Replace("\"", "", StringComparison.Ordinal)}\"\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\n";
            byte[] bytes = [.. Encoding.UTF8.GetBytes(header), .. EncodedBody.Span[block.Start..block.End]];
            files.Add(MimeParser.Parse(bytes, _source.Limits, _source.Depth, Join(Path, files.Count + 1)).Root);
        }
        return files;
    }

    private string DecodeText(ReadOnlySpan<byte> bytes, bool isTrimmed)
    {
        var charset = Parameters.GetValueOrDefault("charset") ?? (MediaType == "text/html" ? HtmlCharset.Declared(bytes) : null);
        return TextDecoding.Decode(charset, bytes, new TextForm(
            MediaType == "text/plain" && string.Equals(Parameters.GetValueOrDefault("format"), "flowed", StringComparison.OrdinalIgnoreCase),
            string.Equals(Parameters.GetValueOrDefault("delsp"), "yes", StringComparison.OrdinalIgnoreCase), isTrimmed));
    }

    private HeaderParameters ReadParameters(string name) =>
        Headers.AllUnfolded(name).FirstOrDefault(text => text.Length > 0) is { } text ? HeaderParameters.Parse(text) : HeaderParameters.Empty;

    private string ReadMediaType()
    {
        var value = ContentType.Value;
        if (value.Contains(" /", StringComparison.Ordinal) || value.Contains("/ ", StringComparison.Ordinal))
            value = value.Replace(" /", "/", StringComparison.Ordinal).Replace("/ ", "/", StringComparison.Ordinal);
        // The oldest MIME drafts knew no subtypes; what has a boundary has parts.
        if (value == "multipart")
            value = "multipart/mixed";
        var slash = value.IndexOf('/', StringComparison.Ordinal);
        if (slash > 0 && slash < value.Length - 1 && Ascii.IsValid(value) && !value.AsSpan().ContainsAny(" \t,()<>@:;\\\"[]?="))
            return value;
        // RFC 2046 §5.1.5: what a digest holds are messages unless it says otherwise.
        if (value.Length == 0)
            return Parent?.MediaType == "multipart/digest" ? "message/rfc822" : "text/plain";
        return DispositionField.Value == "attachment" ? "application/octet-stream" : "text/plain";
    }
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Commune.Mail.Mime;

/// <summary>One part of a message that is being written.</summary>
internal sealed class OutgoingPart : IDisposable
{
    private readonly HeaderWriter _header = new();
    private readonly PooledBuffer? _content;
    private readonly IReadOnlyList<OutgoingPart> _children = [];
    private readonly string? _subtype;
    private readonly string? _parameter;

    private OutgoingPart(PooledBuffer content) => _content = content;

    private OutgoingPart(string subtype, IReadOnlyList<OutgoingPart> children, string? parameter)
    {
        _subtype = subtype;
        _children = children;
        _parameter = parameter;
    }

    public static OutgoingPart Text(string subtype, string text)
    {
        var part = new OutgoingPart(new PooledBuffer(text.Length + (text.Length / 16) + 256));
        var body = BodyEncoder.Encode(text, part._content!);
        part._header.Structured("Content-Type", "text/" + subtype, [body.IsAscii ? "charset=us-ascii" : "charset=utf-8"]);
        part._header.Tokens("Content-Transfer-Encoding", [body.Encoding]);
        return part;
    }

    public static OutgoingPart File(OutgoingAttachment file, bool inline)
    {
        var name = FileNames.Clean(file.FileName) ?? "attachment";
        var part = new OutgoingPart(new PooledBuffer(file.Content.Length + (file.Content.Length / 2)));
        BodyEncoder.Base64(file.Content.Span, part._content!);
        var type = IsMediaType(file.MediaType) ? file.MediaType.ToLowerInvariant() : "application/octet-stream";
        part._header.Structured("Content-Type", type, ParameterWriter.FileName("name", name));
        part._header.Tokens("Content-Transfer-Encoding", ["base64"]);
        part._header.Structured("Content-Disposition", inline ? "inline" : "attachment", ParameterWriter.FileName("filename", name));
        if (!string.IsNullOrWhiteSpace(file.ContentId))
            part._header.Tokens("Content-ID", [$"<{file.ContentId.Trim('<', '>', ' ')}>"]);
        return part;
    }

    public static OutgoingPart Multipart(string subtype, IReadOnlyList<OutgoingPart> children, string? parameter = null) =>
        new(subtype, children, parameter);

    public void WriteTo(PooledBuffer output, string boundarySeed)
    {
        var number = 0;
        Write(output, boundarySeed, ref number);
    }

    public void Dispose()
    {
        _content?.Dispose();
        foreach (var child in _children)
            child.Dispose();
    }

    private void Write(PooledBuffer output, string seed, ref int number)
    {
        if (_subtype is null)
        {
            _header.WriteTo(output);
            output.Write("\r\n"u8);
            output.Write(_content!.Written);
            return;
        }

        var boundary = Boundary(seed, number++);
        string[] parameters = _parameter is null ? [$"boundary=\"{boundary}\""] : [_parameter, $"boundary=\"{boundary}\""];
        var header = new HeaderWriter();
        header.Structured("Content-Type", "multipart/" + _subtype, parameters);
        header.WriteTo(output);
        output.Write("\r\n"u8);
        foreach (var child in _children)
        {
            output.Write(Encoding.ASCII.GetBytes($"--{boundary}\r\n"));
            child.Write(output, seed, ref number);
            output.Write("\r\n"u8);
        }
        output.Write(Encoding.ASCII.GetBytes($"--{boundary}--\r\n"));
    }

    /// <summary>RFC 2045 §6.7 (note 5): "=_" occurs neither in quoted-printable nor in base64; 7bit text with it is not left 7bit.</summary>
    private static string Boundary(string seed, int number)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{number}:{seed}")));
        return "=_" + Convert.ToHexStringLower(hash.AsSpan(0, 16));
    }

    private static bool IsMediaType(string type)
    {
        var slash = type.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && slash < type.Length - 1 && type.Length <= 120
            // A multipart or message type would have to be well-formed inside, and may not be base64 (RFC 2045 §6.4).
            && !type.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase)
            && !type.StartsWith("message/", StringComparison.OrdinalIgnoreCase)
            && type.AsSpan().Count('/') == 1
            && !type.AsSpan().ContainsAnyExceptInRange('!', '~')
            && !type.AsSpan().ContainsAny("()<>@,;:\\\"[]?=");
    }
}

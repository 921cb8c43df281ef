using System.Globalization;

namespace Commune.Mail.Mime;

/// <summary>Walks the parts of a message and tells its body from its attachments (RFC 2046, RFC 2183, RFC 2387).</summary>
internal sealed class ContentCollector
{
    private readonly List<AttachmentPart> _attachments = [];
    private bool _bodySeen;

    public IReadOnlyList<AttachmentPart> Attachments => _attachments;

    public List<ContentSegment> Collect(MimePart root)
    {
        var segments = new List<ContentSegment>();
        Visit(root, segments);
        return segments;
    }

    // Recursion ends at MimeLimits.MaxDepth.
    private void Visit(MimePart part, List<ContentSegment> segments)
    {
        if (!part.IsMultipart || (part.IsUndivided && part.Children.Count == 0))
        {
            VisitLeaf(part, segments);
            return;
        }
        if (part.Children.Count == 0 && !part.IsUndivided)
        {
            // A multipart in which no part could be found: what it holds is text for people, if anything.
            var text = part.DecodeText();
            if (!string.IsNullOrWhiteSpace(text))
                segments.Add(new ContentSegment(text, []));
            return;
        }

        switch (part.MediaType)
        {
            case "multipart/alternative":
                VisitAlternative(part, segments);
                break;
            case "multipart/related":
                VisitRelated(part, segments);
                break;
            case "multipart/encrypted":
                // RFC 1847 §2.2: a control part and the ciphertext; neither is text for people.
                foreach (var child in part.Children)
                    Attach(child);
                break;
            case "multipart/signed":
                // RFC 1847 §2.1: the first part is what was signed, the second the signature.
                Visit(part.Children[0], segments);
                foreach (var child in part.Children.Skip(1))
                    Attach(child);
                break;
            default:
                foreach (var child in part.Children)
                    Visit(child, segments);
                break;
        }
    }

    /// <summary>RFC 2046 §5.1.4: the same content in several forms, the best one last.</summary>
    private void VisitAlternative(MimePart part, List<ContentSegment> segments)
    {
        string? text = null;
        IReadOnlyList<MimePart> html = [];
        foreach (var child in part.Children)
        {
            // A form of the same words that nobody shows is no file.
            if (part.Children.Count > 1 && IsOtherForm(child))
                continue;
            var form = new List<ContentSegment>();
            var seen = _bodySeen;
            _bodySeen = false;
            Visit(child, form);
            _bodySeen |= seen;
            var formHtml = form.SelectMany(static segment => segment.HtmlParts).Where(static piece => !piece.EncodedBody.IsEmpty).ToList();
            var formText = Join(form.Select(segment => segment.Text));
            if (formHtml.Count > 0)
                html = formHtml;
            // A mixed form of HTML and plain pieces is complete only as a whole.
            if (formHtml.Count > 0 && formText is not null && form.Count > 1)
                formText = text is null ? Join(form.Select(segment => segment.PlainText)) : null;
            if (!string.IsNullOrWhiteSpace(formText) || text is null)
                text = formText ?? text;
        }
        if (text is not null || html.Count > 0)
            segments.Add(new ContentSegment(text, html));
    }

    private static bool IsOtherForm(MimePart part) =>
        part.MediaType is "text/x-amp-html" or "text/watch-html" or "text/enriched" or "text/richtext" && part.FileName is null && part.Disposition != "attachment";

    /// <summary>RFC 2387: a root and what it refers to. The root is named by "start", else the first part.</summary>
    private void VisitRelated(MimePart part, List<ContentSegment> segments)
    {
        var start = part.Parameters.GetValueOrDefault("start")?.Trim('<', '>', ' ');
        var root = start is null ? null : part.Children.FirstOrDefault(child => child.ContentId == start);
        root ??= part.Children[0];
        Visit(root, segments);
        foreach (var child in part.Children)
        {
            if (child == root)
                continue;
            if (child.IsMultipart)
                Visit(child, segments);
            else
                Attach(child);
        }
    }

    private void VisitLeaf(MimePart part, List<ContentSegment> segments)
    {
        var isHtml = part.MediaType == "text/html";
        var isBody = !part.IsUndivided && (isHtml || part.MediaType == "text/plain")
            && part.Disposition != "attachment"
            && (!_bodySeen || part.FileName is null);
        if (!isBody)
        {
            Attach(part);
            return;
        }
        _bodySeen = true;
        if (isHtml)
        {
            segments.Add(new ContentSegment(null, [part]));
            return;
        }
        var text = part.DecodeTextWithoutFiles();
        foreach (var file in part.UuencodedFiles)
            Attach(file);
        segments.Add(new ContentSegment(text, []));
    }

    private void Attach(MimePart part)
    {
        if (part.IsMultipart && part.Children.Count > 0)
        {
            foreach (var child in part.Children)
                Attach(child);
            return;
        }
        var number = _attachments.Count + 1;
        var id = part.ContentId;
        var inline = part.Disposition == "inline"
            || (part.Disposition is null && id is not null && part.Parent?.MediaType == "multipart/related");
        _attachments.Add(new AttachmentPart(part.Path, part.FileName ?? MakeName(part, number), part.MediaType, part.DecodedLength, id, inline)
        {
            Part = part,
        });
    }

    private static string MakeName(MimePart part, int number)
    {
        if (part.EmbeddedMessage is { } message && FileNames.Clean(message.Subject.Replace('/', '-').Replace('\\', '-')) is { } subject)
            return subject + ".eml";
        return string.Create(CultureInfo.InvariantCulture, $"attachment-{number}{MediaTypes.ExtensionOf(part.MediaType)}");
    }

    private static string? Join(IEnumerable<string?> pieces)
    {
        var present = pieces.Where(piece => !string.IsNullOrEmpty(piece)).ToList();
        return present.Count switch
        {
            0 => null,
            1 => present[0],
            _ => string.Join("\n\n", present),
        };
    }
}

using Commune.Mail.Addresses;
using Commune.Mail.Threading;

namespace Commune.Mail.Mime;

/// <summary>A parsed message. Its fields are decoded on first use; instances may be read by several threads.</summary>
public sealed class MimeMessage
{
    private readonly MimeSource _source;

    internal MimeMessage(ReadOnlyMemory<byte> raw, MimeSource source, MimePart root)
    {
        Raw = raw;
        Root = root;
        _source = source;
    }

    public ReadOnlyMemory<byte> Raw { get; }

    public HeaderList Headers => Root.Headers;

    public MimePart Root { get; }

    public IReadOnlyList<MimeDefect> Defects => _source.Defects;

    /// <summary>Decoded; "" without one.</summary>
    public string Subject => field ??= Headers.Get("Subject") ?? "";

    /// <summary>The first Date that is one.</summary>
    public DateTimeOffset? Date
    {
        get
        {
            foreach (var text in Headers.AllUnfolded("Date"))
            {
                if (DateParser.TryParse(text, out var date))
                    return date;
            }
            return null;
        }
    }

    public IReadOnlyList<Mailbox> From => field ??= Addresses("From");

    /// <summary>The only address of the only From field; null when there are several authors, or none.</summary>
    public Mailbox? OnlyAuthor => From is [var author] && Headers.CountOf("From") == 1 ? author : null;

    /// <summary>All of From and Sender. Several fields of a name are read together and each by itself as well: a quote or a comment that one opens
    /// and another closes hides nobody.</summary>
    public IReadOnlyList<Mailbox> AllAuthors => field ??=
        [.. From, .. Sender, .. Headers.AllUnfolded("From").Concat(Headers.AllUnfolded("Sender")).SelectMany(static value => AddressList.Parse(value))];

    public IReadOnlyList<Mailbox> Sender => field ??= Addresses("Sender");

    public IReadOnlyList<Mailbox> To => field ??= Addresses("To");

    public IReadOnlyList<Mailbox> Cc => field ??= Addresses("Cc");

    public IReadOnlyList<Mailbox> Bcc => field ??= Addresses("Bcc");

    public IReadOnlyList<Mailbox> ReplyTo => field ??= Addresses("Reply-To");

    /// <summary>With its angle brackets; null without one.</summary>
    public string? MessageId => MessageIds.ParseOne(Headers.GetUnfolded("Message-ID"));

    /// <summary>Each with its angle brackets.</summary>
    public IReadOnlyList<string> InReplyTo => field ??= MessageIds.Parse(Headers.JoinUnfolded("In-Reply-To"));

    /// <summary>Each with its angle brackets, oldest first, at most 500.</summary>
    public IReadOnlyList<string> References => field ??= MessageIds.Parse(Headers.JoinUnfolded("References"));

    /// <summary>The part of that number (<see cref="MimePart.Path"/>), also inside embedded messages; null when there is none.</summary>
    public MimePart? FindPart(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Find(Root, path);
    }

    private static MimePart? Find(MimePart part, string path)
    {
        while (true)
        {
            var own = part.Path;
            if (own == path)
                return part;
            if (own.Length > 0 && !(path.StartsWith(own, StringComparison.Ordinal) && path[own.Length] == '.'))
                return null;
            var rest = path.AsSpan(own.Length == 0 ? 0 : own.Length + 1);
            var dot = rest.IndexOf('.');
            if (part.Children.Count == 0)
                return part.EmbeddedMessage is { } embedded ? Find(embedded.Root, path) : part.UuencodedFiles.FirstOrDefault(file => file.Path == path);
            if (!int.TryParse(dot < 0 ? rest : rest[..dot], System.Globalization.NumberStyles.None, null, out var number)
                || number < 1 || number > part.Children.Count)
            {
                return null;
            }
            part = part.Children[number - 1];
        }
    }

    private IReadOnlyList<Mailbox> Addresses(string name) => AddressList.Parse(Headers.JoinUnfolded(name));
}

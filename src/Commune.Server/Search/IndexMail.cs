using System.Runtime.InteropServices;
using Commune.Ai.AttachmentText;
using Commune.Ai.Search;
using Commune.Mail.Mime;
using Commune.Storage;

namespace Commune.Server.Search;

/// <summary>Makes what the index keeps of a message, before the message is committed with it.</summary>
public sealed class IndexMail(IVectorSource vectors)
{
    /// <summary>The meaning of a mail stands at its beginning.</summary>
    private const int MostEmbedded = 20_000;

    public string Model => vectors.Model;

    /// <summary>False where this server has no search: nothing is kept of a message then.</summary>
    public bool IsOn { get; init; } = true;

    /// <summary>Whether a provider makes vectors as well.</summary>
    public bool HasProvider { get; init; }

    /// <param name="content">The visible body.</param>
    /// <param name="reply">What of it is new.</param>
    public SearchEntry EntryOf(
        string subject, string content, string reply, IReadOnlyList<Participant> participants, IEnumerable<string> fileNames)
    {
        using var terms = new DocumentTermsBuilder(Sample(reply.Length > 0 ? reply : subject));
        terms.AddWithMeaning(subject, subject.Length);
        terms.Add(SearchField.Subject, subject);
        AddBody(terms, content, reply);
        foreach (var participant in participants)
        {
            terms.Add(participant.Identity);
            if (participant.Name is { } name)
                terms.Add(name);
            AddFilters(terms, participant);
        }
        var (hasAttachment, reads) = (false, false);
        foreach (var name in fileNames)
        {
            terms.Add(name);
            hasAttachment = true;
            reads |= AttachmentReader.MayHaveText(name);
        }
        return Entry(terms, hasAttachment) with { ReadsAttachments = reads };
    }

    /// <summary>
    /// A file of a message, as a document of its own: filters find it by the message's people and subject, words by its name and text alone.
    /// </summary>
    public SearchEntry EntryOf(string subject, IReadOnlyList<Participant> participants, string fileName, string text)
    {
        using var terms = new DocumentTermsBuilder(Sample(text));
        terms.Add(SearchField.Subject, subject);
        foreach (var participant in participants)
            AddFilters(terms, participant);
        terms.Add(fileName);
        terms.AddMeaning(Path.GetFileNameWithoutExtension(fileName));
        terms.AddWithMeaning(text, MostEmbedded);
        return Entry(terms, hasAttachment: true);
    }

    private static ReadOnlySpan<char> Sample(string text) => text.AsSpan(0, Math.Min(text.Length, MostEmbedded));

    private static void AddBody(DocumentTermsBuilder terms, string content, string reply)
    {
        // Most mails say what is new first, or nothing else.
        var start = content.Length - content.AsSpan().TrimStart().Length;
        var end = start + reply.Length;
        if (content.AsSpan(start).StartsWith(reply) && (content.Length == end || char.IsWhiteSpace(content[end])))
        {
            terms.AddWithMeaning(content, Math.Min(end, start + MostEmbedded));
            return;
        }
        terms.Add(content);
        terms.AddMeaning(reply.AsSpan(0, Math.Min(reply.Length, MostEmbedded)));
    }

    private static void AddFilters(DocumentTermsBuilder terms, Participant participant)
    {
        var field = participant.Role == "sender" ? SearchField.From : SearchField.To;
        terms.Add(field, participant.Identity);
        if (participant.Name is { } name)
            terms.Add(field, name);
    }

    private SearchEntry Entry(DocumentTermsBuilder terms, bool hasAttachment) => new(
        terms.ToArray(), terms.Length, hasAttachment, vectors.Model, MemoryMarshal.AsBytes<sbyte>(vectors.OfMessage(terms)).ToArray()) { NeedsVector = HasProvider };

    public SearchEntry EntryOf(IndexedMessage message) => EntryOf(
        message.Subject, message.Content, new MessageContent(message.Content, message.ContentHtml, []).ReplyText, message.Participants,
        message.FileNames);
}

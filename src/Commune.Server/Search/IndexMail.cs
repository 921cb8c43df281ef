using System.Runtime.InteropServices;
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

    /// <param name="content">The visible body.</param>
    /// <param name="reply">What of it is new.</param>
    public SearchEntry EntryOf(
        string subject, string content, string reply, IReadOnlyList<Participant> participants, IEnumerable<string> fileNames)
    {
        var terms = new DocumentTermsBuilder();
        terms.Add(subject);
        terms.Add(SearchField.Subject, subject);
        terms.Add(content);
        foreach (var participant in participants)
        {
            var field = participant.Role == "sender" ? SearchField.From : SearchField.To;
            terms.Add(participant.Identity);
            terms.Add(field, participant.Identity);
            if (participant.Name is { } name)
            {
                terms.Add(name);
                terms.Add(field, name);
            }
        }
        var hasAttachment = false;
        foreach (var name in fileNames)
        {
            terms.Add(name);
            hasAttachment = true;
        }
        var vector = vectors.OfMessage(subject, reply.Length <= MostEmbedded ? reply : reply[..MostEmbedded]);
        return new SearchEntry(
            terms.ToArray(), terms.Length, hasAttachment, vectors.Model, MemoryMarshal.AsBytes<sbyte>(vector).ToArray());
    }

    public SearchEntry EntryOf(IndexedMessage message) => EntryOf(
        message.Subject, message.Content, new MessageContent(message.Content, message.ContentHtml, []).ReplyText, message.Participants,
        message.FileNames);
}

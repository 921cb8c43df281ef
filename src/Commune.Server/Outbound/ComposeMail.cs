using Commune.Mail.Addresses;
using Commune.Mail.Mime;
using Commune.Mail.Text;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Outbound;

/// <summary>A message as it will leave: signed bytes, and what of it is stored beside them.</summary>
public sealed record ComposedMail(
    byte[] Bytes, string SmtpMessageId, string Subject, string Text, string? InReplyTo, IReadOnlyList<string> References,
    string ReplyToken, IReadOnlyList<Attachment> Attachments);

/// <summary>Makes the RFC 5322 message of a send and signs it (architecture, "Life of a sent message", step 2).</summary>
public sealed class ComposeMail(IStore store, AttachmentContent content, DkimKeyRing keys, TimeProvider time)
{
    /// <summary>RFC 5321 §4.5.3.1.1: a longer local part, token included, is not deliverable everywhere.</summary>
    private const int MaxLocalPart = 64;

    public async Task<ComposedMail> ComposeAsync(
        Sender sender, SendRequest request, MailThread? thread, string newThreadId, string messageId, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var reply = thread is null ? new ReplyContext(null, []) : await store.Threads.GetReplyContextAsync(thread.OrgId, thread.Id, cancellation);
        var token = thread?.ReplyToken ?? ReplyToken.New(newThreadId);
        var text = request.Text ?? HtmlText.ToText(request.Html!);
        var subject = SubjectOf(request, thread);
        var files = await FilesAsync(sender.Inbox.OrgId, request, messageId, now, cancellation);

        var outgoing = new OutgoingMessage
        {
            From = sender.From,
            // One that sorts by time: neighbours in time are neighbours in the indexes that have it.
            MessageId = $"<{EntityId.NewSortable("", now)}@{sender.Domain.Name}>",
            // RFC 5322 §3.6.1: when the message is put into the mail system, which is its time for one that waits.
            Date = request.SendAt is { } at && at > now.ToUnixTimeMilliseconds() ? DateTimeOffset.FromUnixTimeMilliseconds(at) : now,
            To = request.To,
            Cc = request.Cc,
            ReplyTo = request.ReplyTo.Count > 0 ? request.ReplyTo : [ReplyAddress(sender.Inbox, token)],
            Subject = subject,
            Text = text,
            Html = request.Html,
            InReplyTo = reply.InReplyTo,
            References = References(reply),
            Headers = request.Headers,
            Attachments = [.. files.Select(static f => new OutgoingAttachment(f.Record.FileName, f.Record.MediaType, f.Bytes))],
            BoundarySeed = messageId,
        };
        using var unsigned = new PooledBuffer(text.Length + (request.Html?.Length ?? 0) + 4096);
        MimeComposer.Compose(outgoing, unsigned);
        var signatures = await keys.SignAsync(sender.Domain, unsigned.WrittenMemory, now, cancellation);
        return new ComposedMail([.. signatures, .. unsigned.Written], outgoing.MessageId, subject, text, reply.InReplyTo, outgoing.References, token,
            InOwnParts([.. files.Select(static f => f.Record)], unsigned.WrittenMemory));
    }

    private static string SubjectOf(SendRequest request, MailThread? thread)
    {
        var subject = string.IsNullOrEmpty(request.Subject) ? thread?.Subject ?? "" : request.Subject;
        return thread is null || subject.StartsWith("Re:", StringComparison.OrdinalIgnoreCase) ? subject : "Re: " + subject;
    }

    /// <summary>RFC 5322 §3.6.4: the parent's references, and then the parent.</summary>
    private static IReadOnlyList<string> References(ReplyContext reply) =>
        reply.InReplyTo is { } parent ? [.. reply.References.Where(id => id != parent), parent] : [];

    /// <summary>The inbox's address with the thread's token, by which the answer finds the thread whatever its headers say.</summary>
    private static Mailbox ReplyAddress(Inbox inbox, string token)
    {
        var withToken = $"{inbox.LocalPart}+{token}";
        return new Mailbox(inbox.DisplayName, withToken.Length <= MaxLocalPart ? withToken : inbox.LocalPart, inbox.DomainName);
    }

    private async Task<IReadOnlyList<File>> FilesAsync(string orgId, SendRequest request, string messageId, DateTimeOffset now, CancellationToken cancellation)
    {
        var files = new List<File>();
        var total = 0L;
        foreach (var wanted in request.Attachments)
        {
            if (wanted.Content is { } bytes)
            {
                files.Add(new File(new Attachment(orgId, EntityId.New("att_"), messageId, null, null, wanted.FileName!, wanted.MediaType!,
                    bytes.Length, null, now.ToUnixTimeMilliseconds()), bytes));
                continue;
            }
            var stored = await store.Messages.GetAttachmentAsync(orgId, wanted.Id!, cancellation) ?? throw ApiException.NotFound("Attachment " + wanted.Id);
            total += stored.Size;
            if (total > SendRequest.MaxAttachmentBytes)
                throw ApiException.Invalid("attachments", "attachments must be at most 40 MB together");
            // An upload is bound to the message that sends it first; what belongs to a message already is sent as a copy.
            var record = stored.MessageId is null ? stored with { MessageId = messageId }
                : stored with { Id = EntityId.New("att_"), MessageId = messageId, PartPath = null, BlobKey = null, ContentId = null, CreatedAt = now.ToUnixTimeMilliseconds() };
            files.Add(new File(record, await content.ReadAsync(stored, cancellation)));
        }
        return files;
    }

    /// <summary>Points every attachment without a blob at its part of the message: its bytes are kept once, inside the raw message.</summary>
    private static IReadOnlyList<Attachment> InOwnParts(IReadOnlyList<Attachment> attachments, ReadOnlyMemory<byte> message)
    {
        if (attachments.Count == 0)
            return [];
        var parts = MessageContent.From(MimeParser.Parse(message)).Attachments;
        return [.. attachments.Select((a, i) => a.BlobKey is null ? a with { PartPath = parts[i].Path } : a)];
    }

    private sealed record File(Attachment Record, byte[] Bytes);
}

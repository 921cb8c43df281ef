using System.Security.Cryptography;
using System.Text;
using Commune.Ai.Screening;
using Commune.Mail.Addresses;
using Commune.Mail.Mime;
using Commune.Mail.Text;
using Commune.Mail.Threading;
using Commune.Server.Extraction;
using Commune.Server.Hosting;
using Commune.Server.Inbound.Reports;
using Commune.Server.Outbound;
using Commune.Server.Search;
using Commune.Storage;

namespace Commune.Server.Inbound;

/// <summary>A message at the door: our trace header and behind it the bytes as they came.</summary>
/// <param name="TraceLength">How many of the bytes are ours.</param>
/// <param name="EnvelopeSender">Without brackets; empty for a bounce.</param>
/// <param name="Metadata">JSON object text with what was found out about it, or null.</param>
/// <param name="IsAuthorProven">The domain of the author vouches for it (<see cref="SenderIdentity"/>).</param>
internal sealed record ReceivedMail(ReadOnlyMemory<byte> Bytes, int TraceLength, string EnvelopeSender, string? Metadata, bool IsAuthorProven)
{
    /// <summary>What authentication found, for screening.</summary>
    public SenderEvidence Evidence { get; init; } = SenderEvidence.None;

    /// <summary>The domains that vouch for it, by SPF or DKIM.</summary>
    public IReadOnlyList<string> ProvenDomains { get; init; } = [];
}

internal abstract record AcceptResult
{
    /// <summary>Durable. One result per inbox, in order.</summary>
    public sealed record Stored(IReadOnlyList<AcceptedDelivery> Deliveries) : AcceptResult
    {
        /// <summary>It told something new about a mail that was sent from here.</summary>
        public bool Reported { get; init; }
    }

    /// <summary>RFC 5321 §6.3: too many Received fields.</summary>
    public sealed record Loop : AcceptResult;

    /// <summary>Every inbox of the envelope refuses what screening found.</summary>
    /// <param name="Reason"><c>spam</c> or <c>prompt injection</c>.</param>
    public sealed record Refused(string Reason) : AcceptResult;

    /// <summary>No inbox of the envelope takes this sender's mail.</summary>
    /// <param name="ForLackOfProof">One would, if the author's domain were known to vouch for it.</param>
    public sealed record Blocked(bool ForLackOfProof) : AcceptResult;
}

/// <summary>
/// Takes a message into inboxes: parsed once, stored for all of them in one transaction. Mail from the network and mail between
/// inboxes of this server come through here alike (docs/mail-flow.md, step 4).
/// </summary>
internal sealed class AcceptMail(
    IStore store, RawMessages rawMessages, RecordReports reports, ScreenMail screen, Unsubscribing unsubscribing, AnsweredSchedules answered,
    IndexMail index, ExtractionOptions extraction, TimeProvider time)
{
    /// <summary>RFC 5321 §6.3 asks for at least 100.</summary>
    private const int MaxReceivedFields = 100;
    private const int MaxParticipants = 500;
    private const int MaxAttachments = 200;
    private const int MaxMessageIds = 5;

    /// <summary>A message above this is parsed one of four at a time: its parts take several times its size.</summary>
    private const int LargeMessage = 1024 * 1024;
    private readonly SemaphoreSlim largeMessages = new(4);

    public async Task<AcceptResult> AcceptAsync(ReceivedMail received, IReadOnlyList<RecipientInbox> inboxes, CancellationToken cancellation)
    {
        if (received.Bytes.Length <= LargeMessage)
            return await StoreAsync(received, inboxes, cancellation);
        await largeMessages.WaitAsync(cancellation);
        try
        {
            return await StoreAsync(received, inboxes, cancellation);
        }
        finally
        {
            largeMessages.Release();
        }
    }

    private async Task<AcceptResult> StoreAsync(ReceivedMail received, IReadOnlyList<RecipientInbox> inboxes, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var message = MimeParser.Parse(received.Bytes);
        if (message.Headers.CountOf("Received") > MaxReceivedFields)
            return new AcceptResult.Loop();
        var taken = TakenBy(inboxes, received, message, received.IsAuthorProven);
        if (!taken.Contains(true))
            return new AcceptResult.Blocked(ForLackOfProof: TakenBy(inboxes, received, message, isAuthorProven: true).Contains(true));
        var content = MessageContent.From(message);
        // Parts beyond these stay in the raw message.
        if (content.Attachments.Count > MaxAttachments)
            content = content with { Attachments = [.. content.Attachments.Take(MaxAttachments)] };
        var subject = message.Subject;
        var screening = await screen.RunAsync(message, content, received.Evidence, inboxes, cancellation);
        if (RefusedBy(screening, inboxes) is { } reason)
            return new AcceptResult.Refused(reason);
        var metadata = ScreeningMetadata.Write(received.Metadata, screening);
        var raw = await rawMessages.KeepAsync(received.Bytes, cancellation);
        var participants = ParticipantsOf(message, received.EnvelopeSender);

        await unsubscribing.TakeFromSubjectAsync(subject, cancellation);
        var mail = new InboundMail
        {
            Raw = raw,
            Deliveries =
            [
                .. inboxes.Select((inbox, i) => DeliveryTo(
                    inbox, content.Attachments.Count, now, taken[i] && Holds(screening, inbox) ? ScreeningMetadata.Hold(metadata) : null) with { Blocked = !taken[i] }),
            ],
            Subject = subject,
            SubjectKey = ReplySubject.KeyOf(subject),
            IsReply = ReplySubject.IsReply(subject),
            Participants = participants,
            Content = content.Text,
            ContentHtml = raw.Inline is null ? content.Html : null,
            HtmlInRaw = raw.Inline is not null && content.HasHtml,
            Snippet = Snippet.Of(content),
            SmtpMessageId = message.MessageId,
            InReplyTo = message.InReplyTo.Count > 0 ? message.InReplyTo[0] : null,
            References = ReferencesOf(message),
            Attachments = [.. content.Attachments.Select(static a => new InboundAttachment(a.Path, a.FileName, a.MediaType, a.Size, a.ContentId))],
            Metadata = metadata,
            Search = index.IsOn ? index.EntryOf(subject, content.Text, content.ReplyText, participants, content.Attachments.Select(static a => a.FileName)) : null,
            RetryKey = message.MessageId is { } id ? RetryKey(id, received) : null,
            WaitForExtraction = extraction.WebhookWaitMs,
            ReceivedAt = now.ToUnixTimeMilliseconds(),
        };
        var stored = await store.Inbound.AcceptAsync(mail, cancellation);
        await answered.TellAsync(mail, stored, message, received.EnvelopeSender, cancellation);
        return new AcceptResult.Stored(stored) { Reported = await reports.RunAsync(message, received, inboxes, cancellation) };
    }

    /// <summary>Which of the inboxes take the mail. One answer goes to the client for all: who does not take what another takes gets it marked.</summary>
    private static bool[] TakenBy(IReadOnlyList<RecipientInbox> inboxes, ReceivedMail received, MimeMessage message, bool isAuthorProven)
    {
        if (inboxes.All(static inbox => inbox.Lists.IsNone))
            return [.. Enumerable.Repeat(true, inboxes.Count)];
        var sender = new SenderIdentity(
            AddressOf(received.EnvelopeSender), message.OnlyAuthor is { } author ? AddressOf(author.BareAddress) : "",
            message.AllAuthors.Select(static named => AddressOf(named.BareAddress)).ToHashSet(StringComparer.Ordinal), isAuthorProven);
        return [.. inboxes.Select(inbox => inbox.Lists.IsNone || sender.IsTakenBy(inbox.Lists))];
    }

    /// <summary>As it stands in lists: lower case, the domain in A-labels.</summary>
    internal static string AddressOf(string address)
    {
        var at = address.LastIndexOf('@');
        return at < 0 ? "" : $"{address[..at]}@{new Mailbox(null, "x", address[(at + 1)..]).AsciiDomain}".ToLowerInvariant();
    }

    /// <summary>The ids sort by time, so that what is stored together stands together in the indexes.</summary>
    private static InboundDelivery DeliveryTo(RecipientInbox inbox, int attachments, DateTimeOffset now, string? quarantine)
    {
        var threadId = EntityId.NewSortable("conv_", now);
        return new InboundDelivery(inbox.Route, EntityId.NewSortable("msg_", now), threadId, ReplyToken.New(threadId), inbox.Token,
            [.. Enumerable.Range(0, attachments).Select(_ => EntityId.NewSortable("att_", now))])
        {
            QuarantineMetadata = quarantine,
        };
    }

    /// <summary>
    /// The message is one for all its recipients, and so is the reply: it is refused when every inbox refuses it. Where others take it, those that
    /// refuse hold it back.
    /// </summary>
    private static string? RefusedBy(MailScreening? screening, IReadOnlyList<RecipientInbox> inboxes)
    {
        string? reason = null;
        foreach (var inbox in inboxes)
        {
            if (inbox.About is not null || screening?.RefusedBy(inbox.Route.Screening) is not { } why)
                return null;
            reason ??= why;
        }
        return reason;
    }

    /// <summary>What comes back for a mail of ours is a report on it, and no letter.</summary>
    private static bool Holds(MailScreening? screening, RecipientInbox inbox) => inbox.About is null && screening?.IsHeldBy(inbox.Route.Screening) == true;

    /// <summary>Equal for the same Message-ID with the same bytes: what a client sends again when our 250 did not reach it.</summary>
    private static byte[] RetryKey(string messageId, ReceivedMail received)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(messageId));
        hash.AppendData(received.Bytes.Span[received.TraceLength..]);
        return hash.GetHashAndReset();
    }

    /// <summary>
    /// Some programs write a Message-ID beside the one that is there already. An answer may name either: the later ones count as references.
    /// </summary>
    private static IReadOnlyList<string> ReferencesOf(MimeMessage message)
    {
        var ids = message.Headers.GetAll("Message-ID").SelectMany(static value => MessageIds.Parse(value)).Take(MaxMessageIds).ToList();
        if (ids.Count <= 1)
            return message.References;
        // RFC 5322 §3.6.4: a parent without References passes on its In-Reply-To instead.
        return [.. message.References.Count > 0 ? message.References : message.InReplyTo, .. ids.Skip(1)];
    }

    /// <summary>Exactly one sender: From, else Sender, else the envelope's (contract section 10).</summary>
    private static List<Participant> ParticipantsOf(MimeMessage message, string envelopeSender)
    {
        var participants = new List<Participant>();
        var sender = message.From.Count > 0 ? message.From[0] : message.Sender.Count > 0 ? message.Sender[0] : null;
        participants.Add(sender is null
            ? new Participant("sender", envelopeSender.ToLowerInvariant(), null)
            : new Participant("sender", sender.BareAddress, sender.DisplayName));
        Add("to", message.To);
        Add("cc", message.Cc);
        return participants;

        void Add(string role, IReadOnlyList<Mailbox> mailboxes)
        {
            foreach (var mailbox in mailboxes.Take(MaxParticipants - participants.Count))
                participants.Add(new Participant(role, mailbox.BareAddress, mailbox.DisplayName));
        }
    }
}

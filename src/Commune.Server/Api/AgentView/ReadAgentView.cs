using System.Security.Cryptography;
using System.Text.Json;
using Commune.Ai.Screening;
using Commune.Mail.Mime;
using Commune.Mail.Text;
using Commune.Server.Hosting;
using Commune.Server.Inbound;
using Commune.Storage;

namespace Commune.Server.Api.AgentView;

/// <summary>Makes agent views of messages: all of one response share a fence.</summary>
internal sealed class ReadAgentView(IStore store)
{
    private const int LongestPart = 100_000;
    private const int LongestLine = 1000;
    private const int MostLinks = 50;
    private const int MostAttachments = 50;

    private readonly Dictionary<string, bool> ownAddresses = new(StringComparer.OrdinalIgnoreCase);

    public async Task<IReadOnlyList<AgentViewResponse>> OfAsync(IReadOnlyList<MailMessage> messages, CancellationToken cancellation)
    {
        var drafts = new List<AgentViewResponse>(messages.Count);
        foreach (var message in messages)
            drafts.Add(await DraftAsync(message, cancellation));
        var fence = FenceFor(drafts);
        return [.. drafts.Select(draft => draft with { Fence = fence, Text = AgentViewText.Of(draft, fence) })];
    }

    private async Task<AgentViewResponse> DraftAsync(MailMessage message, CancellationToken cancellation)
    {
        var reply = new MessageContent(message.Content, message.ContentHtml, []).Reply;
        var removed = default(InvisibleCounts);
        var parts = new List<AgentViewPart>();
        Add("new_text", reply.Reply);
        Add(reply.IsForward ? "forwarded" : "quoted", reply.Quoted);
        Add("signature", reply.Signature);
        var survey = message.ContentHtml is { } html ? HtmlSurvey.Of(html) : null;
        // Turning HTML into text has left some of them out already.
        if (survey is not null)
            removed = InvisibleCounts.Max(removed, InvisibleText.Count(survey.Text));
        Add("attachment_names", await AttachmentNamesAsync(message, cancellation));
        var subject = Clean(OneLine(message.Subject));

        return new AgentViewResponse
        {
            MessageId = message.Id,
            ThreadId = message.ThreadId,
            Direction = message.Direction,
            CreatedAt = ApiJson.Time(message.CreatedAt),
            Quarantined = message.IsQuarantined,
            Policy = AgentViewText.Policy,
            Fence = "",
            Text = "",
            Sender = await SenderAsync(message, Clean, cancellation),
            Subject = subject,
            Parts = parts,
            Links = survey is null ? [] : LinksOf(survey),
            Removed = new AgentViewRemoved(
                message.ContentHtml is { } source ? HtmlText.HiddenText(source).Length : 0, survey?.Comments.Trim().Length ?? 0,
                removed.ZeroWidth, removed.Bidirectional, removed.Tags, removed.Controls),
            Screening = ScreeningOf(message),
        };

        void Add(string kind, string? text)
        {
            if (string.IsNullOrWhiteSpace(text))
                return;
            var clean = Clean(text);
            var cut = clean.Length > LongestPart;
            parts.Add(new AgentViewPart(kind, cut ? clean[..(LongestPart - (char.IsHighSurrogate(clean[LongestPart - 1]) ? 1 : 0))] : clean, cut));
        }

        string Clean(string text)
        {
            var clean = InvisibleText.Remove(text, out var counts);
            removed += counts;
            return clean;
        }
    }

    private async Task<string?> AttachmentNamesAsync(MailMessage message, CancellationToken cancellation)
    {
        var names = new List<string>();
        foreach (var id in message.AttachmentIds.Take(MostAttachments))
        {
            if (await store.Messages.GetAttachmentAsync(message.OrgId, id, cancellation) is { } file)
                names.Add($"{OneLine(file.FileName)} ({OneLine(file.MediaType)}, {file.Size} bytes, {file.Id})");
        }
        if (message.AttachmentIds.Count > MostAttachments)
            names.Add($"and {message.AttachmentIds.Count - MostAttachments} more");
        return names.Count == 0 ? null : string.Join('\n', names);
    }

    private async Task<AgentViewSender> SenderAsync(MailMessage message, Func<string, string> clean, CancellationToken cancellation)
    {
        var sender = message.Participants.FirstOrDefault(static participant => participant.Role == "sender");
        var address = sender?.Identity ?? "";
        JsonElement? authentication = message.Metadata is { } metadata && JsonElement.Parse(metadata).TryGetProperty("authentication", out var found) ? found : null;
        var dmarc = Result("dmarc");
        // Without authentication it never left this server, which let nobody write under another's address.
        var proven = authentication is not { } evidence || SenderProof.Read(evidence, address) == true;
        var trust = !proven ? "unverified"
            : message.Direction == "outbound" || await IsOwnAsync(message.OrgId, address, cancellation) ? "internal"
            : "verified";
        return new AgentViewSender(clean(OneLine(address)), sender?.Name is { Length: > 0 } name ? clean(OneLine(name)) : null, trust, Result("spf"), Dkim(), dmarc);

        string? Result(string method) =>
            authentication is { } all && all.TryGetProperty(method, out var one) && one.TryGetProperty("result", out var result) ? result.GetString() : null;

        string? Dkim()
        {
            if (authentication is not { } all || !all.TryGetProperty("dkim", out var signatures) || signatures.ValueKind != JsonValueKind.Array)
                return null;
            var results = signatures.EnumerateArray().Select(static one => one.TryGetProperty("result", out var result) ? result.GetString() : null).ToList();
            return results.Contains("pass") ? "pass" : results.Count == 0 ? "none" : results[0];
        }
    }

    private async Task<bool> IsOwnAsync(string orgId, string address, CancellationToken cancellation)
    {
        if (ownAddresses.TryGetValue(address, out var own))
            return own;
        var at = address.LastIndexOf('@');
        own = at > 0 && await store.Inboxes.FindByAddressAsync(orgId, address[(at + 1)..], address[..at], cancellation) is not null;
        ownAddresses[address] = own;
        return own;
    }

    /// <summary>Their text stands in the body, and what is removed from it was counted there.</summary>
    private static IReadOnlyList<AgentViewLink> LinksOf(HtmlSurvey survey) =>
    [
        .. survey.Links.Select(LinkScreen.Judge).OrderByDescending(static link => link.Deceptive).Take(MostLinks)
            .Select(static link => new AgentViewLink(Seen(link.Text), InvisibleText.Remove(link.Url.ReplaceLineEndings(""), out _), link.Host, link.ShownHost, link.Deceptive)),
    ];

    private static string Seen(string text) => InvisibleText.Remove(OneLine(text), out _);

    private static AgentViewScreening ScreeningOf(MailMessage message) => ScreeningMetadata.Read(message.Metadata) is { } found
        ? new AgentViewScreening(
            true, found.SpamScore, found.SpamAction, found.InjectionScore, found.InjectionRisk, found.InjectionDetected,
            [.. found.Signals.Select(static signal => new AgentViewSignal(signal.Kind, signal.Weight, signal.Place, Seen(signal.Quote)))])
        : new AgentViewScreening(false, null, null, null, null, null, []);

    /// <summary>Random, and looked for in all that the mails brought: they cannot close a fence that they cannot name.</summary>
    private static string FenceFor(IReadOnlyList<AgentViewResponse> drafts)
    {
        while (true)
        {
            var fence = RandomNumberGenerator.GetHexString(24, lowercase: true);
            if (!drafts.Any(draft => draft.Parts.Any(part => part.Text.Contains(fence, StringComparison.OrdinalIgnoreCase))
                || draft.Subject.Contains(fence, StringComparison.OrdinalIgnoreCase)
                || draft.Sender.Name?.Contains(fence, StringComparison.OrdinalIgnoreCase) == true || draft.Sender.Address.Contains(fence, StringComparison.OrdinalIgnoreCase)
                || draft.Links.Any(link => link.Text.Contains(fence, StringComparison.OrdinalIgnoreCase) || link.Url.Contains(fence, StringComparison.OrdinalIgnoreCase))))
            {
                return fence;
            }
        }
    }

    /// <summary>Of a field or a name: what is longer than people write is cut.</summary>
    private static string OneLine(string text)
    {
        text = text.Length > LongestLine * 4 ? text[..(LongestLine * 4)] : text;
        text = text.ReplaceLineEndings(" ").Trim();
        return text.Length <= LongestLine ? text : text[..(LongestLine - (char.IsHighSurrogate(text[LongestLine - 1]) ? 1 : 0))] + "…";
    }
}

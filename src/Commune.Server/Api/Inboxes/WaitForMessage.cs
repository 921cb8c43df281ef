using System.Globalization;
using System.Text.Json;
using Commune.Mail.Dmarc;
using Commune.Mail.Text;
using Commune.Server.Api.Events;
using Commune.Server.Api.Messages;
using Commune.Server.Events;
using Commune.Server.Hosting;
using Commune.Server.Inbound;
using Commune.Storage;

namespace Commune.Server.Api.Inboxes;

/// <param name="Data">Null exactly when <paramref name="TimedOut"/> is true.</param>
/// <param name="Cursor">Given back as <c>after</c>, the next call goes on behind what this one saw.</param>
public sealed record AwaitedResponse(AwaitedMessage? Data, bool TimedOut, string Cursor);

/// <param name="SenderAuthenticated">True when DMARC proves the domain of the From address and nobody else is named there, false when it does not; null when nothing is known.</param>
public sealed record AwaitedMessage(MessageResponse Message, OneTimeCode? Code, ConfirmationLink? Link, bool? SenderAuthenticated)
{
    internal static AwaitedMessage From(MailMessage message) => new(
        MessageResponse.FromStored(message), OneTimeCode.Find(message.Subject, message.Content, message.ContentHtml),
        ConfirmationLink.Find(message.Content, message.ContentHtml),
        message.Metadata is { } metadata && JsonElement.Parse(metadata).TryGetProperty("authentication", out var found)
            ? SenderProof.Read(found, SenderOf(message)) : null);

    /// <summary>The address that the message is shown with.</summary>
    internal static string SenderOf(MailMessage message) =>
        message.Participants.FirstOrDefault(static participant => participant.Role == "sender")?.Identity ?? "";
}

/// <summary>
/// Waits for the next message of an inbox, from a sender or about a subject when these are given, and answers with it and with the one-time code
/// or the confirmation link in it. A mail that does not come in time is no error: <c>timed_out</c> is true.
/// </summary>
internal static class WaitForMessage
{
    private const int StandardWait = 30;
    private const int LongestWait = 120;
    private const int AtOnce = 20;

    public static async Task<IResult> HandleAsync(
        HttpContext http, IStore store, EventFeeds feeds, TimeProvider time, IHostApplicationLifetime life, string inboxId, string? domainId = null)
    {
        var start = time.GetTimestamp();
        var query = http.Request.Query;
        var wanted = new Wanted(query.Text("from")?.TrimStart('@'), query.Text("subject"));
        var timeout = TimeoutOf(query.Text("timeout") ?? query.Text("wait"));
        var orgId = Authentication.CallerOf(http).OrgId;
        var newest = await store.Events.NewestAsync(orgId, http.RequestAborted);
        var (position, since) = StartOf(orgId, query.Text("after"), newest, time.GetUtcNow());
        var inbox = await InboxEndpoints.FindAsync(store, http, inboxId, domainId);

        // What came between a time and the newest event is in the list of messages; what comes later is told by the log.
        if (since is { } at && await FindStoredAsync(store, inbox, at, wanted, http.RequestAborted) is { } stored)
            return Found(stored, LogPosition.Of(orgId, newest));
        var request = new EventRequest(orgId, EventFilter.TryRead("message.received", inbox.Id, out _)!, position, newest);
        using var follower = request.Follow(feeds);
        var reader = new EventReader(orgId, store.Events, follower.Feed, request.Filter, position, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, life.ApplicationStopping);
        while (true)
        {
            if (await FindNextAsync(store, reader, wanted, http.RequestAborted) is { } message)
                return Found(message, reader.Cursor);
            var left = timeout - time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero || life.ApplicationStopping.IsCancellationRequested)
                return ApiJson.Ok(new AwaitedResponse(null, TimedOut: true, reader.Cursor));
            try
            {
                await reader.WaitAsync(left, either.Token);
            }
            catch (OperationCanceledException) when (life.ApplicationStopping.IsCancellationRequested)
            {
                // Answered above, so that the caller can ask again elsewhere.
            }
        }
    }

    private static IResult Found(MailMessage message, string cursor) => ApiJson.Ok(new AwaitedResponse(AwaitedMessage.From(message), TimedOut: false, cursor));

    /// <summary>The first match among the events that are there; the reader stands behind it then, or at the end of the log.</summary>
    private static async Task<MailMessage?> FindNextAsync(IStore store, EventReader reader, Wanted wanted, CancellationToken cancellation)
    {
        bool more;
        do
        {
            // One at a time, so that the cursor never runs ahead of a message that matches.
            var batch = await reader.ReadAsync(1, cancellation);
            more = batch.HasMore || batch.Events.Count > 0;
            foreach (var item in batch.Events)
            {
                if (await store.Messages.GetAsync(item.Entry.OrgId, item.Entry.MessageId!, cancellation) is { } message && wanted.Matches(message))
                    return message;
            }
        }
        while (more);
        return null;
    }

    private static async Task<MailMessage?> FindStoredAsync(IStore store, Inbox inbox, long since, Wanted wanted, CancellationToken cancellation)
    {
        PageCursor? cursor = null;
        do
        {
            var page = await store.Messages.ListAsync(
                new MessageQuery(inbox.OrgId, inbox.Id, null, null, null, null, since - 1, SortOrder.Ascending, AtOnce, cursor), cancellation);
            if (page.Items.FirstOrDefault(wanted.Matches) is { } message)
                return message;
            cursor = page.Next;
        }
        while (cursor is not null);
        return null;
    }

    /// <summary>
    /// Behind the newest event when nothing is said. A time, or how long ago (<c>30s</c>, <c>2m</c>), takes what came since as well;
    /// a cursor, an event id or a number goes on behind that event.
    /// </summary>
    private static (long Position, long? Since) StartOf(string orgId, string? after, long newest, DateTimeOffset now)
    {
        if (after is null)
            return (newest, null);
        if (after.Length is >= 2 and <= 6 && after[^1] is 's' or 'm' or 'h'
            && int.TryParse(after.AsSpan(0, after.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            var ago = after[^1] switch { 's' => TimeSpan.FromSeconds(number), 'm' => TimeSpan.FromMinutes(number), _ => TimeSpan.FromHours(number) };
            return (newest, (now - ago).ToUnixTimeMilliseconds());
        }
        if (after.AsSpan().ContainsAny('-', 'T') && RequestQuery.TryParseTime(after.Replace(' ', '+'), out var at))
            return (newest, at);
        return (EventRequest.PositionOf(orgId, after, newest), null);
    }

    private static TimeSpan TimeoutOf(string? text) =>
        text is null ? TimeSpan.FromSeconds(StandardWait)
        : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(Math.Min(seconds, LongestWait))
        : throw ApiException.Invalid("timeout", $"timeout must be a number of seconds, 0 to {LongestWait}");

    /// <param name="From">An address, or a domain with all that is below it.</param>
    /// <param name="Subject">A part of the subject, in any case.</param>
    private sealed record Wanted(string? From, string? Subject)
    {
        public bool Matches(MailMessage message) => message.Direction == "inbound" && !message.IsKeptBack
            && (Subject is null || message.Subject.Contains(Subject, StringComparison.OrdinalIgnoreCase))
            && (From is null || IsFrom(AwaitedMessage.SenderOf(message)));

        private bool IsFrom(string sender)
        {
            if (!AuthorDomain.TryReadOf(sender, out var domain))
                return false;
            if (!From!.Contains('@', StringComparison.Ordinal))
                return AuthorDomain.TryRead(From, out var above) && AuthorDomain.IsWithin(domain, above);
            return AuthorDomain.TryReadOf(From, out var same) && domain == same
                && sender.AsSpan(0, sender.LastIndexOf('@')).Equals(From.AsSpan(0, From.LastIndexOf('@')), StringComparison.OrdinalIgnoreCase);
        }
    }
}

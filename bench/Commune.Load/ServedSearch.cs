using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Commune.Mail.Addresses;
using Commune.Mail.Mime;
using Commune.Mail.Smtp.Client;
using Commune.SearchEvaluation;

namespace Commune.Load;

/// <summary>The search of a running server: mails go in over SMTP, to an inbox of their own, and questions over HTTP.</summary>
internal sealed class ServedSearch(HttpClient api, IPEndPoint smtp) : IRanking
{
    private const string MessageIdDomain = "@search-evaluation.example";

    /// <summary>What follows a commit (vectors) is not known to a caller, so we ask until two rounds agree.</summary>
    private const int MostRounds = 20;
    private static readonly TimeSpan BetweenRounds = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, string> mailOfThread = new(StringComparer.Ordinal);
    private readonly HashSet<string> types = new(StringComparer.Ordinal);
    private string inboxId = "";

    public string Name => $"server ({string.Join(", ", types.Order(StringComparer.Ordinal))})";

    /// <summary>Posts them, and learns which thread each became.</summary>
    /// <returns>What was not taken, and the server's words.</returns>
    public async Task<IReadOnlyList<string>> PostAsync(IReadOnlyList<EvaluationMail> mails)
    {
        var address = await CreateInboxAsync();
        var settings = new SmtpClientSettings { HeloName = "sender.example", Host = "localhost", EndPoint = smtp, Tls = SmtpTlsMode.None };
        if (await SmtpClientConnection.ConnectAsync(settings, TimeProvider.System, CancellationToken.None) is not SmtpConnectResult.Connected { Connection: var connection })
            throw new LoadException($"No SMTP server answers at {smtp}.");
        var refused = new List<string>();
        await using (connection)
        {
            for (var i = 0; i < mails.Count; i++)
            {
                var message = Compose(mails[i], address, TimeProvider.System.GetUtcNow().AddMinutes(i - mails.Count));
                var envelope = new SmtpOutgoingEnvelope(message.From.Address, [address], RequiresSmtpUtf8: false, Is8Bit: false);
                var result = (await connection.SendAsync(envelope, MimeComposer.Compose(message), CancellationToken.None)).Recipients[0];
                if (result.Outcome != SmtpOutcome.Accepted)
                    refused.Add($"{mails[i].Id}: {result.Code} {result.Text}");
            }
            await connection.QuitAsync(CancellationToken.None);
        }
        await LearnThreadsAsync();
        return refused;
    }

    /// <summary>The evaluation once the index has settled.</summary>
    public async Task<Evaluation> SettledAsync(EvaluationSet set)
    {
        Evaluation? before = null;
        for (var round = 0; round < MostRounds; round++)
        {
            types.Clear();
            var now = await Evaluation.MakeAsync(set, this, CancellationToken.None);
            if (before is not null && now.Ranked.Zip(before.Ranked).All(static pair => pair.First.Ranking.SequenceEqual(pair.Second.Ranking, StringComparer.Ordinal)))
                return now with { Name = Name };
            before = now;
            await Task.Delay(BetweenRounds, TimeProvider.System, CancellationToken.None);
        }
        throw new LoadException($"The server's answers still change after {MostRounds} rounds.");
    }

    public async Task<IReadOnlyList<string>> RankAsync(string query, CancellationToken ct)
    {
        using var response = await api.GetAsync($"/v1/search/threads?q={Uri.EscapeDataString(query)}&inbox_id={inboxId}&limit=100", ct);
        if (!response.IsSuccessStatusCode)
            throw new LoadException($"GET /v1/search/threads?q={query} was answered with {(int)response.StatusCode}.");
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>(ct);
        types.Add(answer.GetProperty("search_type").GetString()!);
        return [.. answer.GetProperty("data").EnumerateArray().Select(row => mailOfThread.GetValueOrDefault(row.GetProperty("thread_id").GetString()!, "?"))];
    }

    private async Task<string> CreateInboxAsync()
    {
        using var response = await api.PostAsJsonAsync("/v1/inboxes", new { local_part = "evaluation-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4)) });
        if (!response.IsSuccessStatusCode)
            throw new LoadException($"POST /v1/inboxes was answered with {(int)response.StatusCode}.");
        var data = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data");
        inboxId = data.GetProperty("id").GetString()!;
        return data.GetProperty("address").GetString()!;
    }

    private static OutgoingMessage Compose(EvaluationMail mail, string to, DateTimeOffset date) => new()
    {
        From = Parse(mail.From),
        To = [Parse(to)],
        Subject = mail.Subject,
        Text = mail.Body,
        Date = date,
        MessageId = $"<{mail.Id}{MessageIdDomain}>",
        BoundarySeed = mail.Id,
    };

    private static Mailbox Parse(string address) =>
        Mailbox.TryParse(address, out var mailbox) ? mailbox : throw new LoadException($"{address} is no address.");

    private async Task LearnThreadsAsync()
    {
        string? cursor = null;
        do
        {
            var page = await api.GetFromJsonAsync<JsonElement>($"/v1/messages?inbox_id={inboxId}&limit=100&cursor={cursor}");
            foreach (var message in page.GetProperty("data").EnumerateArray())
            {
                var id = message.GetProperty("metadata").GetProperty("message_id").GetString()!;
                mailOfThread[message.GetProperty("thread_id").GetString()!] = id.TrimStart('<').Replace(MessageIdDomain + ">", "", StringComparison.Ordinal);
            }
            cursor = page.GetProperty("next_cursor").GetString();
        }
        while (cursor is not null);
    }
}

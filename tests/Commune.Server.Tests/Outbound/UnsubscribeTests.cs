using System.Net;
using System.Text.RegularExpressions;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Outbound;

/// <summary>RFC 8058: one click, and no more mail.</summary>
public abstract partial class UnsubscribeTests(Engine engine) : ServerTests(engine)
{
    private const string Send = "/v1/messages/send";
    private static readonly HttpClient Http = new(new HttpClientHandler { AllowAutoRedirect = false });

    private string NewAddress() => "user@" + Server.NewRemoteDomain();

    private async Task<(string Link, string Mailto, string Text)> SendAsync(InboxHandle inbox, string to)
    {
        (await Api.PostAsync(Send, new { to, subject = "News", text = "t", inbox_id = inbox.Id, unsubscribe = true })).Expect(202);
        var text = (await Server.Sink.WaitForAsync(to)).Text;
        var match = Offer().Match(Letter.HeaderOf(text, "List-Unsubscribe")!);
        Assert.True(match.Success, text);
        return (match.Groups[1].Value, match.Groups[2].Value, text);
    }

    private async Task<List<(string Email, string Reason)>> SuppressedAsync(InboxHandle inbox) =>
        [.. (await Api.GetAsync($"/v1/delivery/suppressions?inbox_id={inbox.Id}")).Expect(200).List.Select(static s => ((string)s["email"]!, (string)s["reason"]!))];

    [Fact]
    public async Task The_header_is_signed_and_one_click_suppresses()
    {
        var (inbox, to) = (await Api.NewInboxAsync(), NewAddress());
        var (link, _, text) = await SendAsync(inbox, to);
        Assert.Equal("List-Unsubscribe=One-Click", Letter.HeaderOf(text, "List-Unsubscribe-Post"));
        // RFC 8058 §4: both fields are signed.
        var signed = string.Concat(SignedFields().Match(string.Concat(Letter.HeaderOf(text, "DKIM-Signature")!.Where(static c => !char.IsWhiteSpace(c)))).Groups[1].Value).Split(':');
        Assert.Contains("List-Unsubscribe", signed, StringComparer.OrdinalIgnoreCase);
        Assert.Contains("List-Unsubscribe-Post", signed, StringComparer.OrdinalIgnoreCase);

        using var click = await Http.PostAsync(new Uri(link), new FormUrlEncodedContent([new("List-Unsubscribe", "One-Click")]));
        Assert.Equal(HttpStatusCode.OK, click.StatusCode);
        Assert.Equal([(to, "unsubscribe")], await SuppressedAsync(inbox));
        using var again = await Http.PostAsync(new Uri(link), null);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Single(await SuppressedAsync(inbox));
        var next = (await Api.PostAsync(Send, new { to, subject = "News", text = "t", inbox_id = inbox.Id })).Expect(202);
        Assert.Equal("suppressed", (string)next.Data["status"]!);
        // Another inbox's mail is another subscription.
        var other = await Api.NewInboxAsync();
        Assert.Equal("queued", (string)(await base.SendAsync(other, to, "s", "t")).Data["status"]!);
    }

    [Fact]
    public async Task Looking_at_the_page_does_nothing_and_its_button_does()
    {
        var (inbox, to) = (await Api.NewInboxAsync(), NewAddress());
        var (link, _, _) = await SendAsync(inbox, to);
        using var page = await Http.GetAsync(new Uri(link));
        var html = await page.Content.ReadAsStringAsync();
        Assert.Contains("<button>", html, StringComparison.Ordinal);
        Assert.Contains(to, html, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", Assert.Single(page.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.Empty(await SuppressedAsync(inbox));
    }

    [Fact]
    public async Task A_changed_token_does_nothing()
    {
        var (inbox, to) = (await Api.NewInboxAsync(), NewAddress());
        var (link, _, _) = await SendAsync(inbox, to);
        var at = link.Length - 20;
        foreach (var wrong in (string[])[link[..at] + (link[at] == 'A' ? 'B' : 'A') + link[(at + 1)..], link[..^8], link[..link.IndexOf('=', StringComparison.Ordinal)] + "=x", link[..link.IndexOf('?', StringComparison.Ordinal)]])
        {
            using var answer = await Http.PostAsync(new Uri(wrong), null);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        }
        Assert.Empty(await SuppressedAsync(inbox));
    }

    [Fact]
    public async Task A_mail_to_the_second_address_unsubscribes_too()
    {
        var (inbox, to) = (await Api.NewInboxAsync(), NewAddress());
        var (_, mailto, _) = await SendAsync(inbox, to);
        var parts = mailto.Split("?subject=");
        Assert.Equal(inbox.Address, parts[0]);
        await ReceiveAsync(to, parts[0], Letter.Plain(to, parts[0], Uri.UnescapeDataString(parts[1]), ""));
        Assert.Equal([(to, "unsubscribe")], await SuppressedAsync(inbox));
    }

    [Fact]
    public async Task With_several_recipients_it_is_refused()
    {
        var inbox = await Api.NewInboxAsync();
        var answer = (await Api.PostAsync(Send, new { to = new[] { NewAddress(), NewAddress() }, subject = "s", text = "t", inbox_id = inbox.Id, unsubscribe = true })).ExpectError(400);
        Assert.Contains("one recipient", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_domain_may_offer_it_unasked_to_one_recipient_that_is_no_reply()
    {
        var inbox = (await Api.PostAsync($"/v1/domains/{Server.OwnDomainId}/inboxes", new { local_part = ApiClient.NewLocalPart() })).Expect(201).Data;
        var (id, path) = ((string)inbox["id"]!, $"/v1/domains/{Server.OwnDomainId}");
        Assert.True((bool)(await Api.PatchAsync(path, new { unsubscribe = true })).Expect(200).Data["unsubscribe"]!);
        try
        {
            var (one, two, plain) = (NewAddress(), NewAddress(), NewAddress());
            var first = (await Api.PostAsync(Send, new { to = one, subject = "s", text = "t", inbox_id = id })).Expect(202);
            Assert.NotNull(Letter.HeaderOf((await Server.Sink.WaitForAsync(one)).Text, "List-Unsubscribe-Post"));
            (await Api.PostAsync(Send, new { to = one, text = "t", thread_id = (string)first.Data["thread_id"]! })).Expect(202);
            Assert.Null(Letter.HeaderOf((await Server.Sink.WaitForAsync(one, 2)).Text, "List-Unsubscribe"));
            (await Api.PostAsync(Send, new { to = plain, subject = "s", text = "t", inbox_id = id, unsubscribe = false })).Expect(202);
            Assert.Null(Letter.HeaderOf((await Server.Sink.WaitForAsync(plain)).Text, "List-Unsubscribe"));
            var both = (await Api.PostAsync(Send, new { to = new[] { two, plain }, subject = "s", text = "t", inbox_id = id })).Expect(202);
            Assert.Equal(2, both.Json["validation"]!["warnings"]!.AsArray().Count);
        }
        finally
        {
            (await Api.PatchAsync(path, new { unsubscribe = false })).Expect(200);
        }
    }

    [GeneratedRegex(@"^<(http://[^>]+/unsubscribe\?token=[^>]+)>,\s*<mailto:([^>]+)>$")]
    private static partial Regex Offer();

    [GeneratedRegex(";h=([^;]+);")]
    private static partial Regex SignedFields();
}

public sealed class SqliteUnsubscribeTests(SqliteEngine engine) : UnsubscribeTests(engine);

public sealed class PostgresUnsubscribeTests(PostgresEngine engine) : UnsubscribeTests(engine);

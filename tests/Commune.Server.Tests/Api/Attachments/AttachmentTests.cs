using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Api.Attachments;

/// <summary>Contract section 12: attachments of received mail.</summary>
public abstract class AttachmentTests(Engine engine) : ServerTests(engine)
{
    private async Task<(string Id, string MessageId)> ReceiveAttachmentAsync(string fileName, string mediaType, byte[] content)
    {
        var inbox = await Api.NewInboxAsync();
        await ReceiveAsync("kim@example.com", inbox.Address, Letter.WithAttachment("kim@example.com", inbox.Address, "s", "t", fileName, mediaType, content));
        var message = await Api.OnlyMessageAsync(inbox);
        return ((string)Assert.Single(message["attachments"]!.AsArray())!, (string)message["message_id"]!);
    }

    [Fact]
    public async Task An_attachment_is_described_without_its_content()
    {
        var (id, message) = await ReceiveAttachmentAsync("a.pdf", "application/pdf", [1, 2, 3]);
        var attachment = (await Api.GetAsync($"/v1/attachments/{id}")).Expect(200).Data;
        Assert.Equal(id, (string)attachment["attachment_id"]!);
        Assert.Equal(id, (string)attachment["id"]!);
        Assert.Equal(message, (string)attachment["message_id"]!);
        Assert.Equal("a.pdf", (string)attachment["filename"]!);
        Assert.Equal("application/pdf", (string)attachment["mime_type"]!);
        Assert.Equal(3, (int)attachment["size"]!);
        Assert.Equal("email", (string)attachment["source"]!);
        Assert.NotNull((string?)attachment["storage_type"]);
        Assert.NotNull((string?)attachment["created_at"]);
        Assert.False(attachment.ContainsKey("content"));
        (await Api.GetAsync("/v1/attachments/att_unknown")).ExpectError(404);
        (await Api.GetAsync("/v1/attachments/att_unknown/url")).ExpectError(404);
    }

    [Fact]
    public async Task A_URL_names_everything_twice_and_gives_the_bytes_without_a_key()
    {
        var content = "<script>alert(1)</script>"u8.ToArray();
        var (id, _) = await ReceiveAttachmentAsync("=?utf-8?B?Z3LDvMOfZS5odG1s?=", "text/html", content);
        var answer = (await Api.GetAsync($"/v1/attachments/{id}/url")).Expect(200);
        var data = answer.Data;
        Assert.Equal(3600, (int)data["expires_in"]!);
        Assert.Equal(3600, (int)data["expiresIn"]!);
        Assert.Equal("grüße.html", (string)data["filename"]!);
        Assert.All((string[])["mime_type", "mimeType"], member => Assert.Equal("text/html", (string)data[member]!));
        Assert.Equal(content.Length, (int)data["size"]!);
        Assert.Equal((string)data["url"]!, (string)answer.Json["url"]!);
        Assert.Equal(3600, (int)answer.Json["expires_in"]!);
        Assert.StartsWith(Server.Program.Http.ToString(), (string)data["url"]!, StringComparison.Ordinal);

        var download = (await ApiClient.DownloadAsync((string)data["url"]!)).Expect(200);
        Assert.Equal(content, download.Bytes);
        Assert.Equal("text/html", download.ContentHeaders.ContentType!.MediaType);
        Assert.Equal("attachment", download.ContentHeaders.ContentDisposition!.DispositionType);
        Assert.Contains("gr%C3%BC%C3%9Fe.html", string.Join(' ', download.ContentHeaders.GetValues("Content-Disposition")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("expires_in=60", 60)]
    [InlineData("expiresIn=61", 61)]
    [InlineData("expires_in=0", 1)]
    [InlineData("expires_in=-1", 1)]
    [InlineData("expires_in=99999999", 604800)]
    [InlineData("expires_in=soon", 3600)]
    public async Task Expiry_is_clamped(string query, int expected)
    {
        var (id, _) = await ReceiveAttachmentAsync("a.bin", "application/octet-stream", [1]);
        Assert.Equal(expected, (int)(await Api.GetAsync($"/v1/attachments/{id}/url?{query}")).Expect(200).Data["expires_in"]!);
    }

    [Fact]
    public async Task A_URL_that_was_changed_is_refused()
    {
        var (id, _) = await ReceiveAttachmentAsync("a.bin", "application/octet-stream", [1]);
        var url = (string)(await Api.GetAsync($"/v1/attachments/{id}/url")).Data["url"]!;
        // Each character of what signs it in turn: the time, the name, the signature.
        for (var i = url.LastIndexOf('/') + 1; i < url.Length; i++)
        {
            var changed = url[..i] + (url[i] == 'A' ? 'B' : 'A') + url[(i + 1)..];
            var answer = await ApiClient.DownloadAsync(changed);
            Assert.True(answer.Status == 403, $"{changed} gave {answer.Status}");
        }
        Assert.Equal(403, (await ApiClient.DownloadAsync(url[..^4])).Status);
        (await ApiClient.DownloadAsync(url)).Expect(200);
    }

    [Fact]
    public async Task A_URL_ends_after_its_time()
    {
        var (id, _) = await ReceiveAttachmentAsync("a.bin", "application/octet-stream", [1]);
        var url = (string)(await Api.GetAsync($"/v1/attachments/{id}/url?expires_in=1")).Data["url"]!;
        var ended = await Eventually.GetAsync(() => ApiClient.DownloadAsync(url), static answer => answer.Status != 200);
        Assert.Contains(ended.Status, (int[])[403, 410]);
    }

    [Fact]
    public async Task A_calendar_and_a_forwarded_message_are_attachments_and_an_inline_image_too()
    {
        var inbox = await Api.NewInboxAsync();
        await ReceiveAsync("kim@example.com", inbox.Address, Letter.Bytes(
            $"From: kim@example.com\nTo: {inbox.Address}\nSubject: parts\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=m\n\n"
            + "--m\nContent-Type: multipart/related; boundary=r\n\n--r\nContent-Type: text/html\n\n<p>See <img src=\"cid:logo@x\"></p>\n"
            + "--r\nContent-Type: image/png; name=logo.png\nContent-ID: <logo@x>\nContent-Disposition: inline\nContent-Transfer-Encoding: base64\n\niVBORw0K\n--r--\n"
            + "--m\nContent-Type: text/calendar; method=REQUEST; name=invite.ics\n\nBEGIN:VCALENDAR\nEND:VCALENDAR\n"
            + "--m\nContent-Type: message/rfc822\n\nFrom: a@b.example\nSubject: inner\n\ninner text\n--m--\n"));
        var message = await Api.OnlyMessageAsync(inbox);
        var types = new List<string>();
        foreach (var id in JsonAssert.TextsOf(message["attachments"]))
            types.Add((string)(await Api.GetAsync($"/v1/attachments/{id}")).Expect(200).Data["mime_type"]!);
        JsonAssert.Texts(["image/png", "message/rfc822", "text/calendar"], types.Order(StringComparer.Ordinal));
        Assert.DoesNotContain("inner text", (string)message["content"]!, StringComparison.Ordinal);
    }
}

public sealed class SqliteAttachmentTests(SqliteEngine engine) : AttachmentTests(engine);

public sealed class PostgresAttachmentTests(PostgresEngine engine) : AttachmentTests(engine);

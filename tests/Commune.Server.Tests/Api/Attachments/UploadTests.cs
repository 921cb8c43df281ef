using System.Text;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Api.Attachments;

/// <summary>Contract section 12: files uploaded to be sent.</summary>
public abstract class UploadTests(Engine engine) : ServerTests(engine)
{
    private const int Most = 10 * 1024 * 1024;

    private async Task<byte[]> DownloadAsync(string id) =>
        (await ApiClient.DownloadAsync((string)(await Api.GetAsync($"/v1/attachments/{id}/url")).Expect(200).Data["url"]!)).Expect(200).Bytes;

    [Theory]
    [InlineData("filename", "mime_type")]
    [InlineData("fileName", "mimeType")]
    public async Task A_file_in_base64_is_kept_with_its_name_and_type(string nameMember, string typeMember)
    {
        byte[] content = [0, 1, 2, 255];
        var answer = (await Api.PostAsync("/v1/attachments/upload", new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["content"] = Convert.ToBase64String(content), [nameMember] = "Rechnung März.pdf", [typeMember] = "application/pdf", ["unknown"] = "x",
        })).Expect(201);
        var id = (string)answer.Data["attachment_id"]!;
        Assert.StartsWith("att_", id, StringComparison.Ordinal);
        Assert.Equal("Rechnung März.pdf", (string)answer.Data["filename"]!);
        Assert.Equal("application/pdf", (string)answer.Data["mime_type"]!);
        Assert.Equal(4, (int)answer.Data["size"]!);
        Assert.NotNull((string?)answer.Data["storage_type"]);
        Assert.Equal(id, (string)answer.Json["id"]!);
        Assert.Equal(id, (string)answer.Json["attachmentId"]!);

        var metadata = (await Api.GetAsync($"/v1/attachments/{id}")).Expect(200).Data;
        Assert.Null((string?)metadata["message_id"]);
        Assert.Equal(content, await DownloadAsync(id));
    }

    [Fact]
    public async Task The_body_is_the_file_when_a_header_names_it()
    {
        // Bytes that would not pass as JSON, and JSON that would pass as an upload.
        foreach (var content in (byte[][])[[0xFF, 0xFE, 0], "{\"content\":\"AA==\",\"filename\":\"other\"}"u8.ToArray()])
        {
            var answer = (await Api.SendAsync(HttpMethod.Post, "/v1/attachments/upload", content, ("X-Filename", "gr%C3%BC%C3%9Fe.csv"))).Expect(201);
            Assert.Equal("grüße.csv", (string)answer.Data["filename"]!);
            Assert.Equal("text/csv", (string)answer.Data["mime_type"]!);
            Assert.Equal(content, await DownloadAsync((string)answer.Json["id"]!));
        }
        var json = (await Api.SendAsync(HttpMethod.Post, "/v1/attachments/upload", "{}", ("X-Filename", "unknown.zzz"))).Expect(201);
        Assert.Equal("application/octet-stream", (string)json.Data["mime_type"]!);
        Assert.Equal("{}"u8.ToArray(), await DownloadAsync((string)json.Json["id"]!));
    }

    [Theory]
    [InlineData("""{"filename":"a.txt","mime_type":"text/plain"}""", "content")]
    [InlineData("""{"content":"AA==","mime_type":"text/plain"}""", "filename")]
    [InlineData("""{"content":"A*==","filename":"a.txt"}""", "content")]
    [InlineData("""{"content":"","filename":"a.txt"}""", "content")]
    [InlineData("""{"content":7,"filename":"a.txt"}""", "content")]
    [InlineData("""{"content":"AA==","filename":"a.txt","mime_type":"not a type"}""", "mime_type")]
    [InlineData("""{"content":"AA==","filename":"///"}""", "filename")]
    public async Task What_is_missing_or_wrong_is_named(string body, string field)
    {
        var error = (await Api.PostAsync("/v1/attachments/upload", body)).ExpectError(400);
        Assert.Equal(field, (string)error.Json["details"]![0]!["path"]!);
    }

    [Theory]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("C:\\temp\\report.pdf", "report.pdf")]
    [InlineData("a\r\nBcc: x@example.com.txt", "aBcc: x@example.com.txt")]
    public async Task A_name_is_no_path_and_no_header(string given, string kept)
    {
        var answer = (await Api.PostAsync("/v1/attachments/upload", new { content = "AA==", filename = given })).Expect(201);
        Assert.Equal(kept, (string)answer.Data["filename"]!);
    }

    [Fact]
    public async Task Ten_megabytes_fit_and_a_byte_more_does_not()
    {
        var answer = (await Api.SendAsync(HttpMethod.Post, "/v1/attachments/upload", new byte[Most], ("X-Filename", "full.bin"))).Expect(201);
        Assert.Equal(Most, (int)answer.Data["size"]!);
        (await Api.SendAsync(HttpMethod.Post, "/v1/attachments/upload", new byte[Most + 1], ("X-Filename", "more.bin"))).ExpectError(413);
        (await Api.PostAsync("/v1/attachments/upload", new { filename = "full.bin", content = Convert.ToBase64String(new byte[Most]) })).Expect(201);
        (await Api.PostAsync("/v1/attachments/upload", new { filename = "more.bin", content = Convert.ToBase64String(new byte[Most + 1]) })).ExpectError(413);
    }

    [Fact]
    public async Task A_full_storage_is_told_and_keeps_what_it_has()
    {
        var first = (await Server.Limited.SendAsync(HttpMethod.Post, "/v1/attachments/upload", new byte[600], ("X-Filename", "a.bin"))).Expect(201);
        (await Server.Limited.SendAsync(HttpMethod.Post, "/v1/attachments/upload", new byte[600], ("X-Filename", "b.bin"))).ExpectError(413);
        (await Server.Limited.GetAsync($"/v1/attachments/{(string)first.Json["id"]!}")).Expect(200);
    }

    [Fact]
    public async Task Uploading_needs_its_scope()
    {
        var body = new { content = "AA==", filename = "a.txt" };
        (await Server.Scoped("attachments:write").PostAsync("/v1/attachments/upload", body)).Expect(201);
        (await Server.Scoped("attachments:read").PostAsync("/v1/attachments/upload", body)).ExpectError(403);
        (await Server.WithKey(null).PostAsync("/v1/attachments/upload", body)).ExpectError(401);
    }

    [Fact]
    public async Task An_upload_arrives_with_the_mail_that_names_it_and_is_nobody_elses()
    {
        var content = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("zeile äöü\r\n", 5000)));
        var id = (string)(await Api.PostAsync("/v1/attachments/upload", new
        {
            content = Convert.ToBase64String(content), filename = "zeilen.txt", mime_type = "text/plain",
        })).Expect(201).Json["id"]!;
        (await Server.Other.GetAsync($"/v1/attachments/{id}")).ExpectError(404);
        var theirs = await Server.Other.NewInboxAsync();
        (await Server.Other.PostAsync("/v1/messages/send", new { to = theirs.Address, subject = "s", text = "t", inbox_id = theirs.Id, attachments = (string[])[id] })).ExpectError(404);

        var (from, to) = (await Api.NewInboxAsync(), await Api.NewInboxAsync());
        var sent = (await Api.PostAsync("/v1/messages/send", new { to = to.Address, subject = "s", text = "t", inbox_id = from.Id, attachments = (string[])[id] })).Expect(202);
        Assert.Equal((string)sent.Data["id"]!, (string)(await Api.GetAsync($"/v1/attachments/{id}")).Expect(200).Data["message_id"]!);
        var arrived = Assert.Single(await Api.WaitForMessagesAsync(to, 1));
        Assert.Equal(content, await DownloadAsync(Assert.Single(JsonAssert.TextsOf(arrived["attachments"]))));
    }
}

public sealed class SqliteUploadTests(SqliteEngine engine) : UploadTests(engine);

public sealed class PostgresUploadTests(PostgresEngine engine) : UploadTests(engine);

using System.Text;
using System.Text.Json.Nodes;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Api.Search;

/// <summary>Mail that is found by what is written in its files.</summary>
public abstract class AttachmentSearchTests(Engine engine) : ServerTests(engine)
{
    private const string Report = "Quarterly report\n\nThe turbine in hall seven was overhauled in spring. Serial number TX-4471-B.";

    private async Task<InboxHandle> InboxWithFileAsync(string fileName = "report.txt", string mediaType = "text/plain", string text = Report)
    {
        var inbox = await Api.NewInboxAsync();
        await ReceiveAsync("kim@example.com", inbox.Address, Letter.Plain("Kim <kim@example.com>", inbox.Address, "Lunch on Friday", "Shall we eat?"));
        await ReceiveAsync("kim@example.com", inbox.Address, Letter.WithAttachment(
            "Kim <kim@example.com>", inbox.Address, "As promised", "See the file.", fileName, mediaType, Encoding.UTF8.GetBytes(text)));
        return inbox;
    }

    private async Task<IReadOnlyList<JsonNode>> SearchAsync(InboxHandle inbox, string query, string what = "messages") =>
        [.. (await Api.GetAsync($"/v1/search/{what}?inbox_id={inbox.Id}&q={Uri.EscapeDataString(query)}")).Expect(200).List.Select(static row => row!)];

    private Task<IReadOnlyList<JsonNode>> FoundAsync(InboxHandle inbox, string query, string what = "messages") =>
        Eventually.GetAsync(() => SearchAsync(inbox, query, what), static rows => rows.Count > 0);

    [Fact]
    public async Task A_message_is_found_by_the_text_of_its_file_which_is_shown_as_such()
    {
        var inbox = await InboxWithFileAsync();
        foreach (var what in (string[])["messages", "threads"])
        {
            var row = Assert.Single(await FoundAsync(inbox, "TX-4471-B", what));
            Assert.Equal(("As promised", "attachment"), ((string)row["subject"]!, (string)row["matched_in"]!));
            Assert.Contains("TX-4471-B", (string)row["snippet"]!, StringComparison.Ordinal);
            Assert.NotEmpty(row["highlights"]!.AsArray());
            Assert.Equal("report.txt", (string)row["matched_attachment"]!["filename"]!);
            var id = (string)row["matched_attachment"]!["attachment_id"]!;
            Assert.Equal("report.txt", (string)(await Api.GetAsync($"/v1/attachments/{id}")).Expect(200).Json["data"]!["filename"]!);
        }
    }

    [Fact]
    public async Task A_message_is_one_row_whether_itself_or_its_file_was_found()
    {
        var inbox = await InboxWithFileAsync(text: Report + " As promised.");
        await FoundAsync(inbox, "turbine overhauled");
        Assert.Equal("As promised", (string)Assert.Single(await SearchAsync(inbox, "as promised turbine"))["subject"]!);
        var row = Assert.Single(await SearchAsync(inbox, "\"see the file\""));
        Assert.Equal(("message", "See the file."), ((string)row["matched_in"]!, (string)row["snippet"]!));
        Assert.Null(row["matched_attachment"]);
        Assert.Equal("attachment", (string)Assert.Single(await SearchAsync(inbox, "\"hall seven\""))["matched_in"]!);
        Assert.Empty(await SearchAsync(inbox, "\"seven hall\""));
        Assert.Single(await SearchAsync(inbox, "has:attachment"));
        Assert.Single(await SearchAsync(inbox, "turbine from:kim subject:promised"));
        Assert.Empty(await SearchAsync(inbox, "turbine from:bob"));
    }

    [Fact]
    public async Task Files_of_sent_mail_are_found_as_well()
    {
        var inbox = await Api.NewInboxAsync();
        var upload = (await Api.PostAsync("/v1/attachments/upload", new
        {
            content = Convert.ToBase64String(Encoding.UTF8.GetBytes(Report)), filename = "report.md", mime_type = "text/markdown",
        })).Expect(201).Json;
        (await Api.PostAsync("/v1/messages/send", new
        {
            to = "delivered@commune.test", subject = "Ours", text = "See the file.", inbox_id = inbox.Id, attachments = new[] { (string)upload["id"]! },
        })).Expect(202);
        Assert.Equal("Ours", (string)Assert.Single(await FoundAsync(inbox, "TX-4471-B"))["subject"]!);
    }

    [Fact]
    public async Task A_damaged_file_leaves_the_message_findable_and_the_next_file_read()
    {
        var inbox = await InboxWithFileAsync("report.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "PK\u0003\u0004 no archive");
        await ReceiveAsync("kim@example.com", inbox.Address, Letter.WithAttachment(
            "Kim <kim@example.com>", inbox.Address, "Once more", "See the file.", "report.txt", "text/plain", Encoding.UTF8.GetBytes(Report)));
        Assert.Equal("Once more", (string)Assert.Single(await FoundAsync(inbox, "TX-4471-B"))["subject"]!);
        Assert.Equal(2, (await SearchAsync(inbox, "see the file")).Count);
    }

    [Fact]
    public async Task With_the_message_its_file_is_gone_from_every_answer()
    {
        var inbox = await InboxWithFileAsync();
        await FoundAsync(inbox, "TX-4471-B");
        var request = (await Api.PostAsync("/v1/data/deletion-request", new { scope = "messages", inbox_id = inbox.Id, before = "2100-01-01T00:00:00Z" })).Expect(201).Json;
        (await Api.PostAsync($"/v1/data/deletion-request/{(string)request["id"]!}/confirm", new { confirmation_token = (string)request["confirmation_token"]! })).Expect(200);
        Assert.Empty(await Eventually.GetAsync(() => SearchAsync(inbox, "TX-4471-B"), static rows => rows.Count == 0));
    }
}

public sealed class SqliteAttachmentSearchTests(SqliteEngine engine) : AttachmentSearchTests(engine);

public sealed class PostgresAttachmentSearchTests(PostgresEngine engine) : AttachmentSearchTests(engine);

using System.Globalization;
using System.Text;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Api.Search;

/// <summary>Contract section 11 through the running program.</summary>
public abstract class SearchTests(Engine engine) : ServerTests(engine)
{
    private async Task<InboxHandle> InboxWithAsync(params (string Subject, string Text)[] mails)
    {
        var inbox = await Api.NewInboxAsync();
        foreach (var (subject, text) in mails)
            await ReceiveAsync("kim@example.com", inbox.Address, Letter.Plain("Kim Novak <kim@example.com>", inbox.Address, subject, text));
        return inbox;
    }

    private Task<ApiAnswer> SearchAsync(InboxHandle inbox, string query, string more = "", string what = "threads") =>
        Api.GetAsync($"/v1/search/{what}?inbox_id={inbox.Id}&q={Uri.EscapeDataString(query)}{more}");

    private async Task<string[]> SubjectsAsync(InboxHandle inbox, string query, string more = "") =>
        [.. (await SearchAsync(inbox, query, more)).Expect(200).List.Select(static row => (string)row["subject"]!)];

    private static readonly (string Subject, string Text)[] Mails =
    [
        ("Parcel still missing", "It has been two weeks and my package has not arrived. Order A-17. Please look into the shipment."),
        ("Invoice INV-2026/001", "Please find attached the invoice over 1,234.56 EUR, due at the end of the month."),
        ("Lunch on Friday", "Shall we try the new Italian restaurant round the corner?"),
        ("Cannot log in", "I forgot my password and the reset link does not work."),
        ("Team meeting moved", "The weekly meeting is now on Thursday at ten in room four."),
    ];

    [Fact]
    public async Task Mail_is_found_by_its_words_and_by_its_meaning_and_the_rest_is_left_out()
    {
        var inbox = await InboxWithAsync(Mails);
        Assert.Equal("Parcel still missing", (await SubjectsAsync(inbox, "missing parcel"))[0]);
        Assert.Equal("Parcel still missing", (await SubjectsAsync(inbox, "delivery did not come"))[0]);
        Assert.Equal("Cannot log in", (await SubjectsAsync(inbox, "reset my password"))[0]);
        Assert.DoesNotContain("Lunch on Friday", await SubjectsAsync(inbox, "reset my password"), StringComparer.Ordinal);
        Assert.Empty(await SubjectsAsync(inbox, "quantum chromodynamics lattice"));
    }

    [Fact]
    public async Task A_distant_meaning_is_found_where_nothing_is_nearer()
    {
        var inbox = await InboxWithAsync([("Parcel", "My parcel is two weeks late and nobody answers."), Mails.First(static mail => mail.Item1 == "Lunch on Friday")]);
        Assert.Equal(["Parcel"], await SubjectsAsync(inbox, "customer angry about shipping"));
    }

    [Fact]
    public async Task A_row_has_every_member_of_the_contract()
    {
        var inbox = await InboxWithAsync(Mails);
        var answer = (await SearchAsync(inbox, "missing parcel")).Expect(200);
        var row = answer.List[0];
        Assert.Equal((string)row["thread_id"]!, (string)row["id"]!);
        Assert.InRange((double)row["score"]!, .01, 1);
        Assert.Equal(("Parcel still missing", 1, "inbound", "inbound", "open", inbox.Id, inbox.DomainId), (
            (string)row["subject"]!, (int)row["message_count"]!, (string)row["last_direction"]!, (string)row["direction"]!, (string)row["status"]!,
            (string)row["inbox_id"]!, (string)row["domain_id"]!));
        Assert.Equal((string)row["last_message_at"]!, (string)row["last_activity"]!);
        Assert.Equal((string)row["last_message_at"]!, (string)row["lastActivityAt"]!);
        Assert.Contains("kim@example.com", row["participants"]!.AsArray().Select(static p => (string)p!), StringComparer.Ordinal);
        Assert.Equal("vector", (string)answer.Json["search_type"]!);
        Assert.StartsWith("commune-words", (string)answer.Json["search_engine"]!["embedding"]!, StringComparison.Ordinal);
        Assert.Equal("bm25", (string)answer.Json["search_engine"]!["lexical"]!);
        Assert.Equal(0, (int)answer.Json["index_lag"]!);
        Assert.False((bool)answer.Json["has_more"]!);
        Assert.Null(answer.NextCursor);
    }

    [Fact]
    public async Task Highlights_point_at_the_words_in_the_snippet()
    {
        var inbox = await InboxWithAsync(Mails);
        var row = (await SearchAsync(inbox, "shipment a17", what: "messages")).Expect(200).List[0];
        var snippet = (string)row["snippet"]!;
        var marked = row["highlights"]!.AsArray().Select(range => snippet[(int)range!["start"]!..(int)range["end"]!]);
        Assert.Equal(["A-17", "shipment"], marked.ToArray());
        Assert.Equal("kim@example.com", (string)row["from"]!);
        Assert.StartsWith("msg_", (string)row["message_id"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("INV-2026/001", "Invoice INV-2026/001")]
    [InlineData("what about inv-2026/001 from last month, is it paid?", "Invoice INV-2026/001")]
    [InlineData("1234.56", "Invoice INV-2026/001")]
    [InlineData("order A17", "Parcel still missing")]
    [InlineData("invocie", "Invoice INV-2026/001")]
    [InlineData("pasword", "Cannot log in")]
    [InlineData("italian restuarant", "Lunch on Friday")]
    public async Task Ids_and_numbers_are_found_and_slips_are_forgiven(string query, string subject)
    {
        var inbox = await InboxWithAsync(Mails);
        Assert.Equal(subject, (await SubjectsAsync(inbox, query))[0]);
    }

    [Theory]
    [InlineData("Grüße aus Zürich", "Die Lieferung der Bücher verzögert sich", "bucher lieferung")]
    [InlineData("Заказ задерживается", "Ваш заказ приедет в пятницу", "ЗАКАЗ пятницу")]
    [InlineData("返金のお願い", "先週注文した商品の返金をお願いします。", "返金")]
    [InlineData("ขอคืนเงิน", "กรุณาคืนเงินค่าสินค้าที่เสียหาย", "คืนเงิน")]
    [InlineData("환불 요청", "지난주에 주문한 상품을 환불해 주세요", "환불")]
    [InlineData("استرداد", "أرجو استرداد المبلغ", "استرداد المبلغ")]
    public async Task Other_languages_are_found_by_their_words(string subject, string text, string query)
    {
        var inbox = await InboxWithAsync([.. Mails, (subject, text)]);
        Assert.Equal(subject, (await SubjectsAsync(inbox, query))[0]);
    }

    [Theory]
    [InlineData("Anbei die Rechnungen für den Umbau", "wo ist die Rechnung", "Rechnungen")]
    [InlineData("Was kosten die Heizungsventile?", "was ist mit der Heizung", "Heizungsventile")]
    [InlineData("Wir sind gestern in Muenchen angekommen", "wann seid ihr in München", "Muenchen")]
    [InlineData("Les radiateurs sont livrés", "où est le radiateur", "radiateurs")]
    [InlineData("Przesyłamy próbki tkanin", "gdzie jest próbka", "próbki")]
    public async Task Words_of_other_languages_are_found_in_other_forms(string text, string query, string form)
    {
        var inbox = await InboxWithAsync([.. Mails, ("x", text)]);
        var row = (await SearchAsync(inbox, query)).Expect(200).List[0];
        var snippet = (string)row["snippet"]!;
        Assert.Equal(text, snippet);
        Assert.Contains(form, row["highlights"]!.AsArray().Select(range => snippet[(int)range!["start"]!..(int)range["end"]!]), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("Meine Waschmaschine ist kaputt und muss repariert werden", "broken appliance needs a repair")]
    [InlineData("Notre réunion de vendredi est reportée à lundi", "appointment moved to another day")]
    [InlineData("先週注文した商品の返金をお願いします。荷物が壊れていました。", "refund for a damaged order")]
    [InlineData("Hier ist die Quittung für den Kauf der Möbel", "la factura de los muebles")]
    public async Task Mail_in_other_languages_is_found_by_its_meaning(string text, string query)
    {
        var inbox = await InboxWithAsync(Mails[2], Mails[3], ("x", text));
        var answer = (await SearchAsync(inbox, query)).Expect(200);
        Assert.Equal("vector", (string)answer.Json["search_type"]!);
        Assert.Equal("x", (string)answer.List[0]["subject"]!);
    }

    [Fact]
    public async Task A_name_that_is_there_is_no_form_of_another_one()
    {
        var inbox = await InboxWithAsync(("one", "Signed: Nowakowa"), ("two", "Signed: Nowakowi"));
        Assert.Equal(["two"], await SubjectsAsync(inbox, "Nowakowi"));
    }

    [Fact]
    public async Task Quoted_phrases_must_be_there_word_by_word()
    {
        var inbox = await InboxWithAsync(("one", "The red car is sold"), ("two", "The car, red as ever"), ("three", "A red car? Sold."));
        Assert.Equal(["one", "three"], (await SubjectsAsync(inbox, "\"red car\"")).Order(StringComparer.Ordinal).ToArray());
        Assert.Empty(await SubjectsAsync(inbox, "\"car sold red\""));
    }

    [Fact]
    public async Task Filters_hold_before_ranking_in_the_request_and_in_the_query()
    {
        var inbox = await InboxWithAsync(("Refund one", "refund please"));
        await ReceiveAsync("lee@other.example", inbox.Address, Letter.WithAttachment(
            "Lee <lee@other.example>", inbox.Address, "Refund two", "refund with a receipt", "receipt.pdf", "application/pdf", [1, 2, 3]));
        Assert.Equal(2, (await SubjectsAsync(inbox, "refund")).Length);
        foreach (var (query, more) in ((string, string)[])
        [
            ("refund", "&from=lee@other.example"), ("refund", "&from=Lee"), ("refund", "&has_attachment=true"), ("refund from:lee@other.example", ""),
            ("refund has:attachment", ""), ("from:other.example", ""), ("has:attachment", ""), ("receipt.pdf", ""), ("refund subject:two", ""),
        ])
            Assert.Equal(["Refund two"], await SubjectsAsync(inbox, query, more));
        Assert.Equal(["Refund one"], await SubjectsAsync(inbox, "refund", "&has_attachment=false"));
        Assert.Equal(2, (await SubjectsAsync(inbox, $"refund to:{inbox.Address}")).Length);
        Assert.Empty(await SubjectsAsync(inbox, "refund from:kim@other.example"));
        Assert.Empty(await SubjectsAsync(inbox, "refund", "&before=2001-01-01"));
        Assert.Empty(await SubjectsAsync(inbox, "refund after:2999-01-01"));
        Assert.Equal(2, (await SubjectsAsync(inbox, "refund after:2001-01-01", "&before=2999-01-01")).Length);

        var thread = (await Api.ThreadsAsync(inbox)).Single(static t => (string)t["subject"]! == "Refund one");
        (await Api.PutAsync($"/v1/threads/{thread["thread_id"]}/status", new { status = "waiting" })).Expect(200);
        (await Api.PostAsync($"/v1/threads/{thread["thread_id"]}/tags", new { tags = new[] { "vip" } })).Expect(200);
        Assert.Equal(["Refund one"], await SubjectsAsync(inbox, "refund", "&status=waiting"));
        Assert.Equal(["Refund one"], await SubjectsAsync(inbox, "refund tag:vip"));
        Assert.Equal(["Refund two"], await SubjectsAsync(inbox, "refund status:open"));
        Assert.Empty(await SubjectsAsync(inbox, "refund tag:vip status:open"));
    }

    [Fact]
    public async Task A_thread_is_one_row_with_its_best_message()
    {
        var inbox = await Api.NewInboxAsync();
        var first = Letter.NewMessageId();
        await ReceiveAsync("kim@example.com", inbox.Address, Letter.Plain("kim@example.com", inbox.Address, "Order", "Where is my parcel?", first));
        await ReceiveAsync("kim@example.com", inbox.Address, Letter.Plain(
            "kim@example.com", inbox.Address, "Re: Order", "The parcel came, but the umbrella is broken.", headers: $"In-Reply-To: {first}\n"));
        var row = Assert.Single((await SearchAsync(inbox, "broken umbrella")).Expect(200).List);
        Assert.Equal(2, (int)row["message_count"]!);
        Assert.Contains("umbrella", (string)row["snippet"]!, StringComparison.Ordinal);
        Assert.Single((await SearchAsync(inbox, "parcel")).Expect(200).List);
        Assert.Equal(2, (await SearchAsync(inbox, "parcel", what: "messages")).Expect(200).List.Count);
    }

    [Fact]
    public async Task What_is_sent_is_found_as_soon_as_it_is_accepted()
    {
        var inbox = await Api.NewInboxAsync();
        for (var i = 0; i < 10; i++)
        {
            await SendAsync(inbox, $"delivered+{i}@sandbox.{SharedServer.SharedDomain}", $"Offer {i}", $"The price of the zeppelin{i} is 10");
            Assert.Equal([$"Offer {i}"], await SubjectsAsync(inbox, $"zeppelin{i}"));
        }
    }

    [Fact]
    public async Task Pages_give_every_thread_once_while_mail_arrives()
    {
        var inbox = await InboxWithAsync([.. Enumerable.Range(0, 25).Select(static i => ($"s{i}", $"refund number {i * 7919}"))]);
        var (subjects, scores) = (new List<string>(), new List<double>());
        var cursor = "";
        for (var page = 0; page < 20; page++)
        {
            var answer = (await SearchAsync(inbox, "refund", "&limit=4" + (cursor.Length > 0 ? "&cursor=" + cursor : ""))).Expect(200);
            Assert.InRange(answer.List.Count, 1, 4);
            subjects.AddRange(answer.List.Select(static row => (string)row["subject"]!));
            scores.AddRange(answer.List.Select(static row => (double)row["score"]!));
            await ReceiveAsync("kim@example.com", inbox.Address, Letter.Plain("kim@example.com", inbox.Address, "late", $"refund refund {page}"));
            Assert.Equal(answer.NextCursor is not null, (bool)answer.Json["has_more"]!);
            if (answer.NextCursor is null)
                break;
            cursor = answer.NextCursor;
        }
        Assert.Equal(Enumerable.Range(0, 25).Select(static i => $"s{i}").Order(StringComparer.Ordinal).ToArray(), subjects.Order(StringComparer.Ordinal).ToArray());
        Assert.Equal(scores.OrderDescending(), scores);
    }

    [Fact]
    public async Task Any_text_is_answered_and_only_what_is_too_long_or_blank_is_refused()
    {
        var inbox = await InboxWithAsync(Mails);
        var random = new Random(31);
        string[] queries =
        [
            "\0", "\0refund\0", "\"", "\"\"", ":", "from:", "from:\"", "has:", "(", "a OR (b AND", "*", "%", "'; DROP TABLE messages; --", "\uFFFD", "🎉", "ｒｅｆｕｎｄ",
            "e\u0301\u0301\u0301", "\u202Eabc", new string('a', 2000), string.Concat(Enumerable.Repeat("a ", 999)) + "aa", string.Concat(Enumerable.Repeat("🎉", 2000)),
            string.Concat(Enumerable.Repeat("東", 2000)), string.Concat(Enumerable.Repeat("\"a\" ", 500)),
        ];
        foreach (var query in queries)
            (await SearchAsync(inbox, query)).Expect(200);
        for (var round = 0; round < 100; round++)
        {
            var bytes = new byte[random.Next(1, 300)];
            random.NextBytes(bytes);
            // Raw bytes too, which are no UTF-8: halves of surrogates among them.
            var raw = "%61" + string.Concat(bytes.Select(static b => "%" + b.ToString("X2", CultureInfo.InvariantCulture)));
            (await Api.GetAsync($"/v1/search/threads?inbox_id={inbox.Id}&q={raw}")).Expect(200);
            (await SearchAsync(inbox, "a" + Encoding.Unicode.GetString(bytes), what: "messages")).Expect(200);
        }
        (await Api.GetAsync($"/v1/search/threads?inbox_id={inbox.Id}&q=a%ED%A0%80b")).Expect(200);
        (await SearchAsync(inbox, new string('a', 2001))).ExpectError(400);
        (await SearchAsync(inbox, "  ")).ExpectError(400);
        (await Api.GetAsync($"/v1/search/threads?inbox_id={inbox.Id}")).ExpectError(400);
        (await Api.GetAsync("/v1/search/threads?q=refund")).ExpectError(400);
        (await Api.GetAsync("/v1/search/messages?q=refund")).ExpectError(400);
        (await Api.GetAsync("/v1/search/threads?q=refund&inbox_id=i_unknown")).ExpectError(404);
        (await Api.GetAsync("/v1/search/threads?q=refund&domain_id=d_unknown")).ExpectError(404);
        (await SearchAsync(inbox, "refund", "&cursor=MS4wLjAueA")).ExpectError(400);
        (await SearchAsync(inbox, "refund", "&before=soon")).ExpectError(400);
    }

    [Fact]
    public async Task Each_search_needs_its_scope()
    {
        var inbox = await InboxWithAsync(Mails);
        var path = $"?inbox_id={inbox.Id}&q=parcel";
        (await Server.Scoped("threads:read").GetAsync("/v1/search/threads" + path)).Expect(200);
        (await Server.Scoped("threads:read").GetAsync("/v1/search/messages" + path)).ExpectError(403);
        (await Server.Scoped("messages:read").GetAsync("/v1/search/messages" + path)).Expect(200);
        (await Server.Scoped("messages:read").GetAsync("/v1/search/threads" + path)).ExpectError(403);
    }

    [Fact]
    public async Task Mail_of_another_organisation_is_not_found_and_moves_no_score()
    {
        // In an organisation to which no other test adds mail.
        var own = (await Belongings.OfNewOrganisationAsync(Server)).Client;
        var inbox = await own.NewInboxAsync();
        foreach (var (subject, text) in Mails)
            await ReceiveAsync("kim@example.com", inbox.Address, Letter.Plain("kim@example.com", inbox.Address, subject, text));
        var path = $"/v1/search/threads?inbox_id={inbox.Id}&q=";
        var before = (await own.GetAsync(path + "missing+parcel+shipment")).Expect(200).Text;
        var foreign = await Server.Other.NewInboxAsync();
        for (var i = 0; i < 20; i++)
            await ReceiveAsync("kim@example.com", foreign.Address, Letter.Plain("kim@example.com", foreign.Address, $"Parcel {i}", "missing parcel shipment xylophone"));
        Assert.Equal(before, (await own.GetAsync(path + "missing+parcel+shipment")).Expect(200).Text);
        Assert.Empty((await own.GetAsync(path + "xylophone")).Expect(200).List);
        (await Server.Other.GetAsync($"/v1/search/threads?inbox_id={inbox.Id}&q=parcel")).ExpectError(404);
        Assert.Equal(20, (await Server.Other.GetAsync($"/v1/search/threads?inbox_id={foreign.Id}&q=xylophone&limit=100")).Expect(200).List.Count);
    }

    [Theory]
    [InlineData("&subject=*")]
    [InlineData("&from=%00")]
    public async Task A_filter_that_no_mail_can_pass_lets_none_through(string filter)
    {
        var inbox = await InboxWithAsync(Mails);
        Assert.NotEmpty(await SubjectsAsync(inbox, "parcel"));
        Assert.Empty(await SubjectsAsync(inbox, "parcel", filter));
    }

    [Fact]
    public async Task Deleted_mail_is_gone_at_once()
    {
        var inbox = await InboxWithAsync(Mails);
        Assert.NotEmpty(await SubjectsAsync(inbox, "missing parcel"));
        var request = (await Api.PostAsync("/v1/data/deletion-request", new { scope = "messages", inbox_id = inbox.Id, before = "2100-01-01T00:00:00Z" })).Expect(201).Json;
        (await Api.PostAsync($"/v1/data/deletion-request/{(string)request["id"]!}/confirm", new { confirmation_token = (string)request["confirmation_token"]! })).Expect(200);
        foreach (var query in (string[])["missing parcel", "INV-2026/001", "delivery did not come", "from:kim@example.com"])
            Assert.Empty(await SubjectsAsync(inbox, query));
        await ReceiveAsync("kim@example.com", inbox.Address, Letter.Plain("kim@example.com", inbox.Address, "Afterwards", "a parcel again"));
        Assert.Equal(["Afterwards"], await SubjectsAsync(inbox, "parcel"));
    }

    [Fact]
    public async Task Mail_of_a_domain_is_searched_over_its_inboxes()
    {
        // Quoted: other mail of the shared organisation may have words like it.
        var word = "w" + Guid.NewGuid().ToString("N")[..10];
        var (one, two) = (await InboxWithAsync(("one", $"about {word}")), await InboxWithAsync(("two", $"about {word}")));
        var rows = (await Api.GetAsync($"/v1/search/threads?domain_id={one.DomainId}&q=%22{word}%22")).Expect(200).List;
        Assert.Equal(["one", "two"], rows.Select(static row => (string)row["subject"]!).Order(StringComparer.Ordinal).ToArray());
        Assert.Equal(["two"], (await Api.GetAsync($"/v1/search/threads?domain_id={one.DomainId}&inbox_id={two.Id}&q=%22{word}%22")).Expect(200).List.Select(static row => (string)row["subject"]!).ToArray());
    }
}

public sealed class SqliteSearchTests(SqliteEngine engine) : SearchTests(engine);

public sealed class PostgresSearchTests(PostgresEngine engine) : SearchTests(engine);

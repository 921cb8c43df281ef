namespace Commune.Mail.Tests.Mime;

/// <summary>Fields that RFC 5322 §3.6 allows once, and mail that has them twice.</summary>
public sealed class DuplicatedHeaderTests
{
    [Fact]
    public void Of_two_subjects_the_first_counts_and_both_are_listed()
    {
        var message = Eml.Parse("Subject: one\nSubject: two\n\n");
        Assert.Equal("one", message.Subject);
        Assert.Equal(["one", "two"], message.Headers.GetAll("subject"), StringComparer.Ordinal);
    }

    [Fact]
    public void Two_From_fields_name_both_authors() =>
        Assert.Equal(["a@example.com", "b@example.com"], Eml.Parse("From: a@example.com\nFrom: b@example.com\n\n").From.Select(author => author.Address), StringComparer.Ordinal);

    [Fact]
    public void One_From_field_may_name_several_authors()
    {
        // RFC 5322 §3.6.2
        var message = Eml.Parse("From: Kim <a@example.com>, Lee <b@example.com>\nSender: Ola <o@example.com>\n\n");
        Assert.Equal(["Kim", "Lee"], message.From.Select(author => author.DisplayName), StringComparer.Ordinal);
        Assert.Equal("o@example.com", message.Sender[0].Address);
    }

    [Fact]
    public void A_list_that_never_closes_its_quote_does_not_take_the_next_field_with_it() =>
        Assert.Equal(["a@example.com", "b@example.com"], Eml.Parse("To: \"Kim <a@example.com>\nTo: b@example.com\n\n").To.Select(one => one.Address), StringComparer.Ordinal);

    [Fact]
    public void Of_two_content_types_the_first_counts()
    {
        var content = Eml.Content("Content-Type: text/html\nContent-Type: text/plain\n\n<p>shown</p>");
        Assert.Equal("shown", content.Text);
        Assert.Equal("<p>shown</p>", content.Html);
    }

    [Fact]
    public void A_first_content_type_without_a_value_gives_way_to_the_second() =>
        Assert.Equal("multipart/mixed", Eml.Parse("Content-Type:\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--").Root.MediaType);

    [Fact]
    public void Of_two_transfer_encodings_the_first_counts() =>
        Assert.Equal("hi", Eml.Parse("Content-Transfer-Encoding: base64\nContent-Transfer-Encoding: 7bit\n\naGk=").Root.DecodeText());

    [Fact]
    public void Of_two_boundaries_the_first_counts_and_the_other_is_found_where_the_first_is_not_used()
    {
        Assert.Equal("one", Assert.Single(Eml.Parse("Content-Type: multipart/mixed; boundary=a; boundary=b\n\n--a\n\none\n--a--").Root.Children).DecodeText());
        Assert.Equal("one", Assert.Single(Eml.Parse("Content-Type: multipart/mixed; boundary=a; boundary=bc\n\n--bc\nContent-Type: text/plain\n\none\n--bc--").Root.Children).DecodeText());
    }

    [Fact]
    public void Of_two_dates_the_first_that_is_one_counts() =>
        Assert.Equal(2026, Eml.Parse("Date: yesterday\nDate: Sat, 21 Nov 2026 09:55:06 +0000\n\n").Date?.Year);

    [Fact]
    public void Of_two_message_ids_the_first_counts() =>
        Assert.Equal("<a@x>", Eml.Parse("Message-ID: <a@x>\nMessage-ID: <b@x>\n\n").MessageId);
}

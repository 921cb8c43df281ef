namespace Commune.Mail.Tests.Mime;

public sealed class FileNameTests
{
    [Theory]
    [InlineData("attachment; filename=a.pdf", "a.pdf")]
    [InlineData("attachment; filename=\"a b.pdf\"", "a b.pdf")]
    [InlineData("attachment; filename=a b.pdf", "a b.pdf")]
    [InlineData("attachment; filename=a (1).pdf", "a (1).pdf")]
    [InlineData("attachment; filename=\"a \\\"q\\\".pdf\"", "a \"q\".pdf")]
    [InlineData("attachment; filename=\"C:\\dir\\a.pdf\"", "a.pdf")]
    [InlineData("attachment; filename=\"../../etc/passwd\"", "passwd")]
    [InlineData("attachment; filename=\"..\"", null)]
    [InlineData("attachment; filename=\"a/\"", null)]
    [InlineData("attachment; filename=", null)]
    [InlineData("attachment", null)]
    [InlineData("attachment; filename=\"a\tb\0c.txt\"", "ab\uFFFDc.txt")]
    [InlineData("attachment; filename=\"never closed.pdf", "never closed.pdf")]
    [InlineData("attachment; filename*=utf-8''na%C3%AFve.txt", "naïve.txt")]
    [InlineData("attachment; filename*=iso-8859-1'en'na%EFve.txt", "naïve.txt")]
    [InlineData("attachment; filename=\"x\"; filename*=utf-8''y", "y")]
    [InlineData("attachment; filename*=utf-8''y; filename=x", "y")]
    [InlineData("attachment; filename*0=\"one\"; filename*1=\"two.txt\"", "onetwo.txt")]
    [InlineData("attachment; filename*1=\"two.txt\"; filename*0=\"one\"", "onetwo.txt")]
    [InlineData("attachment; filename*0*=utf-8''%C3; filename*1*=%A9.txt", "é.txt")]
    [InlineData("attachment; filename*0*=utf-8''%E2%82%AC; filename*1=\" 5.txt\"", "€ 5.txt")]
    [InlineData("attachment; filename*=nonsense%2", "nonsense%2")]
    [InlineData("attachment; filename*=''%41", "A")]
    [InlineData("attachment; filename*99999=x; filename=y", "y")]
    [InlineData("attachment; filename=\"=?utf-8?Q?caf=C3=A9.txt?=\"", "café.txt")]
    [InlineData("attachment; filename==?utf-8?B?Y2Fmw6kudHh0?=", "café.txt")]
    [InlineData("attachment; filename=\"a\u00E9.txt\"", "aé.txt")]
    [InlineData("attachment; filename=\"=?utf-8?Q?a=2F..=2Fb.txt?=\"", "b.txt")]
    [InlineData("attachment; filename*=utf-8''exe.%E2%80%AEfdp.txt", "exe.fdp.txt")]
    [InlineData("attachment;;; ; filename=a", "a")]
    [InlineData("attachment; FileName=a", "a")]
    public void The_name_of_a_file_is_read_and_made_harmless(string disposition, string? expected) =>
        Assert.Equal(expected, Eml.Parse($"Content-Disposition: {disposition}\n\n").Root.FileName);

    [Fact]
    public void The_example_of_RFC_2231_is_put_together()
    {
        // RFC 2231 §4.1
        var part = Eml.Parse("""
            Content-Type: application/x-stuff
             title*0*=us-ascii'en'This%20is%20even%20more%20
             title*1*=%2A%2A%2Afun%2A%2A%2A%20
             title*2="isn't it!"


            """.Replace("\n title", ";\n title")).Root;
        Assert.Equal("This is even more ***fun*** isn't it!", part.Parameters["TITLE"]);
    }

    [Fact]
    public void A_name_in_the_content_type_will_do() =>
        Assert.Equal("a.txt", Eml.Parse("Content-Type: text/plain; name=a.txt\nContent-Disposition: attachment\n\n").Root.FileName);

    [Fact]
    public void A_long_name_is_cut_and_keeps_its_extension()
    {
        var name = Eml.Parse($"Content-Disposition: attachment; filename=\"{new string('x', 5000)}.pdf\"\n\n").Root.FileName;
        Assert.Equal(200, name!.Length);
        Assert.EndsWith(".pdf", name, StringComparison.Ordinal);
    }

    [Fact]
    public void A_content_id_has_no_brackets() => Assert.Equal("a@b", Eml.Parse("Content-ID: <a@b>\n\n").Root.ContentId);
}

using Commune.Mail.Threading;

namespace Commune.Mail.Tests.Threading;

public sealed class ReplySubjectTests
{
    [Theory]
    [InlineData("Parcel", "Parcel", false)]
    [InlineData("Re: Parcel", "Parcel", true)]
    [InlineData("RE: re:  Re : Parcel", "Parcel", true)]
    [InlineData("Fwd: Parcel", "Parcel", false)]
    [InlineData("FW: Parcel (fwd)", "Parcel", false)]
    [InlineData("Fwd: Re: Parcel", "Parcel", true)]
    [InlineData("AW: Paket", "Paket", true)]
    [InlineData("SV: Paket", "Paket", true)]
    [InlineData("Antw: Pakket", "Pakket", true)]
    [InlineData("WG: Paket", "Paket", false)]
    [InlineData("RE[2]: Parcel", "Parcel", true)]
    [InlineData("Re(3): Parcel", "Parcel", true)]
    [InlineData("Re^2: Parcel", "Parcel", true)]
    [InlineData("回复：包裹", "包裹", true)]
    [InlineData("转发: 包裹", "包裹", false)]
    [InlineData("[list] Re: [list] Parcel", "Parcel", true)]
    [InlineData("Re: [list] Parcel", "Parcel", true)]
    [InlineData("[only a tag]", "[only a tag]", false)]
    [InlineData("Re:Parcel", "Parcel", true)]
    [InlineData("Ref: 12345", "Ref: 12345", false)]
    [InlineData("Regarding: Parcel", "Regarding: Parcel", false)]
    [InlineData("Meeting: re: room", "Meeting: re: room", false)]
    [InlineData("  Two\r\n   words ", "Two words", false)]
    [InlineData("Re:", "", true)]
    [InlineData("", "", false)]
    public void Prefixes_and_tags_come_off(string subject, string expected, bool isReply)
    {
        Assert.Equal(expected, ReplySubject.BaseOf(subject));
        Assert.Equal(isReply, ReplySubject.IsReply(subject));
    }

    [Fact]
    public void The_key_ignores_case_and_prefixes() =>
        Assert.Equal(ReplySubject.KeyOf("Parcel STILL missing"), ReplySubject.KeyOf("Re: [help] parcel  still Missing"));

    [Fact]
    public void The_key_tells_subjects_apart() =>
        Assert.NotEqual(ReplySubject.KeyOf("Parcel 1"), ReplySubject.KeyOf("Parcel 2"), StringComparer.Ordinal);

    [Fact]
    public void The_key_of_ill_formed_text_is_well_formed() => Assert.Equal("\uFFFD\uFFFFx", ReplySubject.KeyOf("\uD800\uFFFFX"));

    [Fact]
    public void A_subject_of_a_megabyte_of_prefixes_is_read() =>
        Assert.Equal("x", ReplySubject.BaseOf(string.Concat(Enumerable.Repeat("Re: ", 250_000)) + "x"));
}

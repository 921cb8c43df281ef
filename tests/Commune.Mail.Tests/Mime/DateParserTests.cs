using System.Globalization;
using Commune.Mail.Mime;

namespace Commune.Mail.Tests.Mime;

public sealed class DateParserTests
{
    [Theory]
    // RFC 5322 appendix A
    [InlineData("Fri, 21 Nov 1997 09:55:06 -0600", "1997-11-21T09:55:06-06:00")]
    [InlineData("Tue, 1 Jul 2003 10:52:37 +0200", "2003-07-01T10:52:37+02:00")]
    [InlineData("Thu, 13 Feb 1969 23:32:54 -0330", "1969-02-13T23:32:54-03:30")]
    [InlineData("Thu,\r\n      13\r\n        Feb\r\n          1969\r\n      23:32\r\n               -0330 (Newfoundland Time)", "1969-02-13T23:32:00-03:30")]
    [InlineData("21 Nov 97 09:55:06 GMT", "1997-11-21T09:55:06+00:00")]
    [InlineData("Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", "1997-11-21T09:55:06-06:00")]
    [InlineData("21 Nov 2026 09:55 EST", "2026-11-21T09:55:00-05:00")]
    [InlineData("21 Nov 26 09:55 PDT", "2026-11-21T09:55:00-07:00")]
    [InlineData("21 Nov 103 09:55 Z", "2003-11-21T09:55:00+00:00")]
    [InlineData("21 Nov 2026 09:55:06 A", "2026-11-21T09:55:06+00:00")]
    [InlineData("Sat, 21-Nov-2026 09:55:06 +0000", "2026-11-21T09:55:06+00:00")]
    [InlineData("Sat, 21 Nov 2026 09:55:06+0100", "2026-11-21T09:55:06+01:00")]
    [InlineData("Sat, 21 Nov 2026 09:55:06-0100", "2026-11-21T09:55:06-01:00")]
    [InlineData("Sat Nov 21 09:55:06 2026", "2026-11-21T09:55:06+00:00")]
    [InlineData("Sat, 21 November 2026 09:55:06 +05:30", "2026-11-21T09:55:06+05:30")]
    [InlineData("Sat, 21 Nov 2026 23:59:60 +0000", "2026-11-21T23:59:59+00:00")]
    [InlineData("Sat, 21 Nov 2026 09:55:06 +9999", "2026-11-21T09:55:06+00:00")]
    [InlineData("Sat, 21 Nov 2026", "2026-11-21T00:00:00+00:00")]
    [InlineData("Sat, 21 Nov 2026 9:5:6 +0000", "2026-11-21T09:05:06+00:00")]
    [InlineData("sat, 21 nov 2026 09:55:06 gmt", "2026-11-21T09:55:06+00:00")]
    [InlineData("SAT, 21 NOV 2026 09:55:06 UTC", "2026-11-21T09:55:06+00:00")]
    [InlineData("Saturday, 21 Nov 2026 09:55:06 +0100", "2026-11-21T09:55:06+01:00")]
    [InlineData("Saturday, November 21, 2026 9:55:06 AM", "2026-11-21T09:55:06+00:00")]
    [InlineData("Saturday, November 21, 2026 9:55 PM", "2026-11-21T21:55:00+00:00")]
    [InlineData("Sat, 21 Nov 2026 12:05:06 AM +0000", "2026-11-21T00:05:06+00:00")]
    [InlineData("Sat, 21 Nov 2026 12:05:06PM +0000", "2026-11-21T12:05:06+00:00")]
    [InlineData("Sat,21 Nov 2026 09:55:06 +0100", "2026-11-21T09:55:06+01:00")]
    [InlineData("Sat 21 Nov 2026 09:55:06 +0100", "2026-11-21T09:55:06+01:00")]
    [InlineData("Sat., 21 Nov. 2026 09:55:06 +0100", "2026-11-21T09:55:06+01:00")]
    [InlineData("Sat, Nov 21 2026 09:55:06 +0100", "2026-11-21T09:55:06+01:00")]
    [InlineData("Nov 21, 2026 09:55:06 +0100", "2026-11-21T09:55:06+01:00")]
    [InlineData("Sat Nov 21 09:55:06 GMT+01:00 2026", "2026-11-21T09:55:06+01:00")]
    [InlineData("Sat Nov 21 09:55:06 EST 2026", "2026-11-21T09:55:06-05:00")]
    [InlineData("Sat Nov 21 09:55:06 2026 +0100", "2026-11-21T09:55:06+01:00")]
    [InlineData("Sat, 21 Nov 2026 09:55:06 GMT+0100", "2026-11-21T09:55:06+01:00")]
    [InlineData("Sat, 21 Nov 2026 09:55:06 UTC+1", "2026-11-21T09:55:06+01:00")]
    [InlineData("Sat, 21 Nov 2026 09:55:06 +01", "2026-11-21T09:55:06+01:00")]
    [InlineData("Sat, 21 Nov 2026 09:55:06 +100", "2026-11-21T09:55:06+01:00")]
    [InlineData("Sat, 21 Nov 2026 09:55:06 0100", "2026-11-21T09:55:06+01:00")]
    [InlineData("Sat, 21 Nov 2026 09:55:06 +0100 (CET)", "2026-11-21T09:55:06+01:00")]
    [InlineData("Sat, 21 Nov 2026 09:55:06 (CET) +0100", "2026-11-21T09:55:06+01:00")]
    [InlineData("Sat, 21 Nov 2026 09:55:06 CET", "2026-11-21T09:55:06+01:00")]
    [InlineData("Sat, 21 Nov 2026 09:55:06 CEST", "2026-11-21T09:55:06+02:00")]
    [InlineData("Sat, 21 Nov 2026 09:55:06 MEZ", "2026-11-21T09:55:06+01:00")]
    [InlineData("Sat, 21 Nov 2026 09:55:06 JST", "2026-11-21T09:55:06+09:00")]
    [InlineData("Sat, 21 Nov 2026 09:55:06 MSK", "2026-11-21T09:55:06+03:00")]
    [InlineData("Sat, 21 Nov 2026 09:55:06 \"GMT\"", "2026-11-21T09:55:06+00:00")]
    [InlineData("Sat, 21 Nov 2026 09:55:06 +-0100", "2026-11-21T09:55:06+00:00")]
    [InlineData("Sat, 21 Nov 2026 09:55:06 --0100", "2026-11-21T09:55:06+00:00")]
    [InlineData("Sat, 21 Nov 2026 09:55:06.123 +0100", "2026-11-21T09:55:06+01:00")]
    [InlineData("Sat, 21 Nov 2026 09:55:06,123 +0100", "2026-11-21T09:55:06+01:00")]
    [InlineData("Sat, 21 Nov 2026 09.55.06 +0100", "2026-11-21T09:55:06+01:00")]
    [InlineData("Sat, 21 Nov 2026 24:00:00 +0000", "2026-11-22T00:00:00+00:00")]
    [InlineData("Sat, 21 Nov 2026 T09:55:06 +0000", "2026-11-21T09:55:06+00:00")]
    [InlineData("2026-11-21T09:55:06Z", "2026-11-21T09:55:06+00:00")]
    [InlineData("2026-11-21T09:55:06+01:00", "2026-11-21T09:55:06+01:00")]
    [InlineData("2026-11-21 09:55:06 +0100", "2026-11-21T09:55:06+01:00")]
    [InlineData("2026-11-21 09:55:06", "2026-11-21T09:55:06+00:00")]
    [InlineData("2026/11/21 09:55:06", "2026-11-21T09:55:06+00:00")]
    [InlineData("21.11.2026 09:55:06", "2026-11-21T09:55:06+00:00")]
    [InlineData("21/11/2026 09:55", "2026-11-21T09:55:00+00:00")]
    [InlineData("11/21/2026 9:55:06 AM", "2026-11-21T09:55:06+00:00")]
    [InlineData("20261121T095506Z", "2026-11-21T09:55:06+00:00")]
    [InlineData("Sat, 21 Nov 2026 09:55:06 +0100 extra words", "2026-11-21T09:55:06+01:00")]
    [InlineData("Date: Sat, 21 Nov 2026 09:55:06 +0100", "2026-11-21T09:55:06+01:00")]
    [InlineData("Sa, 21 Nov 2026 09:55:06 +0100", "2026-11-21T09:55:06+01:00")]
    [InlineData("Mi, 21 Okt 2026 09:55:06 +0200", "2026-10-21T09:55:06+02:00")]
    [InlineData("jeu., 21 mai 2026 09:55:06 +0200", "2026-05-21T09:55:06+02:00")]
    [InlineData("21 dic 2026 09:55:06 +0100", "2026-12-21T09:55:06+01:00")]
    [InlineData("Sat, 21st Nov 2026 09:55:06 +0000", "2026-11-21T09:55:06+00:00")]
    [InlineData("Sat, 21 Nov 2026 09:55:06 -0000", "2026-11-21T09:55:06+00:00")]
    public void Dates_are_read(string text, string expected)
    {
        Assert.True(DateParser.TryParse(text, out var date));
        Assert.Equal(DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture), date);
        Assert.Equal(DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture).Offset, date.Offset);
    }

    [Theory]
    [InlineData("31 Feb 2026 10:00 +0000")]
    [InlineData("0 Feb 2026 10:00 +0000")]
    [InlineData("yesterday")]
    [InlineData("")]
    [InlineData("Sat, 21 Foo 2026 09:55:06 +0000")]
    [InlineData("- - : : ((((")]
    public void What_is_no_date_is_refused(string text) => Assert.False(DateParser.TryParse(text, out _));

    [Theory]
    [InlineData("1997-11-21T09:55:06-06:00", "Fri, 21 Nov 1997 09:55:06 -0600")]
    [InlineData("2003-07-01T10:52:37+05:30", "Tue, 1 Jul 2003 10:52:37 +0530")]
    [InlineData("2026-01-02T03:04:05Z", "Fri, 2 Jan 2026 03:04:05 +0000")]
    public void Dates_are_written_as_RFC_5322_has_them_and_read_back(string date, string expected)
    {
        var value = DateTimeOffset.Parse(date, CultureInfo.InvariantCulture);
        Assert.Equal(expected, MailDate.Format(value));
        Assert.True(DateParser.TryParse(expected, out var read));
        Assert.Equal(value, read);
    }
}

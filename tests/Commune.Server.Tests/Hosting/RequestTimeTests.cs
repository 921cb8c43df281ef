using System.Globalization;
using Commune.Server.Hosting;

namespace Commune.Server.Tests.Hosting;

/// <summary>The forms of ISO 8601 in which a request may give a time.</summary>
public sealed class RequestTimeTests
{
    [Theory]
    [InlineData("2026-01-31", "2026-01-31T00:00:00.000Z")]
    [InlineData("20260131", "2026-01-31T00:00:00.000Z")]
    [InlineData("2026-01-31T12:30Z", "2026-01-31T12:30:00.000Z")]
    [InlineData("2026-01-31T12:30:15.250+02:00", "2026-01-31T10:30:15.250Z")]
    [InlineData("20260131T123015Z", "2026-01-31T12:30:15.000Z")]
    [InlineData("20260131T1230+0200", "2026-01-31T10:30:00.000Z")]
    [InlineData("20260131T123015,25-05", "2026-01-31T17:30:15.250Z")]
    public void Extended_and_basic_format_are_read(string text, string expected)
    {
        Assert.True(RequestQuery.TryParseTime(text, out var at));
        Assert.Equal(expected, DateTimeOffset.FromUnixTimeMilliseconds(at).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("2026-01-31T12:30")]
    [InlineData("20260131T1230")]
    [InlineData("20261331")]
    [InlineData("2026013")]
    [InlineData("20260131T2530Z")]
    [InlineData("yesterday")]
    public void What_is_no_time_or_has_no_zone_is_refused(string text) => Assert.False(RequestQuery.TryParseTime(text, out _));
}

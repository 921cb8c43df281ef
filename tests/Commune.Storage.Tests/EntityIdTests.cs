namespace Commune.Storage.Tests;

public sealed class EntityIdTests
{
    private static readonly DateTimeOffset Moment = new(2026, 3, 4, 5, 6, 7, 890, TimeSpan.Zero);

    [Fact]
    public void An_id_is_its_prefix_and_26_characters_that_are_safe_in_a_path()
    {
        Assert.Matches("^i_[0-9a-hjkmnp-tv-z]{26}$", EntityId.New("i_"));
    }

    [Fact]
    public void A_sortable_id_is_its_prefix_and_38_characters_that_are_safe_in_a_path()
    {
        Assert.Matches("^msg_[0-9a-hjkmnp-tv-z]{38}$", EntityId.NewSortable("msg_", Moment));
    }

    [Fact]
    public void A_reply_token_is_26_characters_that_are_safe_in_a_local_part()
    {
        Assert.Matches("^[0-9a-hjkmnp-tv-z]{26}$", ReplyToken.New(EntityId.NewSortable("conv_", Moment)));
    }

    [Fact]
    public void A_reply_token_leads_to_its_thread_and_says_nothing_of_the_rest_of_its_id()
    {
        var threadId = EntityId.NewSortable("conv_", Moment);
        var token = ReplyToken.New(threadId);
        Assert.True(ReplyToken.TryRange(token, out var from, out var to));
        Assert.InRange(threadId, from, to, StringComparer.Ordinal);
        Assert.DoesNotContain(threadId[17..24], token, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("news")]
    [InlineData("1m7xy30tn0083kkkahnhdd1za%")]
    [InlineData("1m7xy30tn0083kkkahnhdd1zaegdz")]
    public void What_is_no_reply_token_leads_nowhere(string text) => Assert.False(ReplyToken.TryRange(text, out _, out _));

    [Fact]
    public void A_hundred_thousand_ids_are_a_hundred_thousand_different_ones()
    {
        Assert.Equal(100_000, Enumerable.Range(0, 100_000).Select(_ => EntityId.New("")).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(100_000, Enumerable.Range(0, 100_000).Select(_ => EntityId.NewSortable("", Moment)).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(100_000, Enumerable.Range(0, 100_000).Select(_ => ReplyToken.New("conv_000000000000")).Distinct(StringComparer.Ordinal).Count());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(1_000)]
    [InlineData(31_557_600_000L * 100)]
    public void A_later_id_sorts_behind_an_earlier_one(long milliseconds)
    {
        var earlier = EntityId.NewSortable("msg_", Moment);
        var later = EntityId.NewSortable("msg_", Moment.AddMilliseconds(milliseconds));
        Assert.True(string.CompareOrdinal(earlier, later) < 0);
    }

    [Fact]
    public void Every_character_of_the_alphabet_is_used()
    {
        var used = Enumerable.Range(0, 1_000).SelectMany(_ => EntityId.New("")).Distinct().Order();
        Assert.Equal("0123456789abcdefghjkmnpqrstvwxyz", string.Concat(used));
    }
}

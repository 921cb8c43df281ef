namespace Commune.Storage.Tests;

public sealed class LogPositionTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(123_456_789_012)]
    [InlineData((1L << 50) - 1)]
    public void An_id_gives_its_number_back(long sequence)
    {
        Assert.True(LogPosition.TryRead("org_a", LogPosition.Of("org_a", sequence), out var read));
        Assert.Equal(sequence, read);
    }

    [Fact]
    public void The_id_of_another_organisation_is_none() => Assert.False(LogPosition.TryRead("org_b", LogPosition.Of("org_a", 7), out _));

    [Fact]
    public void Ids_sort_as_their_numbers()
    {
        var ids = Enumerable.Range(0, 3000).Select(n => LogPosition.Of("org_a", n)).ToList();
        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
        Assert.Equal(ids.Count, ids.Distinct(StringComparer.Ordinal).Count());
    }

    [Theory]
    [InlineData("")]
    [InlineData("evt_")]
    [InlineData("7")]
    [InlineData("evt_0000000007")]
    [InlineData("evt_00000000070000000000000000")]
    [InlineData("evt_0000000007ILOU000000000000")]
    [InlineData("msg_00000000070000000000000000")]
    public void Anything_else_is_no_id(string text) => Assert.False(LogPosition.TryRead("org_a", text, out _));
}

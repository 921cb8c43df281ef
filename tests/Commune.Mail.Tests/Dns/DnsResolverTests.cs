using System.Net;
using System.Net.Sockets;
using Commune.Mail.Dns;
using Commune.Peers;

namespace Commune.Mail.Tests.Dns;

public sealed class DnsResolverTests : IAsyncDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly FakeDns _dns = new();
    private readonly ManualTimeProvider _time = new();
    private readonly DnsResolver _resolver;

    public DnsResolverTests() => _resolver = Resolver(_dns);

    public ValueTask DisposeAsync() => _dns.DisposeAsync();

    [Fact]
    public async Task The_strings_of_a_TXT_record_are_joined()
    {
        _dns.Txt("example.org", "v=spf1 ", "-all");
        _dns.Txt("example.org", "other");
        var result = await _resolver.TxtAsync("EXAMPLE.org.", None);
        Assert.Equal(DnsStatus.Success, result.Status);
        Assert.Equal(["v=spf1 -all", "other"], result.Records);
    }

    [Fact]
    public async Task MX_records_come_lowest_preference_first()
    {
        _dns.Mx("example.org", 20, "b.example.org");
        _dns.Mx("example.org", 5, "a.example.org");
        var result = await _resolver.MxAsync("example.org", None);
        Assert.Equal([new MxRecord(5, "a.example.org"), new MxRecord(20, "b.example.org")], result.Records);
    }

    [Fact]
    public async Task A_null_MX_is_kept()
    {
        _dns.Mx("example.org", 0, ".");
        Assert.True(Assert.Single((await _resolver.MxAsync("example.org", None)).Records).IsNull);
    }

    [Fact]
    public async Task Both_families_are_asked_for_when_none_is_named()
    {
        _dns.A("example.org", "192.0.2.1");
        _dns.Aaaa("example.org", "2001:db8::1");
        Assert.Equal(
            [IPAddress.Parse("192.0.2.1"), IPAddress.Parse("2001:db8::1")],
            (await _resolver.AddressesAsync("example.org", null, None)).Records);
        Assert.Equal(
            [IPAddress.Parse("2001:db8::1")],
            (await _resolver.AddressesAsync("example.org", AddressFamily.InterNetworkV6, None)).Records);
    }

    [Fact]
    public async Task A_name_with_one_family_has_addresses()
    {
        _dns.A("example.org", "192.0.2.1");
        Assert.Equal(DnsStatus.Success, (await _resolver.AddressesAsync("example.org", null, None)).Status);
    }

    [Fact]
    public async Task PTR_names_are_found_for_both_families()
    {
        _dns.Ptr("192.0.2.7", "mail.example.org");
        _dns.Ptr("2001:db8::7", "mail6.example.org");
        Assert.Equal(["mail.example.org"], (await _resolver.PtrAsync(IPAddress.Parse("192.0.2.7"), None)).Records);
        Assert.Equal(["mail6.example.org"], (await _resolver.PtrAsync(IPAddress.Parse("2001:db8::7"), None)).Records);
    }

    [Fact]
    public async Task A_name_that_does_not_exist_is_a_name_error()
    {
        var result = await _resolver.TxtAsync("nobody.example", None);
        Assert.Equal(DnsStatus.NameError, result.Status);
        Assert.False(result.IsTemporaryFailure);
    }

    [Fact]
    public async Task A_name_without_records_of_the_type_has_no_data()
    {
        _dns.A("example.org", "192.0.2.1");
        Assert.Equal(DnsStatus.NoData, (await _resolver.TxtAsync("example.org", None)).Status);
    }

    [Fact]
    public async Task What_cannot_be_a_name_is_a_name_error_without_a_question()
    {
        Assert.Equal(DnsStatus.NameError, (await _resolver.TxtAsync("a..b", None)).Status);
        Assert.Equal(0, _dns.Queries);
    }

    [Fact]
    public async Task CNAMEs_within_the_answer_are_followed()
    {
        _dns.Cname("www.example.org", "host.example.org");
        _dns.Cname("host.example.org", "host.example.net");
        _dns.A("host.example.net", "192.0.2.9");
        var result = await _resolver.AddressesAsync("www.example.org", AddressFamily.InterNetwork, None);
        Assert.Equal([IPAddress.Parse("192.0.2.9")], result.Records);
        Assert.Equal(1, _dns.Queries);
    }

    [Fact]
    public async Task CNAMEs_are_followed_by_further_questions()
    {
        _dns.FollowsCnames = false;
        _dns.Cname("www.example.org", "host.example.org");
        _dns.Cname("host.example.org", "host.example.net");
        _dns.A("host.example.net", "192.0.2.9");
        var result = await _resolver.AddressesAsync("www.example.org", AddressFamily.InterNetwork, None);
        Assert.Equal([IPAddress.Parse("192.0.2.9")], result.Records);
        Assert.Equal(3, _dns.Queries);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_loop_of_CNAMEs_is_a_temporary_failure(bool follows)
    {
        _dns.FollowsCnames = follows;
        _dns.Cname("a.example.org", "b.example.org");
        _dns.Cname("b.example.org", "a.example.org");
        var result = await _resolver.TxtAsync("a.example.org", None);
        Assert.Equal(DnsStatus.ServerFailure, result.Status);
    }

    [Fact]
    public async Task A_CNAME_to_a_name_that_does_not_exist_is_a_name_error()
    {
        _dns.FollowsCnames = false;
        _dns.Cname("a.example.org", "gone.example.net");
        Assert.Equal(DnsStatus.NameError, (await _resolver.TxtAsync("a.example.org", None)).Status);
    }

    [Fact]
    public async Task The_CNAME_itself_can_be_asked_for()
    {
        _dns.Cname("a.example.org", "b.example.org");
        Assert.Equal(["b.example.org"], (await _resolver.CnameAsync("a.example.org", None)).Records);
        Assert.Equal(DnsStatus.NameError, (await _resolver.CnameAsync("b.example.org", None)).Status);
    }

    [Fact]
    public async Task A_truncated_answer_is_asked_for_again_over_TCP()
    {
        var texts = Enumerable.Range(0, 60).Select(i => $"{i} {new string('x', 240)}").ToList();
        texts.ForEach(text => _dns.Txt("big.example.org", text));
        _dns.Fail("big.example.org", FakeDnsFailure.Truncated);
        var result = await _resolver.TxtAsync("big.example.org", None);
        Assert.Equal(texts, result.Records);
        Assert.Equal(1, _dns.TcpQueriesFor("big.example.org"));
    }

    [Fact]
    public async Task A_server_without_EDNS_is_asked_without_it()
    {
        _dns.Txt("example.org", "here");
        _dns.Fail("example.org", FakeDnsFailure.NoEdns);
        Assert.Equal(["here"], (await _resolver.TxtAsync("example.org", None)).Records);
        Assert.Equal(2, _dns.QueriesFor("example.org"));
    }

    [Fact]
    public async Task Forged_answers_are_passed_over()
    {
        _dns.Txt("example.org", "genuine");
        _dns.Fail("example.org", FakeDnsFailure.Forged);
        Assert.Equal(["genuine"], (await _resolver.TxtAsync("example.org", None)).Records);
    }

    [Fact]
    public async Task A_server_failure_is_temporary_and_not_remembered()
    {
        _dns.Txt("example.org", "here");
        _dns.Fail("example.org", FakeDnsFailure.ServFail);
        var failed = await _resolver.TxtAsync("example.org", None);
        Assert.Equal(DnsStatus.ServerFailure, failed.Status);
        Assert.True(failed.IsTemporaryFailure);
        Assert.Equal(3, _dns.QueriesFor("example.org"));

        _dns.Fail("example.org", null);
        Assert.Equal(DnsStatus.Success, (await _resolver.TxtAsync("example.org", None)).Status);
    }

    [Fact]
    public async Task A_refusal_is_a_server_failure()
    {
        _dns.Fail("example.org", FakeDnsFailure.Refused);
        Assert.Equal(DnsStatus.ServerFailure, (await _resolver.TxtAsync("example.org", None)).Status);
    }

    [Fact]
    public async Task Silence_is_a_timeout_after_all_tries()
    {
        _dns.Fail("example.org", FakeDnsFailure.Timeout);
        var asking = _resolver.TxtAsync("example.org", None).AsTask();
        for (var i = 0; i < 3; i++)
        {
            await _time.TimerArmedAsync(TimeSpan.FromSeconds(2));
            _time.Advance(TimeSpan.FromSeconds(2));
        }

        var result = await asking;
        Assert.Equal(DnsStatus.Timeout, result.Status);
        Assert.True(result.IsTemporaryFailure);
    }

    [Fact]
    public async Task Garbage_is_waited_out_like_silence()
    {
        _dns.Fail("example.org", FakeDnsFailure.Garbage);
        var asking = _resolver.TxtAsync("example.org", None).AsTask();
        for (var i = 0; i < 3; i++)
        {
            await _time.TimerArmedAsync(TimeSpan.FromSeconds(2));
            _time.Advance(TimeSpan.FromSeconds(2));
        }

        Assert.True((await asking).IsTemporaryFailure);
    }

    [Fact]
    public async Task The_next_server_is_asked_when_one_fails_and_it_is_asked_first_from_then_on()
    {
        await using var second = new FakeDns();
        var resolver = Resolver(_dns, second);
        foreach (var name in (string[])["one.example", "two.example"])
        {
            _dns.Fail(name, FakeDnsFailure.ServFail);
            second.Txt(name, "here");
            Assert.Equal(["here"], (await resolver.TxtAsync(name, None)).Records);
        }

        Assert.Equal(1, _dns.Queries);
        Assert.Equal(2, second.Queries);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_passed_over()
    {
        using var closed = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var nobody = (IPEndPoint)closed.LocalEndPoint!;
        closed.Dispose();
        _dns.Txt("example.org", "here");
        var resolver = new DnsResolver(new DnsResolverSettings { Servers = [nobody, _dns.EndPoint] }, _time);
        Assert.Equal(["here"], (await resolver.TxtAsync("example.org", None)).Records);
    }

    [Fact]
    public async Task An_answer_is_remembered_for_its_TTL()
    {
        _dns.Ttl = 120;
        _dns.Txt("example.org", "here");
        await _resolver.TxtAsync("example.org", None);
        _time.Advance(TimeSpan.FromSeconds(119));
        await _resolver.TxtAsync("Example.Org.", None);
        Assert.Equal(1, _dns.Queries);
        _time.Advance(TimeSpan.FromSeconds(1));
        await _resolver.TxtAsync("example.org", None);
        Assert.Equal(2, _dns.Queries);
    }

    [Fact]
    public async Task An_answer_is_remembered_for_no_longer_than_a_day()
    {
        _dns.Ttl = 7 * 86_400;
        _dns.Txt("example.org", "here");
        await _resolver.TxtAsync("example.org", None);
        _time.Advance(TimeSpan.FromDays(1));
        await _resolver.TxtAsync("example.org", None);
        Assert.Equal(2, _dns.Queries);
    }

    [Fact]
    public async Task An_answer_with_TTL_zero_is_remembered_for_a_second()
    {
        _dns.Ttl = 0;
        _dns.Txt("example.org", "here");
        await _resolver.TxtAsync("example.org", None);
        await _resolver.TxtAsync("example.org", None);
        Assert.Equal(1, _dns.Queries);
        _time.Advance(TimeSpan.FromSeconds(1));
        await _resolver.TxtAsync("example.org", None);
        Assert.Equal(2, _dns.Queries);
    }

    [Theory]
    [InlineData(30, 30)]
    [InlineData(86_400, 900)]
    public async Task A_negative_answer_is_remembered_for_the_SOA_minimum_but_no_longer_than_15_minutes(int soa, int seconds)
    {
        _dns.NegativeTtl = soa;
        await _resolver.TxtAsync("nobody.example", None);
        _time.Advance(TimeSpan.FromSeconds(seconds - 1));
        await _resolver.TxtAsync("nobody.example", None);
        Assert.Equal(1, _dns.Queries);
        _time.Advance(TimeSpan.FromSeconds(1));
        await _resolver.TxtAsync("nobody.example", None);
        Assert.Equal(2, _dns.Queries);
    }

    [Fact]
    public async Task The_cache_holds_no_more_than_it_may_and_forgets_the_least_recently_used()
    {
        var resolver = new DnsResolver(new DnsResolverSettings { Servers = [_dns.EndPoint], CacheEntries = 2 }, _time);
        foreach (var name in (string[])["a.example", "b.example", "a.example", "c.example", "a.example"])
        {
            _dns.Clear(name);
            _dns.Txt(name, "here");
            await resolver.TxtAsync(name, None);
        }

        Assert.Equal(2, resolver.CachedAnswers);
        Assert.Equal(1, _dns.QueriesFor("a.example"));
        await resolver.TxtAsync("b.example", None);
        Assert.Equal(2, _dns.QueriesFor("b.example"));
    }

    [Fact]
    public async Task Equal_questions_at_the_same_time_are_asked_once()
    {
        _dns.Txt("example.org", "here");
        _dns.Hold("example.org");
        var asking = Enumerable.Range(0, 20).Select(_ => _resolver.TxtAsync("example.org", None).AsTask()).ToList();
        _dns.Release("example.org");
        foreach (var result in await Task.WhenAll(asking))
            Assert.Equal(["here"], result.Records);
        Assert.Equal(1, _dns.Queries);
    }

    [Fact]
    public async Task A_caller_who_gives_up_takes_nothing_from_those_who_wait()
    {
        _dns.Txt("example.org", "here");
        _dns.Hold("example.org");
        using var impatience = new CancellationTokenSource();
        var first = _resolver.TxtAsync("example.org", impatience.Token).AsTask();
        var second = _resolver.TxtAsync("example.org", None).AsTask();
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        _dns.Release("example.org");
        Assert.Equal(["here"], (await second).Records);
        Assert.Equal(1, _dns.Queries);
    }

    private DnsResolver Resolver(params FakeDns[] servers) =>
        new(new DnsResolverSettings { Servers = [.. servers.Select(s => s.EndPoint)] }, _time);
}

using System.Security.Cryptography.X509Certificates;
using Commune.Mail.Dns;
using Commune.Peers;
using Commune.Server.Outbound;
using Commune.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Commune.Server.Tests.Outbound;

/// <summary>How much encryption mail asks of its way: the sending domain's wish, and the recipient domain's MTA-STS policy.</summary>
public sealed class SecureRouteTests
{
    [Fact]
    public async Task Where_nobody_asks_for_more_a_broken_handshake_falls_back_to_clear()
    {
        await using var mx = new FakeMx { OffersStartTls = true };
        mx.On("TLS", static c => c.Connection == 1 ? FakeMxAction.Drop : FakeMxAction.Default);
        await using var rig = await DeliveryRig.ToAsync(mx.Port);
        var mail = await rig.SendAsync("one@far.example");
        await rig.RunDueAsync();
        Assert.Equal("delivered", await rig.StatusAsync(mail));
        Assert.False(Assert.Single(mx.Messages).IsTls);
        Assert.Null(Assert.Single(await rig.AttemptsAsync(mail)).Way.TlsVersion);
    }

    [Fact]
    public async Task An_attempt_tells_how_its_connection_was_secured()
    {
        await using var mx = new FakeMx { OffersStartTls = true };
        await using var rig = await DeliveryRig.ToAsync(mx.Port);
        var mail = await rig.SendAsync("one@far.example");
        await rig.RunDueAsync();
        var way = Assert.Single(await rig.AttemptsAsync(mail)).Way;
        Assert.StartsWith("Tls1", way.TlsVersion, StringComparison.Ordinal);
        Assert.StartsWith("TLS_", way.TlsCipher, StringComparison.Ordinal);
        Assert.False(way.TlsVerified);
        Assert.Equal(("127.0.0.1", $"127.0.0.1:{mx.Port}"), (way.Host, way.Address));
    }

    [Theory]
    [InlineData(DomainTls.Require, false)]
    [InlineData(DomainTls.Verify, false)]
    [InlineData(DomainTls.Verify, true)]
    public async Task Mail_of_a_domain_that_requires_TLS_never_leaves_without_it(string wish, bool offered)
    {
        await using var mx = new FakeMx { OffersStartTls = offered };
        await using var rig = await DeliveryRig.ToAsync(mx.Port);
        await rig.RequireTlsAsync(wish);
        var mail = await rig.SendAsync("one@far.example");
        await rig.RunToEndAsync();
        Assert.Equal("failed", await rig.StatusAsync(mail));
        Assert.Empty(mx.Messages);
    }

    [Fact]
    public async Task Mail_of_a_domain_that_requires_TLS_goes_with_any_certificate()
    {
        await using var mx = new FakeMx { OffersStartTls = true };
        await using var rig = await DeliveryRig.ToAsync(mx.Port);
        await rig.RequireTlsAsync(DomainTls.Require);
        var mail = await rig.SendAsync("one@far.example");
        await rig.RunDueAsync();
        Assert.Equal("delivered", await rig.StatusAsync(mail));
        Assert.True(Assert.Single(mx.Messages).IsTls);
    }

    [Theory]
    [InlineData("enforce", "mx.far.test", "failed")]
    [InlineData("enforce", "other.far.test", "failed")]
    [InlineData("testing", "other.far.test", "delivered")]
    [InlineData("none", "other.far.test", "delivered")]
    public async Task A_policy_is_kept_to(string mode, string pattern, string outcome)
    {
        // Its certificate is its own: no authority has signed it.
        await using var mx = new FakeMx("mx.far.test") { OffersStartTls = true };
        var policies = new FixedPolicies($"version: STSv1\nmode: {mode}\nmx: {pattern}\nmax_age: 604800\n");
        await using var rig = await DeliveryRig.StartAsync(outbound => outbound.MxPort = mx.Port, policies);
        rig.Dns.Mx("far.test", 10, "mx.far.test");
        rig.Dns.A("mx.far.test", "127.0.0.1");
        rig.Dns.Txt("_mta-sts.far.test", "v=STSv1; id=20260101;");
        var mail = await rig.SendAsync("one@far.test");
        await rig.RunToEndAsync();
        Assert.Equal(outcome, await rig.StatusAsync(mail));
        Assert.Equal(outcome == "delivered" ? 1 : 0, mx.Messages.Count);
    }

    [Fact]
    public async Task A_policy_stays_in_force_when_its_record_and_its_host_are_gone_and_ends_with_its_age()
    {
        await using var mx = new FakeMx("mx.far.test") { OffersStartTls = true };
        var policies = new FixedPolicies("version: STSv1\nmode: enforce\nmx: mx.far.test\nmax_age: 86400\n");
        await using var rig = await DeliveryRig.StartAsync(outbound => outbound.MxPort = mx.Port, policies);
        rig.Dns.Ttl = 0;
        rig.Dns.NegativeTtl = null;
        rig.Dns.Mx("far.test", 10, "mx.far.test");
        rig.Dns.A("mx.far.test", "127.0.0.1");
        rig.Dns.Txt("_mta-sts.far.test", "v=STSv1; id=1;");
        var first = await rig.SendAsync("one@far.test");
        await rig.RunDueAsync();
        Assert.Equal("deferred", await rig.StatusAsync(first));
        Assert.Equal(1, policies.Fetches);

        rig.Dns.Fail("_mta-sts.far.test", FakeDnsFailure.NxDomain);
        policies.Policy = null;
        rig.Time.Advance(TimeSpan.FromHours(20));
        var second = await rig.SendAsync("two@far.test");
        await rig.RunDueAsync();
        Assert.Equal("deferred", await rig.StatusAsync(second));

        rig.Time.Advance(TimeSpan.FromHours(9));
        await rig.RunToEndAsync();
        Assert.Equal(("delivered", "delivered"), (await rig.StatusAsync(first), await rig.StatusAsync(second)));
    }

    [Fact]
    public async Task A_policy_is_fetched_once_for_all_that_wait_and_not_again_while_its_id_stays()
    {
        await using var mx = new FakeMx("mx.far.test");
        var policies = new FixedPolicies("version: STSv1\nmode: testing\nmx: mx.far.test\nmax_age: 604800\n");
        await using var rig = await DeliveryRig.StartAsync(outbound => outbound.MxPort = mx.Port, policies);
        rig.Dns.Mx("far.test", 10, "mx.far.test");
        rig.Dns.A("mx.far.test", "127.0.0.1");
        rig.Dns.Txt("_mta-sts.far.test", "v=STSv1; id=1;");
        for (var i = 0; i < 20; i++)
            await rig.SendAsync($"u{i}@far.test");
        await rig.RunDueAsync();
        rig.Time.Advance(TimeSpan.FromHours(1));
        await rig.SendAsync("later@far.test");
        await rig.RunDueAsync();
        Assert.Equal((21, 1), (mx.Messages.Count, policies.Fetches));
    }

    [Fact]
    public async Task A_policy_is_fetched_over_HTTPS_from_a_host_with_a_valid_certificate()
    {
        await using var host = await PolicyHost.StartAsync("text/plain", "version: STSv1");
        Assert.Equal("version: STSv1", (await host.FetchAsync(trusted: true)).Policy);
        var (policy, reason) = await host.FetchAsync(trusted: false);
        Assert.Null(policy);
        Assert.Contains("certificate", reason, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_redirect_another_media_type_and_too_large_a_file_are_no_policy()
    {
        await using var html = await PolicyHost.StartAsync("text/html", "version: STSv1");
        Assert.Null((await html.FetchAsync(trusted: true)).Policy);
        await using var large = await PolicyHost.StartAsync("text/plain", new string('x', 100_000));
        Assert.Null((await large.FetchAsync(trusted: true)).Policy);
        await using var moved = await PolicyHost.StartAsync("text/plain", "version: STSv1", StatusCodes.Status302Found);
        Assert.Null((await moved.FetchAsync(trusted: true)).Policy);
    }

    private sealed class FixedPolicies(string? policy) : IMtaStsFetch
    {
        private int fetches;

        public string? Policy { get; set; } = policy;

        public int Fetches => Volatile.Read(ref fetches);

        public Task<(string? Policy, string Reason)> FetchAsync(string domain, CancellationToken cancellation)
        {
            Interlocked.Increment(ref fetches);
            return Task.FromResult((Policy, "the policy host is gone"));
        }
    }

    /// <summary>A web server for <c>mta-sts.far.test</c> on a port of its own.</summary>
    private sealed class PolicyHost : IAsyncDisposable
    {
        private readonly FakeDns dns = new();
        // Any certificate maker will do: the fake MX makes one for its name.
        private readonly FakeMx identity = new("mta-sts.far.test");
        private readonly WebApplication app;

        private PolicyHost(string mediaType, string body, int status)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseKestrelHttpsConfiguration();
            // A certificate from an ephemeral key serves on Linux as it is.
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.UseHttps(identity.Certificate)));
            app = builder.Build();
            app.Run(async http =>
            {
                http.Response.StatusCode = http.Request.Path == "/.well-known/mta-sts.txt" ? status : StatusCodes.Status404NotFound;
                http.Response.ContentType = mediaType;
                http.Response.Headers.Location = "https://elsewhere.test/";
                await http.Response.WriteAsync(body);
            });
            dns.A("mta-sts.far.test", "127.0.0.1");
        }

        public static async Task<PolicyHost> StartAsync(string mediaType, string body, int status = StatusCodes.Status200OK)
        {
            var host = new PolicyHost(mediaType, body, status);
            await host.app.StartAsync();
            return host;
        }

        public async Task<(string? Policy, string Reason)> FetchAsync(bool trusted)
        {
            var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
            using var fetch = new MtaStsFetch(
                new DnsResolver(new DnsResolverSettings { Servers = [dns.EndPoint] }, TimeProvider.System), new Uri(address).Port, TimeProvider.System,
                trusted ? new X509Certificate2Collection(identity.Certificate) : null);
            return await fetch.FetchAsync("far.test", CancellationToken.None);
        }

        public async ValueTask DisposeAsync()
        {
            await app.DisposeAsync();
            await identity.DisposeAsync();
            await dns.DisposeAsync();
        }
    }
}

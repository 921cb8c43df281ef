using System.Text;
using Commune.Mail.Dkim;

namespace Commune.Mail.Tests.Dkim;

public class CanonicalizationTests
{
    // RFC 6376 §3.4.5, example 1 to 3: the same message.
    private const string FieldA = "A: X\r\n";
    private const string FieldB = "B : Y\t\r\n\tZ  \r\n";
    private const string Body = " C \r\nD \t E\r\n\r\n\r\n";

    [Fact]
    public void Relaxed_headers_are_those_of_the_RFC()
    {
        Assert.Equal("a:X\r\n", Header(FieldA, CanonicalizationAlgorithm.Relaxed));
        Assert.Equal("b:Y Z\r\n", Header(FieldB, CanonicalizationAlgorithm.Relaxed));
    }

    [Fact]
    public void Simple_headers_are_those_of_the_RFC()
    {
        Assert.Equal(FieldA, Header(FieldA, CanonicalizationAlgorithm.Simple));
        Assert.Equal(FieldB, Header(FieldB, CanonicalizationAlgorithm.Simple));
    }

    [Fact]
    public void The_relaxed_body_is_that_of_the_RFC() =>
        Assert.Equal(" C\r\nD E\r\n", BodyOf(Body, CanonicalizationAlgorithm.Relaxed));

    [Fact]
    public void The_simple_body_is_that_of_the_RFC() =>
        Assert.Equal(" C \r\nD \t E\r\n", BodyOf(Body, CanonicalizationAlgorithm.Simple));

    [Theory]
    [InlineData("", "", "\r\n")]
    [InlineData("\r\n\r\n", "", "\r\n")]
    [InlineData(" \t\r\n \r\n", "", " \t\r\n \r\n")]
    [InlineData("no end", "no end\r\n", "no end\r\n")]
    [InlineData("a\r\n\r\nb\r\n", "a\r\n\r\nb\r\n", "a\r\n\r\nb\r\n")]
    [InlineData("a  \r\n", "a\r\n", "a  \r\n")]
    [InlineData("a\rb\nc\r\n", "a\rb\nc\r\n", "a\rb\nc\r\n")]
    [InlineData("a\r", "a\r\r\n", "a\r\r\n")]
    [InlineData("a\r\r\nb", "a\r\r\nb\r\n", "a\r\r\nb\r\n")]
    [InlineData("a \r b", "a \r b\r\n", "a \r b\r\n")]
    public void Bodies_at_the_edges(string body, string relaxed, string simple)
    {
        Assert.Equal(relaxed, BodyOf(body, CanonicalizationAlgorithm.Relaxed));
        Assert.Equal(simple, BodyOf(body, CanonicalizationAlgorithm.Simple));
    }

    [Theory]
    [InlineData("Subject:\r\n", "subject:\r\n")]
    [InlineData("Subject: \t \r\n", "subject:\r\n")]
    [InlineData("Subject:a\r\n b\r\n\t\tc", "subject:a b c\r\n")]
    [InlineData("SUBJECT \t:  a  b ", "subject:a b\r\n")]
    public void Relaxed_headers_at_the_edges(string field, string expected) =>
        Assert.Equal(expected, Header(field, CanonicalizationAlgorithm.Relaxed));

    [Theory]
    [InlineData(CanonicalizationAlgorithm.Relaxed)]
    [InlineData(CanonicalizationAlgorithm.Simple)]
    public void The_pieces_a_body_comes_in_make_no_difference(CanonicalizationAlgorithm algorithm)
    {
        var random = new Random(11);
        const string Alphabet = "\r\n\r\n \tab";
        for (var i = 0; i < 5_000; i++)
        {
            var body = string.Concat(Enumerable.Range(0, random.Next(24)).Select(_ => Alphabet[random.Next(Alphabet.Length)]));
            var output = new MemoryStream();
            var canonicalizer = new BodyCanonicalizer(algorithm, output.Write);
            var octets = Encoding.ASCII.GetBytes(body);
            for (var at = 0; at < octets.Length;)
            {
                var length = Math.Min(random.Next(1, 4), octets.Length - at);
                canonicalizer.Append(octets.AsSpan(at, length));
                at += length;
            }

            canonicalizer.Finish();
            Assert.Equal(BodyOf(body, algorithm), Encoding.ASCII.GetString(output.ToArray()));
        }
    }

    private static string Header(string field, CanonicalizationAlgorithm algorithm)
    {
        var output = new MemoryStream();
        Canonicalization.Header(Encoding.ASCII.GetBytes(field), algorithm, output.Write);
        return Encoding.ASCII.GetString(output.ToArray());
    }

    private static string BodyOf(string body, CanonicalizationAlgorithm algorithm)
    {
        var output = new MemoryStream();
        var canonicalizer = new BodyCanonicalizer(algorithm, output.Write);
        canonicalizer.Append(Encoding.ASCII.GetBytes(body));
        canonicalizer.Finish();
        return Encoding.ASCII.GetString(output.ToArray());
    }
}

using Commune.Mail.Mime;
using Commune.Mail.Tests.Testing;

namespace Commune.Mail.Tests.Mime;

/// <summary>Mutations of the corpus under a fixed seed and a random one: whatever comes, every question is answered and the answers are well-formed.</summary>
public sealed class MimeFuzzTests(ITestOutputHelper output)
{
    private const int RoundsPerFile = 150;

    private static readonly string[] Splices =
    [
        "\r\n", "\n", "\r", "\n\n", "--", "--b", "--b--", ":", ";", "=", "=?", "?=", "=?utf-8?B?", "=\r\n", "\0", "\"", "(", ")", "<", ">", "@", ",",
        "Content-Type: multipart/mixed; boundary=b\r\n", "Content-Type: message/rfc822\r\n", "Content-Type: text/html\r\n", "charset=utf-16", "charset=utf-7",
        "charset=iso-2022-jp", "charset=gb18030", "format=flowed", "Content-Transfer-Encoding: base64\r\n", "Content-Transfer-Encoding: quoted-printable\r\n",
        "Content-Transfer-Encoding: x-uuencode\r\n", "filename*0*=", "filename*=utf-8''%", "\u00FF", "\u00C3", "\u00ED\u00A0\u0080", " ", "\t", "<b>", "<!--", "&#0;", "+2AA-",
    ];

    [Fact]
    public void Mutated_messages_are_read_without_harm()
    {
        var files = Eml.CorpusFiles().Select(File.ReadAllBytes).ToList();
        Assert.True(files.Count >= 10);
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        foreach (var random in new[] { new Random(20261121), new Random(seed) })
        {
            foreach (var file in files)
                MutateAndRead(file, files, random);
        }
    }

    private static void MutateAndRead(byte[] file, List<byte[]> files, Random random)
    {
        Eml.Exhaust(MimeParser.Parse(file));
        for (var round = 0; round < RoundsPerFile; round++)
        {
            var bytes = Mutation.Of(file, files, Splices, random);
            var message = MimeParser.Parse(bytes);
            // Nothing expands without bound: HTML lines get at most a quotation mark or an indent in front.
            Assert.True(Eml.Exhaust(message) <= 100_000 + (40L * bytes.Length));
        }
    }
}

using System.Text.Json;
using Commune.Mail.Cryptography;

namespace Commune.Mail.Tests.Cryptography;

public class Ed25519Tests(ITestOutputHelper output)
{
    // RFC 8032 §7.1: TEST 1, TEST 2, TEST 3, TEST SHA(abc).
    [Theory]
    [InlineData(
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")]
    [InlineData(
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")]
    [InlineData(
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")]
    [InlineData(
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704")]
    public void The_vectors_of_the_RFC(string secret, string publicKey, string message, string signature)
    {
        var key = Convert.FromHexString(secret);
        Assert.Equal(publicKey, Convert.ToHexStringLower(Ed25519.PublicKey(key)));
        Assert.Equal(signature, Convert.ToHexStringLower(Ed25519.Sign(key, Convert.FromHexString(message))));
        Assert.True(Ed25519.Verify(Convert.FromHexString(publicKey), Convert.FromHexString(message), Convert.FromHexString(signature)));
    }

    [Fact]
    public void Every_Wycheproof_vector_gets_its_verdict()
    {
        using var suite = JsonDocument.Parse(File.ReadAllText(Machine.Conformance("ed25519/wycheproof-ed25519.json")));
        var count = 0;
        foreach (var group in suite.RootElement.GetProperty("testGroups").EnumerateArray())
        {
            var key = Hex(group.GetProperty("publicKey").GetProperty("pk"));
            foreach (var test in group.GetProperty("tests").EnumerateArray())
            {
                count++;
                var verdict = Ed25519.Verify(key, Hex(test.GetProperty("msg")), Hex(test.GetProperty("sig"))) ? "valid" : "invalid";
                Assert.True(verdict == test.GetProperty("result").GetString(), $"tcId {test.GetProperty("tcId")}: {verdict}");
            }
        }

        output.WriteLine($"Wycheproof Ed25519: {count} of {suite.RootElement.GetProperty("numberOfTests")} as expected");
        Assert.Equal(suite.RootElement.GetProperty("numberOfTests").GetInt32(), count);

        static byte[] Hex(JsonElement element) => Convert.FromHexString(element.GetString()!);
    }

    [Fact]
    public void A_generated_key_signs_what_its_public_half_verifies_and_nothing_else()
    {
        var key = Ed25519.GenerateKey();
        var signature = Ed25519.Sign(key, "one"u8);
        Assert.True(Ed25519.Verify(Ed25519.PublicKey(key), "one"u8, signature));
        Assert.False(Ed25519.Verify(Ed25519.PublicKey(key), "two"u8, signature));
        Assert.False(Ed25519.Verify(Ed25519.PublicKey(Ed25519.GenerateKey()), "one"u8, signature));
    }

    [Theory]
    [InlineData(0, 64)]
    [InlineData(31, 64)]
    [InlineData(33, 64)]
    [InlineData(32, 0)]
    [InlineData(32, 63)]
    [InlineData(32, 65)]
    public void A_key_or_signature_of_another_size_verifies_nothing(int keySize, int signatureSize) =>
        Assert.False(Ed25519.Verify(new byte[keySize], "x"u8, new byte[signatureSize]));

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(64)]
    public void A_private_key_of_another_size_is_refused(int size)
    {
        Assert.Throws<ArgumentException>(() => Ed25519.Sign(new byte[size], "x"u8));
        Assert.Throws<ArgumentException>(() => Ed25519.PublicKey(new byte[size]));
    }

    [Fact]
    public void Many_threads_may_sign_and_verify_at_once()
    {
        var key = Ed25519.GenerateKey();
        var expected = Ed25519.Sign(key, "one"u8);
        Parallel.For(0, 500, _ =>
        {
            Assert.Equal(expected, Ed25519.Sign(key, "one"u8));
            Assert.True(Ed25519.Verify(Ed25519.PublicKey(key), "one"u8, expected));
        });
    }

    [Fact]
    public void A_key_survives_PEM()
    {
        var key = Ed25519.GenerateKey();
        Assert.True(Ed25519Pem.TryRead(Ed25519Pem.Write(key), out var read));
        Assert.Equal(key, read);
    }

    // RFC 8410 §10.3.
    [Fact]
    public void The_PEM_key_of_the_RFC_is_read()
    {
        const string Pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----";
        Assert.True(Ed25519Pem.TryRead(Pem, out var key));
        // Its public half is printed in §10.1.
        Assert.Equal("19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1", Convert.ToHexStringLower(Ed25519.PublicKey(key)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PUBLIC KEY-----")]
    public void A_text_that_is_no_such_key_is_not_read(string pem) => Assert.False(Ed25519Pem.TryRead(pem, out _));
}

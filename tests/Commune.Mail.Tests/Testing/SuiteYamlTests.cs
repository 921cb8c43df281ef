namespace Commune.Mail.Tests.Testing;

public class SuiteYamlTests
{
    [Fact]
    public void A_literal_block_keeps_its_lines_and_a_folded_one_joins_them()
    {
        var document = Assert.Single(SuiteYaml.Read("a: |\n  one\n    two\n\n  three\n\nb: >-\n  four\n  five\n"));

        Assert.Equal("one\n  two\n\nthree\n", document["a"]!.Text);
        Assert.Equal("four five", document["b"]!.Text);
    }

    [Fact]
    public void A_literal_block_without_content_is_empty()
    {
        var document = Assert.Single(SuiteYaml.Read("a:\n  message: |\n\n  cv: None\n"));

        Assert.Equal("", document["a"]!["message"]!.Text);
        Assert.Equal("None", document["a"]!["cv"]!.Text);
    }

    [Fact]
    public void Items_are_mappings_flow_sequences_and_plain_words()
    {
        var items = Assert.Single(SuiteYaml.Read("- MX: [10, 'a, b', {k: v}]\n- TIMEOUT\n")).Items;

        Assert.Equal(["10", "a, b"], items[0]["MX"]!.Items.Take(2).Select(item => item.Text), StringComparer.Ordinal);
        Assert.Equal("v", items[0]["MX"]!.Items[2]["k"]!.Text);
        Assert.Equal("TIMEOUT", items[1].Text);
    }

    [Fact]
    public void Escapes_and_colons_inside_quotes_are_read()
    {
        var document = Assert.Single(SuiteYaml.Read("\"a: b\": \"\\x41\\\"\\0\"\nhost: ::FFFF:1.2.3.4 # a comment\n"));

        Assert.Equal("A\"\0", document["a: b"]!.Text);
        Assert.Equal("::FFFF:1.2.3.4", document["host"]!.Text);
    }
}

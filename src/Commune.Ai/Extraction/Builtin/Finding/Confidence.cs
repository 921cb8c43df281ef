namespace Commune.Ai.Extraction.Builtin.Finding;

/// <summary>
/// How much each kind of evidence is worth. A label's worth is multiplied by how well it names the property.
/// <list type="table">
/// <item><term>0.95</term><description>A labelled line: "Order no.: A-17".</description></item>
/// <item><term>0.93</term><description>A cell below its heading.</description></item>
/// <item><term>0.88</term><description>A value on the line below its label.</description></item>
/// <item><term>0.86</term><description>The property's words beside the value: "my order A-17".</description></item>
/// <item><term>0.85</term><description>A person's own introduction: "my name is Kim Lee".</description></item>
/// <item><term>0.82</term><description>A label set apart by dots, a dash or the end of the line only.</description></item>
/// <item><term>0.8</term><description>The only text that fits the schema's pattern; the signature.</description></item>
/// <item><term>0.75</term><description>The property's words near the value; a value of an enumeration named; a plain statement.</description></item>
/// <item><term>0.7</term><description>The From header.</description></item>
/// <item><term>0.65</term><description>The property's words in the same sentence; a synonym.</description></item>
/// <item><term>0.6</term><description>The only value of its kind in the mail.</description></item>
/// </list>
/// What stands in quoted mail counts 0.8 of that, in code 0.85; a day counted from the date of the mail 0.9.
/// </summary>
internal static class Confidence
{
    public const double Label = 0.95;
    public const double Cell = 0.93;
    public const double Below = 0.88;
    public const double Beside = 0.86;
    public const double Introduction = 0.85;
    public const double Loose = 0.82;
    public const double Pattern = 0.8;
    public const double Signature = 0.8;
    public const double Near = 0.75;
    public const double Named = 0.75;
    public const double Statement = 0.75;
    public const double FromHeader = 0.7;
    public const double SameSentence = 0.65;
    public const double Synonym = 0.65;
    public const double Single = 0.6;

    public const double QuotedFactor = 0.8;
    public const double CodeFactor = 0.85;
    public const double RelativeFactor = 0.9;

    /// <summary>Two values that are no farther apart are equally likely, and neither is taken.</summary>
    public const double Tie = 0.02;
}

namespace Commune.Ai.AttachmentText.Pdf;

/// <summary>An object of ISO 32000-1 §7.3. What is absent, null or broken is a C# null.</summary>
internal abstract record PdfObject
{
    private PdfObject()
    {
    }

    public sealed record Number(double Value) : PdfObject
    {
        /// <summary>Whole numbers; 0 for what does not fit.</summary>
        public int Whole => Value is > int.MinValue and < int.MaxValue ? (int)Value : 0;
    }

    public sealed record Name(string Value) : PdfObject;

    public sealed record Text(byte[] Bytes) : PdfObject;

    public sealed record Flag(bool Value) : PdfObject;

    public sealed record Array(IReadOnlyList<PdfObject?> Items) : PdfObject;

    public sealed record Dictionary(IReadOnlyDictionary<string, PdfObject?> Entries) : PdfObject
    {
        public static Dictionary Empty { get; } = new(new Dictionary<string, PdfObject?>(StringComparer.Ordinal));

        public PdfObject? this[string name] => Entries.GetValueOrDefault(name);
    }

    /// <summary>A dictionary and the bytes that follow it, still encoded.</summary>
    public sealed record Stream(Dictionary Header, ReadOnlyMemory<byte> Raw) : PdfObject;

    public sealed record Reference(int ObjectNumber) : PdfObject;

    /// <summary>A word that is no object: an operator, "obj", "stream".</summary>
    public sealed record Keyword(string Value) : PdfObject;

    /// <summary>The end of the bytes.</summary>
    public sealed record End : PdfObject
    {
        public static End Reached { get; } = new();
    }
}

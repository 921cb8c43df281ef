using Commune.Ai.Extraction.Builtin.Values;

namespace Commune.Ai.Extraction.Builtin.Reading;

/// <summary>A mail taken apart once, for all properties of a schema.</summary>
internal sealed class MailReading
{
    private const int MostPlaces = 300;

    private readonly Dictionary<string, List<int>> _places = new(StringComparer.Ordinal);

    public MailReading(MailText mail, IReadOnlyCollection<string> properties)
    {
        Mail = mail;
        Text = mail.Visible;
        Lines = MailLines.Of(mail);
        Trust = Directives.Of(Text, Lines, properties);
        for (var i = 0; i < Lines.Count; i++)
        {
            if (Trust[i] is not (LineTrust.Full or LineTrust.Beside) || Lines[i].IsBlank)
                continue;
            WordReader.Read(Text, Lines[i].Start, Lines[i].End, i, Words);
            if (Lines[i].IsOwn && Trust[i] == LineTrust.Full)
                WordReader.ReadPlain(Text, Lines[i].Start, Lines[i].End, i, Own);
        }
        for (var i = 0; i < Words.Count; i++)
        {
            foreach (var concept in Words[i].Concepts)
            {
                if (!_places.TryGetValue(concept, out var places))
                    _places[concept] = places = [];
                if (places.Count < MostPlaces)
                    places.Add(i);
            }
        }
        Sentences = SentenceReader.Read(this);
        Labels = LabelReader.Read(this);
        Tables = TableReader.Read(this);
        Values = new TypedValues(this);
    }

    public MailText Mail { get; }

    /// <summary>What all places count in.</summary>
    public string Text { get; }

    public List<TextLine> Lines { get; }

    public LineTrust[] Trust { get; }

    /// <summary>The words of all lines that are written to people, in order.</summary>
    public List<Word> Words { get; } = [];

    /// <summary>Those of the subject and the new text, phrases not joined.</summary>
    public List<Word> Own { get; } = [];

    /// <summary>The sentences of <see cref="Own"/>.</summary>
    public List<Sentence> Sentences { get; }

    public List<Label> Labels { get; }

    public List<Table> Tables { get; }

    public TypedValues Values { get; }

    /// <summary>Where a concept is named: indexes of <see cref="Words"/>.</summary>
    public List<int> PlacesOf(string concept) => _places.TryGetValue(concept, out var places) ? places : [];

    /// <summary>The index of the first word that begins at a place or behind it.</summary>
    public int WordAt(int place)
    {
        var low = 0;
        var high = Words.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Words[middle].Start < place)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    /// <summary>The index of the line that holds a place.</summary>
    public int LineAt(int place)
    {
        var low = 0;
        var high = Lines.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Lines[middle].Start <= place)
                low = middle + 1;
            else
                high = middle;
        }
        return Math.Max(0, low - 1);
    }

    public ReadOnlySpan<char> SpanOf(TextLine line) => Text.AsSpan(line.Start, line.Length);
}

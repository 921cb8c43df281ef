using System.Collections.Frozen;
using Commune.Ai.Extraction.Builtin.Reading;

namespace Commune.Ai.Extraction.Builtin.Fields;

/// <summary>One of the names of a property, by what it means.</summary>
/// <param name="Subjects">What it is about: order, invoice, due.</param>
/// <param name="Types">What kind of value: id, date, amount.</param>
/// <param name="Context">What the object around it is about; a label need not repeat it.</param>
internal sealed record FieldName(IReadOnlyList<string> Subjects, IReadOnlyList<string> Types, IReadOnlyList<string> Context)
{
    /// <summary>A label that scores less is another's.</summary>
    public const double Enough = 0.55;

    private const double MissingType = 0.04;
    private const double MissingWeak = 0.03;
    private const double MissingSubject = 0.2;
    private const double ExtraWeak = 0.03;
    private const double ExtraSubject = 0.14;
    private const double ExtraDecisive = 0.5;

    private static readonly FrozenSet<string> TypeConcepts = new[]
    {
        "id", "date", "time", "amount", "count", "name", "email", "phone", "address", "link", "percent", "currency", "text", "message", "comment",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, string> Implied = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["total"] = "amount", ["price"] = "amount", ["subtotal"] = "amount", ["fee"] = "amount", ["budget"] = "amount", ["salary"] = "amount", ["deposit"] = "amount", ["outstanding"] = "amount",
        ["appointment"] = "date", ["guest"] = "count",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Who it is about hardly matters in the sender's own mail.</summary>
    private static readonly FrozenSet<string> Weak = new[]
    {
        "customer", "contact", "sender", "user", "candidate", "preferred", "kind", "issue", "event", "full", "main", "booking", "member", "gross", "person", "work", "home", "business", "best", "daytime", "private", "registered",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>They tell one date, amount or id from another: a label with one of them means that one only.</summary>
    private static readonly FrozenSet<string> Decisive = new[]
    {
        "due", "start", "end", "checkin", "checkout", "birth", "net", "tax", "subtotal", "deposit", "discount", "refund", "fee", "credit", "return", "unit", "fax", "tracking", "po",
        "serial", "sku", "first", "last", "origin", "destination", "shipping", "billing", "outstanding", "iban", "bic", "adult", "child", "night", "company", "vendor", "recipient", "account",
        "customer", "salary", "budget", "experience", "age", "notice", "weight", "size", "error", "warranty", "contract", "payment",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Fillers = new[]
    {
        "the", "a", "an", "of", "for", "your", "my", "our", "is", "are", "was", "de", "la", "le", "les", "du", "des", "der", "die", "das", "den", "dem", "el", "los", "las", "di", "del", "della", "dell", "van", "het", "do", "da", "dos",
        "ihre", "ihr", "ihrer", "deine", "meine", "mein", "unsere", "votre", "notre", "mon", "ma", "su", "sus", "tu", "mi", "vostro", "suo", "mio", "uw", "je", "mijn", "sua", "seu", "meu", "minha", "in", "on", "at", "by", "with", "per", "and", "und", "et", "y", "e",
        "please", "want", "wants", "need", "needs", "needed", "require", "requires", "required", "has", "have", "does", "will", "should", "whether", "true", "value", "field", "info", "information", "detail", "current", "primary", "exact", "extracted", "mentioned", "provided", "any", "if", "as", "to", "d", "l", "iso", "should", "be", "que", "what", "which", "'s", "s", "requested", "or", "o", "ou", "oder",
    }.ToFrozenSet(StringComparer.Ordinal);

    public bool IsEmpty => Subjects.Count == 0 && Types.Count == 0;

    /// <param name="context">The subjects of the object around it.</param>
    public static FieldName Of(string text, IReadOnlyList<string> context)
    {
        var (subjects, types) = Split(WordReader.OfName(text));
        return new FieldName(subjects, types, [.. context.Except(subjects, StringComparer.Ordinal)]);
    }

    public bool HasType(string type) => Types.Contains(type, StringComparer.Ordinal);

    public bool IsAbout(string subject) => Subjects.Contains(subject, StringComparer.Ordinal) || Context.Contains(subject, StringComparer.Ordinal);

    /// <summary>Whether every subject is one that a mail need not name.</summary>
    public bool IsGeneral => Subjects.All(Weak.Contains);

    public static bool IsFiller(string folded) => Fillers.Contains(folded);

    public static bool IsDecisive(string concept) => Decisive.Contains(concept);

    public static bool IsWeak(string concept) => Weak.Contains(concept);

    public static bool IsType(string concept) => TypeConcepts.Contains(concept);

    /// <summary>How well a label names the property: 0 to 1, 0 when it names something else.</summary>
    /// <param name="mayLackPlace">It is the only address of its object: "Address" is enough for "shipping_address".</param>
    public double Score(IReadOnlyList<Word> label, bool mayLackPlace)
    {
        var (subjects, types) = Split(label);
        return Score(subjects, types, mayLackPlace);
    }

    public double Score(IReadOnlyList<string> subjects, IReadOnlyList<string> types, bool mayLackPlace)
    {
        if (Subjects.Count == 0 && Types.Count == 0)
            return 0;
        if (Types.Count > 0 && types.Count > 0 && !types.Any(HasType) && !(HasType("message") && types.Contains("comment", StringComparer.Ordinal)))
            return 0;
        var common = Subjects.Count(own => subjects.Contains(own, StringComparer.Ordinal));
        var score = 1.0;
        if (Subjects.Count == 0)
        {
            // "Contact person: Kim" names the contact's name.
            var named = HasType("name") && types.Count == 0 && subjects.Count > 0 && subjects.All(subject => Context.Contains(subject, StringComparer.Ordinal) || subject is "guest");
            var implied = named || subjects.Any(subject => Implied.TryGetValue(subject, out var type) && HasType(type));
            if (!types.Any(HasType) && !implied)
                return 0;
        }
        else if (common == 0)
        {
            // "Name" for customer_name; "Number" for invoice_number.
            if (subjects.Any(subject => !Context.Contains(subject, StringComparer.Ordinal) && !Weak.Contains(subject)) || !types.Any(HasType))
                return 0;
            if (Subjects.Any(own => Decisive.Contains(own) && !Weak.Contains(own) && !(mayLackPlace && own is "shipping" or "billing")))
                return 0;
        }
        foreach (var own in Subjects)
        {
            if (subjects.Contains(own, StringComparer.Ordinal))
                continue;
            if (Decisive.Contains(own) && !Weak.Contains(own) && !(mayLackPlace && own is "shipping" or "billing"))
                return 0;
            score -= Weak.Contains(own) ? MissingWeak : MissingSubject;
        }
        foreach (var other in subjects)
        {
            if (Subjects.Contains(other, StringComparer.Ordinal) || Context.Contains(other, StringComparer.Ordinal))
                continue;
            score -= Decisive.Contains(other) && other is not "outstanding" && !(Weak.Contains(other) && HasPersonType) ? ExtraDecisive : Weak.Contains(other) ? ExtraWeak : ExtraSubject;
        }
        if (Types.Count > 0 && types.Count == 0)
            score -= MissingType;
        return Math.Max(0, score);
    }

    private bool HasPersonType => HasType("name") || HasType("email") || HasType("phone") || HasType("address");

    private static (List<string> Subjects, List<string> Types) Split(IReadOnlyList<Word> words)
    {
        var subjects = new List<string>();
        var types = new List<string>();
        foreach (var word in words)
        {
            if (Fillers.Contains(word.Folded))
                continue;
            foreach (var concept in word.Concepts)
            {
                var list = TypeConcepts.Contains(concept) ? types : subjects;
                if (!Fillers.Contains(concept) && !list.Contains(concept, StringComparer.Ordinal))
                    list.Add(concept);
            }
        }
        return (subjects, types);
    }
}

using System.Text.RegularExpressions;

namespace Commune.Ai.Extraction.Builtin.Reading;

#pragma warning disable MA0009 // They read one line of bounded length, and no repetition is nested in another: there is nothing to backtrack into.

/// <summary>
/// Finds what is written to the reader as a machine: orders to set a property, to forget its instructions, data that names properties.
/// A mail says what its sender wants in words to people; words to the program are no evidence of anything.
/// </summary>
internal static partial class Directives
{
    /// <summary>What each line is worth as evidence.</summary>
    /// <param name="properties">The names of the schema's properties.</param>
    public static LineTrust[] Of(string text, List<TextLine> lines, IReadOnlyCollection<string> properties)
    {
        var trust = new LineTrust[lines.Count];
        var names = properties.Where(IsProgrammatic).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var all = properties.Select(Spoken).Where(name => name.Length > 0).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var tainted = false;
        var opensBlock = false;
        for (var i = 0; i < lines.Count; i++)
        {
            var line = lines[i];
            if (line.IsBlank)
            {
                // "Return this:" and a blank line do not end the order.
                tainted = tainted && opensBlock;
                opensBlock = false;
                continue;
            }
            var span = text.AsSpan(line.Start, line.Length);
            opensBlock = tainted && opensBlock;
            if (IsDirective(span, names, all))
            {
                tainted = true;
                TaintBack(lines, trust, i);
            }
            if (tainted)
            {
                trust[i] = LineTrust.None;
                opensBlock = span[^1] is ':' or '{' or '[';
            }
            else
            {
                trust[i] = IsCode(span) ? LineTrust.Code : LineTrust.Full;
            }
        }
        return trust;
    }

    // "wants_refund", "wantsRefund": nobody says that to a person.
    private static bool IsProgrammatic(string name) =>
        name.Contains('_', StringComparison.Ordinal) || name.Contains('-', StringComparison.Ordinal)
        || (name.Length > 2 && char.IsLower(name[0]) && name.Any(char.IsUpper));

    private static string Spoken(string name) => string.Join(' ', WordReader.OfName(name).Select(word => word.Folded));

    /// <summary>A sentence that runs over several lines is one.</summary>
    private static void TaintBack(List<TextLine> lines, LineTrust[] trust, int line)
    {
        if (line > 0 && !lines[line - 1].IsBlank && lines[line - 1].Part == lines[line].Part && trust[line - 1] == LineTrust.Full && lines[line - 1].Length > 50)
            trust[line - 1] = LineTrust.None;
    }

    private static bool IsDirective(ReadOnlySpan<char> line, HashSet<string> names, HashSet<string> spoken) =>
        Override.IsMatch(line) || Machine.IsMatch(line) || Turn.IsMatch(line) || SetsProperty(line, spoken) || NamesProperty(line, names);

    /// <summary>"set the urgency to critical"</summary>
    private static bool SetsProperty(ReadOnlySpan<char> line, HashSet<string> spoken)
    {
        foreach (var match in Setting.EnumerateMatches(line))
        {
            var phrase = line.Slice(match.Index, match.Length);
            var space = phrase.IndexOf(' ');
            var name = Folded(phrase[(space + 1)..]);
            if (spoken.Any(property => name.Contains(" " + property + " ", StringComparison.OrdinalIgnoreCase)))
                return true;
        }
        return false;
    }

    private static string Folded(ReadOnlySpan<char> phrase) => " " + Spoken(phrase.ToString()) + " ";

    /// <summary>A property's own name in a sentence or in data; a form's line "order_id: A-17" is neither.</summary>
    private static bool NamesProperty(ReadOnlySpan<char> line, HashSet<string> names)
    {
        if (names.Count == 0 || IsFormLine(line))
            return false;
        foreach (var match in Programmatic.EnumerateMatches(line))
        {
            if (names.GetAlternateLookup<ReadOnlySpan<char>>().Contains(line.Slice(match.Index, match.Length)) && !IsInQuotes(line, match.Index))
                return true;
        }
        return false;
    }

    private static bool IsFormLine(ReadOnlySpan<char> line)
    {
        var colon = line.IndexOfAny(':', '\t');
        return colon > 0 && !line[..colon].TrimEnd().Contains(' ') && line[0] is not ('"' or '\'' or '{' or '`');
    }

    // Data is judged as data.
    private static bool IsInQuotes(ReadOnlySpan<char> line, int at) => at > 0 && line[at - 1] is '"' or '\'' && IsCode(line);

    private static bool IsCode(ReadOnlySpan<char> line) =>
        line[0] is '{' or '}' or '[' or '<' or '`' || CodePair.IsMatch(line);

    [GeneratedRegex(
        """
        \b(?:ignore|disregard|forget|override|bypass|skip)\b.{0,60}\b(?:instructions?|prompts?|rules|guidelines|directives?|schema|programming|constraints)\b
        |\b(?:ignoriere?n?|vergiss|vergessen\sSie|missachte)\b.{0,60}\b(?:anweisung(?:en)?|instruktionen|regeln|vorgaben|schema)\b
        |\b(?:ignore[zr]?|oublie[zr]?)\b.{0,60}\b(?:instructions?|consignes?|règles|directives)\b
        |\b(?:ignor[ae]n?|olvid[ae]n?)\b.{0,60}\b(?:instrucciones|reglas|indicaciones|istruzioni|regole|instruções|regras)\b
        |\b(?:esqueç[ae]|dimentic[ahi]+)\b.{0,60}\b(?:instruções|regras|istruzioni|regole)\b
        |\b(?:negeer|vergeet)\b.{0,60}\b(?:instructies|regels|aanwijzingen|opdrachten)\b
        |\bnew\s(?:instructions?|rules?|system\sprompt)\s?:
        """,
        Options)]
    private static partial Regex Override { get; }

    [GeneratedRegex(
        """
        \byou\sare\s(?:now\s)?(?:an?\s|the\s)?(?:ai|llm|assistant|language\smodel|bot|parser|extractor|extraction)\b|\bas\san\s(?:ai|llm)\b
        |\b(?:note|message|instructions?|attention|memo|dear|hey|hello|hi)\s(?:to|for)?\s?(?:the\s|all\s|any\s|our\s|your\s)?(?:ai|llms?|ai\sassistant|language\smodel|bot|parser|extractor|extraction|model|agent|automation|machine)\b
        |\bsystem\sprompt\b|\b(?:extraction|extracted|output)\s(?:result|data|schema|json|fields?|must|should)\b|\bjson\s(?:output|object|response|schema|field)\b
        |\b(?:respond|reply|answer|return|output|print|emit)\s(?:only\s)?(?:with\s|in\s)?(?:the\sfollowing\s|this\s|valid\s)?(?:json|\{|schema)
        |\b(?:the|this|every|each|all)\s(?:field|property|properties|attribute|boolean|schema|extractor|parser|llm)s?\b.{0,40}\b(?:to|as|must|should|is|are|=)\b
        |\b(?:ki|ia)[\s-](?:assistent|assistant|asistente|assistente)\b
        """,
        Options)]
    private static partial Regex Machine { get; }

    [GeneratedRegex(
        @"^(?:\#{1,4}\s?)?(?:system|assistant|developer|instructions?|tool)\s?(?:message|prompt)?\s?:|<\|?(?:im_start|im_end|system|assistant|endoftext)|\[/?(?:inst|system)\]|<<sys>>|<(?:system|instructions?|prompt)>",
        Options)]
    private static partial Regex Turn { get; }

    [GeneratedRegex(
        """
        \b(?:set|mark|fill|put|change|update|record|assign|output|return|report|write|enter|setze?n?|ändere|trage|mets|mettez|définis|définissez|pon|ponga|establece|establezca|imposta|impostare|stel|zet|defina|defin[ae])\s
        [^.!?:=]{1,60}?(?:\sto\s|\sas\s|\sauf\s|\ssur\s|\sà\s|\scomo\s|\sa\s|\sop\s|\sin\s|\spara\s|\swith\s|\s?=|\s?:)
        """,
        Options)]
    private static partial Regex Setting { get; }

    [GeneratedRegex(@"[A-Za-z][A-Za-z0-9]*(?:[_-][A-Za-z0-9]+)+|[a-z]+[A-Z][A-Za-z0-9]*")]
    private static partial Regex Programmatic { get; }

    [GeneratedRegex("""["'][\w .-]{1,60}["']\s?:|\w=["']""")]
    private static partial Regex CodePair { get; }

    private const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace;
}

/// <summary>What a line is worth as evidence.</summary>
internal enum LineTrust
{
    /// <summary>Written to the program: nothing.</summary>
    None,

    /// <summary>Data in a programming language: it can name ids and texts, not decide what the sender wants.</summary>
    Code,

    /// <summary>Written to people.</summary>
    Full,
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Commune.Ai.JsonSchema;

/// <summary>
/// Reads a regular expression of ECMA-262 with the flag u, as JSON Schema means its patterns, into a .NET one with the same meaning:
/// \d, \w, \b are ASCII, the dollar sign is the very end, a character beyond U+FFFF is one character.
/// </summary>
internal sealed class EcmaPattern
{
    private const string SyntaxCharacters = @"^$\.*+?()[]{}|/";

    private readonly string source;
    private readonly StringBuilder output = new();
    private int at;
    private int open;
    private bool quantifiable;

    private EcmaPattern(string source) => this.source = source;

    /// <summary>False with a sentence on what is wrong.</summary>
    public static bool TryRead(string source, [NotNullWhen(true)] out Regex? regex, [NotNullWhen(false)] out string? problem)
    {
        regex = null;
        problem = source.Length > SchemaLimits.PatternLength ? $"is longer than {SchemaLimits.PatternLength} characters" : null;
        if (problem is not null)
            return false;
        try
        {
            var pattern = new EcmaPattern(source).Translate();
            regex = Compile(pattern);
            return true;
        }
        catch (FormatException error)
        {
            problem = error.Message;
        }
        catch (ArgumentException)
        {
            problem = "is not a regular expression";
        }

        return false;
    }

    /// <summary>In time that grows with the text alone where the pattern permits it; else by backtracking, under the time limit of a match.</summary>
    private static Regex Compile(string pattern)
    {
        const RegexOptions Plain = RegexOptions.CultureInvariant;
        try
        {
            return new Regex(pattern, Plain | RegexOptions.NonBacktracking, SchemaLimits.OneMatch);
        }
        catch (NotSupportedException)
        {
            return new Regex(pattern, Plain, SchemaLimits.OneMatch);
        }
    }

    private string Translate()
    {
        while (at < source.Length)
            Term();
        if (open > 0)
            throw new FormatException("has a group that is not closed");
        return output.ToString();
    }

    private void Term()
    {
        var c = source[at];
        switch (c)
        {
            case '(':
                Group();
                break;
            case ')':
                if (--open < 0)
                    throw new FormatException("closes a group that was not opened");
                Write(")", 1, repeatable: true);
                break;
            case '|':
                Write("|", 1, repeatable: false);
                break;
            case '^':
                Write("^", 1, repeatable: false);
                break;
            case '$':
                Write(@"\z", 1, repeatable: false);
                break;
            case '.':
                Write(CodePoints.LineEnds.ToPattern(negated: true), 1, repeatable: true);
                break;
            case '[':
                at++;
                Write(Class(), 0, repeatable: true);
                break;
            case '\\':
                Escape();
                break;
            case '*' or '+' or '?' or '{':
                Quantifier();
                break;
            case ']' or '}':
                throw new FormatException($"has a {c} that closes nothing: write \\{c}");
            default:
                Literal(NextPoint());
                break;
        }
    }

    private void Write(string text, int taken, bool repeatable)
    {
        output.Append(text);
        at += taken;
        quantifiable = repeatable;
    }

    private void Literal(int point) => Write(CodePoints.Of((point, point)).ToPattern(negated: false), 0, repeatable: true);

    private int NextPoint()
    {
        var point = char.IsSurrogatePair(source, at) ? char.ConvertToUtf32(source, at) : source[at];
        at += point > 0xFFFF ? 2 : 1;
        return point;
    }

    private bool Follows(string text) => source.AsSpan(at).StartsWith(text, StringComparison.Ordinal);

    private void Group()
    {
        open++;
        if (open > 100)
            throw new FormatException("has groups in groups beyond 100 levels");
        foreach (var kind in (ReadOnlySpan<string>)["(?:", "(?=", "(?!", "(?<=", "(?<!"])
        {
            if (Follows(kind))
            {
                Write(kind, kind.Length, repeatable: false);
                return;
            }
        }

        if (!Follows("(?"))
        {
            Write("(", 1, repeatable: false);
            return;
        }

        var end = Follows("(?<") ? source.IndexOf('>', at) : -1;
        if (end < 0)
            throw new FormatException("has a kind of group that ECMA-262 does not know");
        Write($"(?<{Name(source[(at + 3)..end])}>", end + 1 - at, repeatable: false);
    }

    private static string Name(string name) => name.Length > 0 && name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_') && !char.IsAsciiDigit(name[0])
        ? name
        : throw new FormatException("has a group name that is not made of letters, digits and _");

    private void Quantifier()
    {
        if (!quantifiable)
            throw new FormatException($"has a {source[at]} with nothing before it to repeat: write \\{source[at]} for the character itself");
        var length = source[at] == '{' ? Count() : 1;
        if (at + length < source.Length && source[at + length] == '?')
            length++;
        Write(source.Substring(at, length), length, repeatable: false);
    }

    private int Count()
    {
        var end = source.IndexOf('}', at);
        var bounds = end < 0 ? [] : source[(at + 1)..end].Split(',');
        if (bounds.Length is not (1 or 2) || !IsCount(bounds[0]) || (bounds.Length == 2 && bounds[1].Length > 0 && !IsCount(bounds[1])))
            throw new FormatException(@"has a { that is no count of repetitions: write \{");
        return end + 1 - at;
    }

    private static bool IsCount(string text) => text.Length is > 0 and < 8 && text.All(char.IsAsciiDigit);

    private void Escape()
    {
        var next = at + 1 < source.Length ? source[at + 1] : throw new FormatException(@"ends in a single \");
        switch (next)
        {
            case 'b' or 'B':
                // .NET's own word boundary goes by all letters of Unicode.
                const string Word = "[A-Za-z0-9_]";
                Write(next == 'b'
                    ? $"(?:(?<={Word})(?!{Word})|(?<!{Word})(?={Word}))"
                    : $"(?:(?<={Word})(?={Word})|(?<!{Word})(?!{Word}))", 2, repeatable: false);
                return;
            case >= '1' and <= '9':
                var digits = source.AsSpan(at + 1).IndexOfAnyExceptInRange('0', '9');
                var number = digits < 0 ? source[(at + 1)..] : source.Substring(at + 1, digits);
                // In ECMA-262 a group that took part in nothing matches the empty text; .NET's would fail.
                Write($"(?:(?({number})\\k<{number}>))", 1 + number.Length, repeatable: true);
                return;
            case 'k':
                var end = Follows(@"\k<") ? source.IndexOf('>', at) : -1;
                if (end < 0)
                    throw new FormatException(@"has a \k without the name of a group");
                Write($"\\k<{Name(source[(at + 3)..end])}>", end + 1 - at, repeatable: true);
                return;
            default:
                Write(EscapedSet(inClass: false).ToPattern(negated: false), 0, repeatable: true);
                return;
        }
    }

    /// <summary>The character or class that an escape stands for; moves behind it.</summary>
    private CodePoints EscapedSet(bool inClass)
    {
        var c = source[at + 1];
        at += 2;
        return c switch
        {
            'd' => CodePoints.Digits,
            'D' => CodePoints.Digits.Complement(),
            'w' => CodePoints.Word,
            'W' => CodePoints.Word.Complement(),
            's' => CodePoints.Space,
            'S' => CodePoints.Space.Complement(),
            'p' or 'P' => Property(negated: c == 'P'),
            't' => One('\t'),
            'n' => One('\n'),
            'v' => One('\v'),
            'f' => One('\f'),
            'r' => One('\r'),
            'b' when inClass => One('\b'),
            '0' when at >= source.Length || !char.IsAsciiDigit(source[at]) => One('\0'),
            'c' when at < source.Length && char.IsAsciiLetter(source[at]) => One(source[at++] & 0x1F),
            'x' => One(Hex(2)),
            'u' => One(UnicodeEscape()),
            _ when SyntaxCharacters.Contains(c, StringComparison.Ordinal) || char.IsAsciiDigit(c) is false && char.IsAsciiLetter(c) is false && c < 0x80 => One(c),
            _ => throw new FormatException($"has \\{c}, which ECMA-262 does not know"),
        };
    }

    private static CodePoints One(int point) => CodePoints.Of((point, point));

    private int Hex(int digits)
    {
        if (at + digits > source.Length || !int.TryParse(source.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            throw new FormatException("has an escape that lacks hex digits");
        at += digits;
        return value;
    }

    private int UnicodeEscape()
    {
        if (at < source.Length && source[at] == '{')
        {
            var end = source.IndexOf('}', at);
            if (end < 0 || !int.TryParse(source.AsSpan(at + 1, end - at - 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var point)
                || point is < 0 or > 0x10FFFF)
                throw new FormatException(@"has a \u{…} that is no character");
            at = end + 1;
            return point;
        }

        var unit = Hex(4);
        if (!char.IsHighSurrogate((char)unit) || !Follows(@"\u"))
            return unit;
        var back = at;
        at += 2;
        var second = at < source.Length && source[at] != '{' ? Hex(4) : 0;
        if (char.IsLowSurrogate((char)second))
            return char.ConvertToUtf32((char)unit, (char)second);
        at = back;
        return unit;
    }

    private CodePoints Property(bool negated)
    {
        var end = at < source.Length && source[at] == '{' ? source.IndexOf('}', at) : -1;
        if (end < 0)
            throw new FormatException(@"has a \p without a property in braces");
        var name = source[(at + 1)..end];
        at = end + 1;
        var set = UnicodeProperty.Find(name)
            ?? throw new FormatException($"asks for the Unicode property {name}; general categories such as L or Letter are known");
        if (set.Length == 0)
            return negated ? CodePoints.Of((0x80, 0x10FFFF)) : CodePoints.Of((0, 0x7F));
        var points = new CodePoints();
        if (negated && set.LastIndexOf('\\') > 0)
            throw new FormatException($"asks for all but {name}, which is several categories: name them one by one");
        points.AddCategory(negated ? set.Replace(@"\p", @"\P", StringComparison.Ordinal) : set);
        return points;
    }

    /// <summary>Behind the opening bracket.</summary>
    private string Class()
    {
        var negated = at < source.Length && source[at] == '^';
        if (negated)
            at++;
        var set = new CodePoints();
        while (true)
        {
            if (at >= source.Length)
                throw new FormatException("has a [ that is not closed");
            if (source[at] == ']')
            {
                at++;
                return set.ToPattern(negated);
            }

            var (from, single) = ClassAtom(set);
            var isRange = at + 1 < source.Length && source[at] == '-' && source[at + 1] != ']';
            if (!isRange)
            {
                if (single)
                    set.Add(from, from);
                continue;
            }

            at++;
            var (to, alsoSingle) = ClassAtom(set);
            if (!single || !alsoSingle || to < from)
                throw new FormatException("has a range in […] whose ends are not in order");
            set.Add(from, to);
        }
    }

    /// <summary>One character, or (false) a class that is added to the set.</summary>
    private (int Point, bool Single) ClassAtom(CodePoints set)
    {
        if (source[at] != '\\')
            return (NextPoint(), true);
        if (at + 1 >= source.Length)
            throw new FormatException(@"ends in a single \");
        var kind = source[at + 1];
        var escaped = EscapedSet(inClass: true);
        if (kind is not ('d' or 'D' or 'w' or 'W' or 's' or 'S' or 'p' or 'P'))
            return (escaped.First, true);
        set.Add(escaped);
        return (0, false);
    }
}

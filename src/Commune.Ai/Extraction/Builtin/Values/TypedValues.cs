using System.Text.RegularExpressions;
using Commune.Ai.Extraction.Builtin.Reading;


namespace Commune.Ai.Extraction.Builtin.Values;

/// <summary>Everything in a mail that reads as a date, an amount, an id and so on, in order.</summary>
internal sealed class TypedValues
{
    private const int MostValues = 5000;
    // Between a day and its time: " at ", ", um ".
    private const int LongestJoint = 12;

    private readonly List<TypedValue>[] _values = new List<TypedValue>[Enum.GetValues<ValueKind>().Length];
    private readonly MailReading _reading;

    public TypedValues(MailReading reading)
    {
        _reading = reading;
        for (var i = 0; i < _values.Length; i++)
            _values[i] = [];
        var notation = new Notation(reading);
        DecimalComma = notation.DecimalComma;
        var dates = new DateReader(reading.Mail.Date is { } date ? DateOnly.FromDateTime(date.DateTime) : null, notation.DayFirst);
        var count = 0;
        for (var i = 0; i < reading.Lines.Count && count < MostValues; i++)
        {
            if (!reading.Lines[i].IsBlank && reading.Trust[i] != LineTrust.None)
                count += ReadLine(reading.Lines[i], dates);
        }
        foreach (var values in _values)
            values.Sort((a, b) => a.Start.CompareTo(b.Start));
        JoinTimes();
    }

    public bool DecimalComma { get; }

    public IReadOnlyList<TypedValue> Of(ValueKind kind) => _values[(int)kind];

    /// <summary>The values that lie in a part of the text.</summary>
    public IEnumerable<TypedValue> Within(ValueKind kind, int start, int end)
    {
        var values = _values[(int)kind];
        for (var i = FirstAt(values, start); i < values.Count && values[i].Start < end; i++)
        {
            if (values[i].End <= end)
                yield return values[i];
        }
    }

    private static int FirstAt(List<TypedValue> values, int start)
    {
        var low = 0;
        var high = values.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (values[middle].Start < start)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    private int ReadLine(TextLine line, DateReader dates)
    {
        var buffer = _reading.Text.AsSpan(line.Start, line.Length).ToArray();
        var found = new List<TypedValue>();
        Each(Patterns.Link, buffer, line, found, (at, text) => OfKind(ValueKind.Link, at, text.TrimEnd('.', ',', ';', ':', '!', '?', ')', ']', '*')));
        Each(Patterns.Email, buffer, line, found, (at, text) => OfKind(ValueKind.Email, at, text));
        if (buffer.AsSpan().ContainsAnyInRange('0', '9'))
            Each(Patterns.Iban, buffer, line, found, (at, text) => IsIban(text) ? OfKind(ValueKind.Iban, at, text) with { Text = text.Replace(" ", "", StringComparison.Ordinal) } : null);
        dates.Read(buffer, line.Start, found);
        if (buffer.AsSpan().ContainsAnyInRange('0', '9'))
            ReadGroups(buffer, line, found);
        Each(Patterns.Time, buffer, line, found, OfTime);
        if (buffer.AsSpan().ContainsAnyInRange('0', '9'))
        {
            Each(Patterns.Percent, buffer, line, found, OfPercent);
            Each(Patterns.AmountBehindCurrency, buffer, line, found, (at, text) => OfAmount(at, text, Patterns.AmountBehindCurrency));
            Each(Patterns.AmountBeforeCurrency, buffer, line, found, (at, text) => OfAmount(at, text, Patterns.AmountBeforeCurrency));
            Each(Patterns.Phone, buffer, line, found, OfPhone);
            Each(Patterns.Number, buffer.ToArray(), line, found, OfNumber);
            Each(Patterns.Id, buffer, line, found, OfId);
        }
        foreach (var value in found)
            _values[(int)value.Kind].Add(value);
        AddNumberWords(line);
        return found.Count;
    }

    /// <summary>A long number in groups is one id, or, of a card, nothing. That of a phone is left to be read as that.</summary>
    private static void ReadGroups(char[] buffer, TextLine line, List<TypedValue> found)
    {
        foreach (var match in DigitGroups.Run.EnumerateMatches(buffer))
        {
            var run = buffer.AsSpan(match.Index, match.Length);
            var isCard = DigitGroups.IsCard(run);
            if (!isCard && (!DigitGroups.IsWhole(run) || IsPhone(run)))
                continue;
            if (!isCard)
                found.Add(OfKind(ValueKind.Id, line.Start + match.Index, run.ToString()));
            run.Fill('\u0001');
        }
    }

    private static bool IsPhone(ReadOnlySpan<char> run)
    {
        foreach (var match in Patterns.Phone.EnumerateMatches(run))
            return match.Index == 0 && match.Length == run.Length;
        return false;
    }

    private static void Each(Regex regex, char[] line, TextLine place, List<TypedValue> found, Func<int, string, TypedValue?> read)
    {
        foreach (var match in regex.EnumerateMatches(line))
        {
            if (read(place.Start + match.Index, new string(line, match.Index, match.Length)) is not { } value)
                continue;
            found.Add(value);
            line.AsSpan(match.Index, match.Length).Fill('\u0001');
        }
    }

    private static TypedValue OfKind(ValueKind kind, int at, string text) => new(kind, at, at + text.Length) { Text = text };

    private static TypedValue? OfTime(int at, string text)
    {
        var match = Patterns.Time.Match(text);
        if (match.Groups["w"].Success)
            return new TypedValue(ValueKind.Time, at, at + text.Length) { Clock = match.Groups["w"].ValueSpan is "midnight" ? new TimeOnly(0, 0) : new TimeOnly(12, 0), Text = text };
        var hour = int.Parse(match.Groups["h"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);
        var minute = match.Groups["m"].Success ? int.Parse(match.Groups["m"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture) : 0;
        if (match.Groups["p"].Success)
        {
            if (hour is 0 or > 12)
                return null;
            hour = (hour % 12) + (match.Groups["p"].ValueSpan is "p" or "P" ? 12 : 0);
        }
        return new TypedValue(ValueKind.Time, at, at + text.Length) { Clock = new TimeOnly(hour, minute), Text = text };
    }

    private TypedValue? OfPercent(int at, string text) =>
        Numerals.TryRead(Patterns.Percent.Match(text).Groups["n"].ValueSpan, isMoney: false, DecimalComma, out var number)
            ? new TypedValue(ValueKind.Percent, at, at + text.Length) { Number = number, Text = text }
            : null;

    private TypedValue? OfAmount(int at, string text, Regex regex)
    {
        var match = regex.Match(text);
        if (!match.Success || !Numerals.TryRead(match.Groups["n"].ValueSpan, isMoney: true, DecimalComma, out var number))
            return null;
        if (match.Groups["k"].Success)
            number *= 1000;
        if (text[0] == '-' && number > 0)
            number = -number;
        var sign = match.Groups["a"] is { Success: true } named ? named.Value : match.Groups["c"].Value;
        return new TypedValue(ValueKind.Amount, at, at + text.Length) { Number = number, Currency = Currencies.CodeOf(sign), Text = text };
    }

    private static TypedValue? OfPhone(int at, string text)
    {
        text = text.TrimEnd(' ', '.', '/', '-');
        var digits = text.Count(char.IsAsciiDigit);
        return digits is < 7 or > 15 || DigitGroups.IsCard(text) ? null : OfKind(ValueKind.Phone, at, text);
    }

    private TypedValue? OfNumber(int at, string text) =>
        Numerals.TryRead(text, isMoney: false, DecimalComma, out var number)
            ? new TypedValue(ValueKind.Number, at, at + text.Length) { Number = number, Text = text }
            : null;

    private static TypedValue? OfId(int at, string text)
    {
        var bare = text.TrimStart('#');
        if (bare.Length is 0 or > 60 || !bare.Any(char.IsAsciiDigit) || Patterns.Measure.IsMatch(bare) || DigitGroups.IsCard(bare) || DigitGroups.IsMasked(bare))
            return null;
        var digitsOnly = bare.All(char.IsAsciiDigit);
        if (digitsOnly && bare.Length < 3 && bare.Length == text.Length)
            return null;
        return new TypedValue(ValueKind.Id, at, at + text.Length) { Text = bare, IsStrong = !digitsOnly || bare.Length < text.Length };
    }

    private void AddNumberWords(TextLine line)
    {
        var from = _reading.WordAt(line.Start);
        for (var i = from; i < _reading.Words.Count && _reading.Words[i].Start < line.End; i++)
        {
            var word = _reading.Words[i];
            if (Numerals.TryWord(word.Folded, out var number))
                _values[(int)ValueKind.Number].Add(new TypedValue(ValueKind.Number, word.Start, word.End) { Number = number, Text = word.Folded });
        }
    }

    /// <summary>ISO 13616: the number with its head moved behind is 1 modulo 97.</summary>
    private static bool IsIban(string text)
    {
        var plain = text.Replace(" ", "", StringComparison.Ordinal);
        if (plain.Length is < 15 or > 34)
            return false;
        var rest = 0;
        foreach (var c in plain[4..] + plain[..4])
            rest = char.IsAsciiDigit(c) ? ((rest * 10) + c - '0') % 97 : ((rest * 100) + c - 'A' + 10) % 97;
        return rest == 1;
    }

    /// <summary>"21 November at 2 pm" and "at 2 pm on 21 November" are one point in time; days without a year take that of their neighbour.</summary>
    private void JoinTimes()
    {
        var dates = _values[(int)ValueKind.Date];
        // "Saturday, 28 November" is one day.
        dates.RemoveAll(date => date.IsWeekday && FirstAt(dates, date.End) is var next && next < dates.Count && IsJoint(date.End, dates[next].Start));
        var times = _values[(int)ValueKind.Time];
        for (var i = 0; i < dates.Count; i++)
        {
            var date = dates[i];
            if (date.Clock is not null)
                continue;
            var at = FirstAt(times, date.End);
            if (at < times.Count && IsJoint(date.End, times[at].Start))
                dates[i] = date with { Clock = times[at].Clock, End = times[at].End };
            else if (at > 0 && times[at - 1].End <= date.Start && IsJoint(times[at - 1].End, date.Start))
                dates[i] = date with { Clock = times[at - 1].Clock, Start = times[at - 1].Start };
        }
        for (var i = 0; i + 1 < dates.Count; i++)
        {
            if (dates[i] is { IsRelative: true, Day: { } day } && dates[i + 1] is { IsRelative: false, Day: { } next } && dates[i + 1].Start - dates[i].End < 20
                && Calendar.Of(next.Year, day.Month, day.Day) is { } same && same <= next)
            {
                dates[i] = dates[i] with { Day = same, IsRelative = false };
            }
        }
    }

    private bool IsJoint(int end, int start) =>
        start - end <= LongestJoint && start >= end && !_reading.Text.AsSpan(end, start - end).ContainsAny("\n.;\t|");
}

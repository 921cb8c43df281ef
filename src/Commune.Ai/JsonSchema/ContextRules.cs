namespace Commune.Ai.JsonSchema;

/// <summary>RFC 5892 appendix A: characters that a label may have only beside certain others.</summary>
internal static class ContextRules
{
    public static bool AreKept(string label)
    {
        var runes = label.EnumerateRunes().Select(static rune => rune.Value).ToArray();
        var arabic = runes.Any(static c => c is >= 0x660 and <= 0x669);
        var extended = runes.Any(static c => c is >= 0x6F0 and <= 0x6F9);
        if (arabic && extended)
            return false;
        for (var i = 0; i < runes.Length; i++)
        {
            var before = i > 0 ? runes[i - 1] : 0;
            var after = i + 1 < runes.Length ? runes[i + 1] : 0;
            var kept = runes[i] switch
            {
                0xB7 => before == 'l' && after == 'l',
                0x375 => IsGreek(after),
                0x5F3 or 0x5F4 => before is >= 0x591 and <= 0x5F4,
                0x30FB => runes.Any(static c => c is (>= 0x3041 and <= 0x3096) or (>= 0x30A1 and <= 0x30FA) or (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or 0x3005 or 0x3007),
                0x200D => IsVirama(before),
                0x200C => IsVirama(before) || JoinsBothSides(before, after),
                _ => true,
            };
            if (!kept)
                return false;
        }

        return true;
    }

    private static bool IsGreek(int c) => c is (>= 0x370 and <= 0x3FF) or (>= 0x1F00 and <= 0x1FFF);

    private static bool IsVirama(int c) => c is 0x94D or 0x9CD or 0xA4D or 0xACD or 0xB4D or 0xBCD or 0xC4D or 0xCCD or 0xD4D or 0xDCA or 0xE3A or 0xF84
        or 0x1039 or 0x103A or 0x1714 or 0x17D2;

    /// <summary>Letters of the joining scripts: Arabic, Syriac, N'Ko.</summary>
    private static bool JoinsBothSides(int before, int after) => Joins(before) && Joins(after);

    private static bool Joins(int c) => c is (>= 0x620 and <= 0x6D3) or (>= 0x710 and <= 0x72F) or (>= 0x750 and <= 0x77F) or (>= 0x7CA and <= 0x7EA);
}

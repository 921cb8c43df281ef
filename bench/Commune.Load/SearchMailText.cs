using System.Text;
using Commune.SearchEvaluation;

namespace Commune.Load;

/// <summary>
/// Mails whose words are as rare and as common as in life: the words of the mails of bench/Commune.SearchEvaluation and then words that do not exist, by
/// Zipf's law, beside numbers that only one mail has. Most words are known to the built-in embedding, so that mails have vectors.
/// </summary>
internal sealed class SearchMailText
{
    private const int Vocabulary = 40_000;
    private const int Words = 180;

    private static readonly string[] Topics =
    [
        "my parcel has not arrived and the tracking page shows nothing", "please refund the payment for the damaged lamp",
        "the invoice shows the wrong address and amount", "i cannot log in because the password reset link does not work",
        "can we move the meeting to thursday afternoon", "the contract needs a signature before the end of the month",
        "the server returns an error when i upload a file", "when will the new catalogue be printed",
        "our flight was cancelled and the hotel wants a deposit", "the job interview is on monday, please bring your certificates",
    ];

    private static readonly string[] English =
    [
        .. EvaluationSet.Load().Mails.SelectMany(static mail => mail.Body.ToLowerInvariant().Split([' ', '\n', '.', ',', '?', '!', ':']))
            .Where(static word => word.Length > 0 && word.All(char.IsAsciiLetterLower))
            .GroupBy(static word => word, StringComparer.Ordinal).OrderByDescending(static group => group.Count()).ThenBy(static group => group.Key, StringComparer.Ordinal)
            .Select(static group => group.Key),
    ];

    private readonly Random random;
    private readonly string[] words;
    private readonly double[] sums;

    public SearchMailText(int seed)
    {
        random = new Random(seed);
        words = [.. English.Concat(Enumerable.Range(0, Vocabulary).Select(NewWord)).Take(Vocabulary)];
        sums = new double[Vocabulary];
        for (var (i, sum) = (0, 0.0); i < Vocabulary; i++)
            sums[i] = sum += 1.0 / (i + 10);
    }

    public string Subject(long number) => $"{Topics[random.Next(Topics.Length)]} (case {number})";

    public string Body(long number)
    {
        var text = new StringBuilder(2000);
        text.Append(Topics[random.Next(Topics.Length)]).Append(".\n");
        for (var i = 0; i < Words; i++)
            text.Append(Word()).Append(i % 12 == 11 ? ".\n" : " ");
        return text.Append("\nReference INV-").Append(number).Append("/26\n").ToString();
    }

    /// <summary>What people ask: a few words of a topic, an id, a mixture of rare and common words.</summary>
    public string Query(long messages) => random.Next(4) switch
    {
        0 => $"INV-{random.NextInt64(messages)}/26",
        1 => $"{Word()} {Word()} {Word()}",
        2 => string.Join(' ', Topics[random.Next(Topics.Length)].Split(' ').Skip(random.Next(3)).Take(6)),
        _ => $"{Topics[random.Next(Topics.Length)]} {Word()}",
    };

    private string Word()
    {
        var place = Array.BinarySearch(sums, random.NextDouble() * sums[^1]);
        return words[Math.Min(Vocabulary - 1, place < 0 ? ~place : place)];
    }

    private string NewWord(int number)
    {
        const string Consonants = "bcdfghjklmnprstvwz";
        const string Vowels = "aeiou";
        var word = new StringBuilder();
        for (var rest = number + 90; rest > 0; rest /= 90)
            word.Append(Consonants[rest % 18]).Append(Vowels[rest % 90 / 18]);
        return word.Append(Consonants[number % 18]).ToString();
    }
}

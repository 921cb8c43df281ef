using Commune.Ai.Embeddings;

namespace Commune.Ai.Tests.Embeddings;

public sealed class TrainingSampleTests
{
    // tools/embedding/write_stems.py wrote it: a row is of use only if the program looks for the word that was trained.
    [Fact]
    public void The_program_reads_the_words_that_the_training_read()
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Embeddings", "stems.tsv"));
        Assert.True(lines.Length > 80);
        Assert.All(lines, line =>
        {
            var (text, stems) = (line[..line.IndexOf('\t', StringComparison.Ordinal)], line[(line.IndexOf('\t', StringComparison.Ordinal) + 1)..]);
            Assert.Equal(stems, Stems(text));
        });
    }

    private static string Stems(string text)
    {
        var stems = new List<string>();
        var reader = new EnglishWordReader(text, stackalloc char[PorterStemmer.LongestWord]);
        while (reader.Read())
        {
            if (!reader.Word.IsEmpty)
                stems.Add(reader.Word[..PorterStemmer.Stem(reader.Word)].ToString());
        }
        return string.Join(' ', stems);
    }
}

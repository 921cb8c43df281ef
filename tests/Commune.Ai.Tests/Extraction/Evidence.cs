using System.Text.Json.Nodes;
using Commune.Ai.Extraction;

namespace Commune.Ai.Tests.Extraction;

internal static class Evidence
{
    /// <summary>Each value has evidence, and each quote stands in the mail at its place.</summary>
    public static void AssertHolds(MailText mail, ExtractionResult result)
    {
        foreach (var (path, evidence) in result.Fields)
        {
            Assert.InRange(evidence.Confidence, 0.01, 1);
            if (evidence.Source == EvidenceSource.From)
            {
                Assert.Equal(-1, evidence.Start);
                Assert.True(evidence.Quote == mail.FromName || evidence.Quote == mail.FromAddress, path);
            }
            else
            {
                Assert.Equal(evidence.Quote, mail.Visible[evidence.Start..evidence.End]);
            }
        }
        Assert.Equal(Count(result.Data), result.Fields.Count);
    }

    private static int Count(JsonNode? node) => node switch
    {
        JsonObject members => members.Sum(member => Count(member.Value)),
        JsonArray elements => elements.Sum(Count),
        null => 0,
        _ => 1,
    };
}

using Commune.Server.Hosting;

namespace Commune.Server.Tests.Search;

/// <summary>Whether the database is asked for near vectors.</summary>
public sealed class PgVectorSettingTests
{
    private static CommuneOptions Options(string database, string provider, string? qdrant, string setting) => new()
    {
        Database = database,
        Embeddings = { Provider = provider, Model = "small", ApiKey = "k" },
        Search = { PgVector = setting, Qdrant = { Url = qdrant } },
    };

    [Theory]
    [InlineData("postgres", "openai", null, "auto", true)]
    [InlineData("postgres", "openai", null, "off", false)]
    [InlineData("postgres", "openai", "http://localhost:6333", "auto", false)]
    [InlineData("postgres", "builtin", null, "auto", false)]
    [InlineData("postgres", "none", null, "auto", false)]
    [InlineData("sqlite", "openai", null, "auto", false)]
    public void Pgvector_is_for_a_providers_vectors_in_PostgreSQL_without_Qdrant(string database, string provider, string? qdrant, string setting, bool isUsed) =>
        Assert.Equal(isUsed, Options(database, provider, qdrant, setting).MayUsePgVector);

    [Fact]
    public void Another_value_is_refused_by_name()
    {
        var error = Assert.Throws<SettingException>(Options("postgres", "openai", null, "on").Check);
        Assert.Contains("Commune:Search:PgVector", error.Message, StringComparison.Ordinal);
    }
}

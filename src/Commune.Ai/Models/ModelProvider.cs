namespace Commune.Ai.Models;

/// <summary>Which protocol an endpoint speaks.</summary>
public enum ModelProvider
{
    /// <summary><c>POST {endpoint}/embeddings</c> and <c>/chat/completions</c>, bearer key: OpenAI and whoever imitates it.</summary>
    OpenAi,

    /// <summary>The same under <c>{endpoint}/openai/deployments/{model}</c>, with <c>api-key</c> and <c>api-version</c>.</summary>
    Azure,

    /// <summary><c>POST {endpoint}/api/embed</c> and <c>/api/chat</c>, no key needed.</summary>
    Ollama,
}

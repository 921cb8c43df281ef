namespace Commune.Client;

/// <summary>A client of one Commune server. Safe for use by many threads at once; make one and keep it.</summary>
public sealed class CommuneClient : IDisposable
{
    private readonly Transport transport;

    /// <param name="address">The server, without <c>/v1</c>.</param>
    /// <param name="apiKey">A key: <c>comm_</c> and 64 hex digits.</param>
    public CommuneClient(Uri address, string apiKey) : this(new CommuneClientOptions { Address = address, ApiKey = apiKey })
    {
    }

    public CommuneClient(CommuneClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        transport = new Transport(options);
        Domains = new DomainCalls(transport);
        Inboxes = new InboxCalls(transport);
        Threads = new ThreadCalls(transport);
        Messages = new MessageCalls(transport);
        Search = new SearchCalls(transport);
        Attachments = new AttachmentCalls(transport);
        Delivery = new DeliveryCalls(transport);
        Suppressions = new SuppressionCalls(transport);
        Webhooks = new WebhookCalls(transport);
        Dmarc = new DmarcCalls(transport);
        Organisation = new OrganisationCalls(transport);
        Sending = new SendingCalls(transport);
        Keys = new KeyCalls(transport);
        Agents = new AgentCalls(transport);
        Deletions = new DeletionCalls(transport);
        Feedback = new FeedbackCalls(transport);
        Events = new EventCalls(transport);
    }

    public DomainCalls Domains { get; }
    public InboxCalls Inboxes { get; }
    public ThreadCalls Threads { get; }
    public MessageCalls Messages { get; }
    public SearchCalls Search { get; }
    public AttachmentCalls Attachments { get; }
    public DeliveryCalls Delivery { get; }
    public SuppressionCalls Suppressions { get; }
    public WebhookCalls Webhooks { get; }
    public DmarcCalls Dmarc { get; }
    public OrganisationCalls Organisation { get; }
    public SendingCalls Sending { get; }
    public KeyCalls Keys { get; }
    public AgentCalls Agents { get; }
    public DeletionCalls Deletions { get; }
    public FeedbackCalls Feedback { get; }
    public EventCalls Events { get; }

    public void Dispose() => transport.Dispose();
}

/// <summary>How a client reaches its server, and how patient it is.</summary>
public sealed record CommuneClientOptions
{
    /// <summary>The server, without <c>/v1</c>.</summary>
    public required Uri Address { get; init; }

    /// <summary>A key; null for calls that need none, or for an agent.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Signs requests instead of a key.</summary>
    public AgentCredentials? Agent { get; init; }

    /// <summary>How often a call is tried again after a 429, a 5xx or a broken connection.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>The wait before the second attempt; it doubles from one to the next.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>A server that asks for a longer wait than this gets no further attempt.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The time that one attempt may take; calls that wait for mail add their own wait to it.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>What sends the requests; null makes one of our own.</summary>
    public HttpMessageHandler? Handler { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>An agent that signs its requests with its Ed25519 key.</summary>
/// <param name="Sign">Gives the 64 bytes of the signature of what it is given. The key stays with the caller.</param>
public sealed record AgentCredentials(string AgentId, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask<byte[]>> Sign);

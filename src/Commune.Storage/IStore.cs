namespace Commune.Storage;

/// <summary>The store as a whole: one engine, its roles. Every method's rows are those of the organisation it names.</summary>
public interface IStore : IAsyncDisposable
{
    IOrganisationStore Organisations { get; }
    IApiKeyStore ApiKeys { get; }
    ISecretStore Secrets { get; }
    IDomainStore Domains { get; }
    IDomainCheckStore DomainChecks { get; }
    IInboxStore Inboxes { get; }
    ISenderListStore SenderLists { get; }
    IThreadStore Threads { get; }
    IMessageStore Messages { get; }
    IInboundStore Inbound { get; }
    IOutboundStore Outbound { get; }
    IJobStore Jobs { get; }
    IEventStore Events { get; }
    IDmarcStore Dmarc { get; }
    IScheduledSendStore Scheduled { get; }
    ISendingPauseStore Pauses { get; }
    ISuppressionStore Suppressions { get; }
    IDeliveryEventStore DeliveryEvents { get; }
    IDeliveryReportStore DeliveryReports { get; }
    IAuditStore Audit { get; }
    IAgentStore Agents { get; }
    IRegistrationStore Registrations { get; }
    IDeletionStore Deletions { get; }
    IFeedbackStore Feedback { get; }
    IMtaStsStore MtaSts { get; }
    IWebhookStore Webhooks { get; }
    IExtractionStore Extractions { get; }
    IModelSpendingStore ModelSpending { get; }
    ISearchStore Search { get; }
    ISearchIndexStore SearchIndex { get; }
    IAttachmentTextStore AttachmentTexts { get; }
    ISearchVectorStore SearchVectors { get; }
    IVectorMirrorStore VectorMirrors { get; }
    IWebhookEndpointStore WebhookEndpoints { get; }

    /// <summary>Brings the schema up to date; safe to call from several nodes at once.</summary>
    /// <exception cref="StoreStartException">The store cannot be used: what is wrong and what to do, in one line.</exception>
    Task MigrateAsync(CancellationToken cancellation);

    /// <summary>Answers when the store can be read and written.</summary>
    Task CheckAsync(CancellationToken cancellation);

    Task<StoreCounts> CountAsync(CancellationToken cancellation);

    /// <summary>What waits to be done.</summary>
    /// <param name="model">The provider's model whose vectors are asked about; null for none.</param>
    Task<WaitingWork> CountWaitingAsync(long now, string? model, CancellationToken cancellation);

    /// <summary>Forgets what has outlived its use (idempotency keys after 24 h, counted sends after a day, suppressions that have ended, registrations that lapsed); bounded work per call.</summary>
    Task SweepAsync(long now, CancellationToken cancellation);
}

/// <summary>The store cannot start; the message is one clear line for the operator.</summary>
public sealed class StoreStartException(string message, Exception? inner = null) : Exception(message, inner);

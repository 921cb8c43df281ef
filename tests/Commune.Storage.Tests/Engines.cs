using Commune.Storage.Tests.Compliance;
using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests;

public sealed class SqliteOrganisation(SqliteEngine engine) : OrganisationCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class SqliteApiKey(SqliteEngine engine) : ApiKeyCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class SqliteMtaSts(SqliteEngine engine) : MtaStsCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class SqliteSecret(SqliteEngine engine) : SecretCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class SqliteDomain(SqliteEngine engine) : DomainCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class SqliteInbox(SqliteEngine engine) : InboxCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class SqliteInbound(SqliteEngine engine) : InboundCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class SqliteThreading(SqliteEngine engine) : ThreadingCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class SqliteThreadList(SqliteEngine engine) : ThreadListCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class SqliteThreadPaging(SqliteEngine engine) : ThreadPagingCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class SqliteTriage(SqliteEngine engine) : TriageCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class SqliteMessageList(SqliteEngine engine) : MessageListCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class SqliteOutbound(SqliteEngine engine) : OutboundCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class SqliteDelivery(SqliteEngine engine) : DeliveryCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class SqliteIdempotency(SqliteEngine engine) : IdempotencyCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class SqliteSendLimit(SqliteEngine engine) : SendLimitCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class SqliteSendCap(SqliteEngine engine) : SendCapCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class SqliteSendingPause(SqliteEngine engine) : SendingPauseCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class SqliteScheduledSend(SqliteEngine engine) : ScheduledSendCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class SqliteJob(SqliteEngine engine) : JobCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class SqliteExtraction(SqliteEngine engine) : ExtractionCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class SqliteEvent(SqliteEngine engine) : EventCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class SqliteText(SqliteEngine engine) : TextCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class SqliteLifecycle(SqliteEngine engine) : LifecycleCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class SqliteTenancy(SqliteEngine engine) : TenancyCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class SqliteDmarc(SqliteEngine engine) : DmarcCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class SqliteDomainCheck(SqliteEngine engine) : DomainCheckCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class SqliteQuarantine(SqliteEngine engine) : QuarantineCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class PostgresQuarantine(PostgresEngine engine) : QuarantineCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresOrganisation(PostgresEngine engine) : OrganisationCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresApiKey(PostgresEngine engine) : ApiKeyCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresMtaSts(PostgresEngine engine) : MtaStsCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresSecret(PostgresEngine engine) : SecretCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresDomain(PostgresEngine engine) : DomainCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresInbox(PostgresEngine engine) : InboxCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresInbound(PostgresEngine engine) : InboundCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresThreading(PostgresEngine engine) : ThreadingCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresThreadList(PostgresEngine engine) : ThreadListCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresThreadPaging(PostgresEngine engine) : ThreadPagingCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresTriage(PostgresEngine engine) : TriageCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresMessageList(PostgresEngine engine) : MessageListCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresOutbound(PostgresEngine engine) : OutboundCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresDelivery(PostgresEngine engine) : DeliveryCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresIdempotency(PostgresEngine engine) : IdempotencyCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresSendLimit(PostgresEngine engine) : SendLimitCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresSendCap(PostgresEngine engine) : SendCapCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresSendingPause(PostgresEngine engine) : SendingPauseCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresScheduledSend(PostgresEngine engine) : ScheduledSendCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresJob(PostgresEngine engine) : JobCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresExtraction(PostgresEngine engine) : ExtractionCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresEvent(PostgresEngine engine) : EventCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresText(PostgresEngine engine) : TextCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresLifecycle(PostgresEngine engine) : LifecycleCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresTenancy(PostgresEngine engine) : TenancyCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresDmarc(PostgresEngine engine) : DmarcCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresDomainCheck(PostgresEngine engine) : DomainCheckCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class SqliteSuppression(SqliteEngine engine) : SuppressionCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class SqliteDeliveryEvent(SqliteEngine engine) : DeliveryEventCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class SqliteDeliveryReport(SqliteEngine engine) : DeliveryReportCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class PostgresSuppression(PostgresEngine engine) : SuppressionCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresDeliveryEvent(PostgresEngine engine) : DeliveryEventCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresDeliveryReport(PostgresEngine engine) : DeliveryReportCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class SqliteAudit(SqliteEngine engine) : AuditCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class SqliteAgent(SqliteEngine engine) : AgentCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class SqliteRegistration(SqliteEngine engine) : RegistrationCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class SqliteDeletion(SqliteEngine engine) : DeletionCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class PostgresAudit(PostgresEngine engine) : AuditCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresAgent(PostgresEngine engine) : AgentCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresRegistration(PostgresEngine engine) : RegistrationCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresDeletion(PostgresEngine engine) : DeletionCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class SqliteWebhook(SqliteEngine engine) : WebhookCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class PostgresWebhook(PostgresEngine engine) : WebhookCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class SqliteSearch(SqliteEngine engine) : SearchCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class SqliteSearchVector(SqliteEngine engine) : SearchVectorCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class SqliteVectorMirror(SqliteEngine engine) : VectorMirrorCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class PostgresSearch(PostgresEngine engine) : SearchCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresSearchVector(PostgresEngine engine) : SearchVectorCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class PostgresVectorMirror(PostgresEngine engine) : VectorMirrorCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class SqliteWebhookEndpoint(SqliteEngine engine) : WebhookEndpointCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class PostgresWebhookEndpoint(PostgresEngine engine) : WebhookEndpointCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class SqliteDkimRotation(SqliteEngine engine) : DkimRotationCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class PostgresDkimRotation(PostgresEngine engine) : DkimRotationCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class SqliteSenderList(SqliteEngine engine) : SenderListCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class PostgresSenderList(PostgresEngine engine) : SenderListCompliance(engine), IClassFixture<PostgresEngine>;

public sealed class SqliteSuppressionHash(SqliteEngine engine) : SuppressionHashCompliance(engine), IClassFixture<SqliteEngine>;

public sealed class PostgresSuppressionHash(PostgresEngine engine) : SuppressionHashCompliance(engine), IClassFixture<PostgresEngine>;

using Commune.Storage;

namespace Commune.Server.Outbound;

/// <summary>Makes the complaint that mail to <c>complained@</c> in the sandbox is answered with.</summary>
internal sealed class SandboxComplaints(IStore store, TimeProvider time)
{
    public async Task RunAsync(Job job, CancellationToken cancellation)
    {
        var complaint = SandboxComplaint.Parse(job.Payload);
        await store.DeliveryReports.RecordReportAsync(new DeliveryReport
        {
            OrgId = complaint.OrgId,
            MessageId = complaint.MessageId,
            Recipient = complaint.Recipient,
            Kind = DeliveryReportKind.Complained,
            Detail = "The sandbox complains about this message",
            At = time.GetUtcNow().ToUnixTimeMilliseconds(),
        }, cancellation);
        await store.Jobs.CompleteAsync(job, cancellation);
    }
}

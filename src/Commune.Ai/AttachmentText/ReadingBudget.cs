namespace Commune.Ai.AttachmentText;

/// <summary>What is left to spend on one attachment. Once it is spent it stays so, and every loop ends.</summary>
internal sealed class ReadingBudget(AttachmentLimits limits, CancellationToken cancellation)
{
    private const int BytesOfAStep = 16;
    private const int StepsBetweenLooks = 4096;

    private long work = limits.MaxWork;
    private long unpacked = limits.MaxUnpacked;
    private long nextLook = limits.MaxWork;

    public AttachmentLimits Limits => limits;

    public bool IsSpent { get; private set; }

    /// <summary>False when there is nothing left.</summary>
    /// <exception cref="OperationCanceledException">The caller has given up.</exception>
    public bool Spend(long steps = 1)
    {
        work -= steps;
        if (work <= nextLook)
        {
            nextLook = work - StepsBetweenLooks;
            cancellation.ThrowIfCancellationRequested();
        }
        return !IsSpent && !(IsSpent = work < 0);
    }

    /// <summary>The same for bytes that came out of compression.</summary>
    public bool SpendUnpacked(int bytes)
    {
        unpacked -= bytes;
        IsSpent |= unpacked < 0;
        return Spend(1 + bytes / BytesOfAStep);
    }

    /// <summary>Spends what is left: whatever this is, it is no document.</summary>
    public void Exhaust() => IsSpent = true;
}

namespace Commune.Ai.AttachmentText.Pdf;

/// <summary>A transformation (ISO 32000-1 §8.3.3).</summary>
internal readonly record struct PdfMatrix(double A, double B, double C, double D, double E, double F)
{
    public static PdfMatrix Identity { get; } = new(1, 0, 0, 1, 0, 0);

    /// <summary>This one first, then the other.</summary>
    public PdfMatrix Then(PdfMatrix other) => new(
        A * other.A + B * other.C, A * other.B + B * other.D,
        C * other.A + D * other.C, C * other.B + D * other.D,
        E * other.A + F * other.C + other.E, E * other.B + F * other.D + other.F);

    public PdfMatrix Moved(double x, double y) => this with { E = x * A + y * C + E, F = x * B + y * D + F };

    /// <summary>How long a vertical unit becomes.</summary>
    public double Height => Math.Sqrt(C * C + D * D);
}

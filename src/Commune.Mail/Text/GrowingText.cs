using System.Buffers;

namespace Commune.Mail.Text;

/// <summary>A text that is written piece by piece, in memory that is lent.</summary>
internal sealed class GrowingText(int expected) : IDisposable
{
    private char[] _text = ArrayPool<char>.Shared.Rent(Math.Max(64, expected));

    public int Length { get; private set; }

    public ReadOnlySpan<char> Since(int start) => _text.AsSpan(start, Length - start);

    public void Append(char c)
    {
        Reserve(1);
        _text[Length++] = c;
    }

    public void Append(ReadOnlySpan<char> text)
    {
        Reserve(text.Length);
        text.CopyTo(_text.AsSpan(Length));
        Length += text.Length;
    }

    public override string ToString() => new(_text, 0, Length);

    public void Dispose() => ArrayPool<char>.Shared.Return(_text);

    private void Reserve(int count)
    {
        if (Length + count <= _text.Length)
            return;
        var larger = ArrayPool<char>.Shared.Rent(Math.Max(Length + count, 2 * _text.Length));
        Since(0).CopyTo(larger);
        ArrayPool<char>.Shared.Return(_text);
        _text = larger;
    }
}

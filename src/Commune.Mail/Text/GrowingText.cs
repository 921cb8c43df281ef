using System.Buffers;

namespace Commune.Mail.Text;

/// <summary>A text that is written piece by piece, in memory that is lent.</summary>
internal sealed class GrowingText(int expected) : IDisposable
{
    private char[] _text = ArrayPool<char>.Shared.Rent(Math.Max(64, expected));

    public int Length { get; private set; }

    public char this[int at] => _text[at];

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

    public void Append(char c, int count)
    {
        Reserve(count);
        _text.AsSpan(Length, count).Fill(c);
        Length += count;
    }

    public void Insert(int at, char c, int count)
    {
        Reserve(count);
        _text.AsSpan(at, Length - at).CopyTo(_text.AsSpan(at + count));
        _text.AsSpan(at, count).Fill(c);
        Length += count;
    }

    /// <summary>Takes back what is behind a length.</summary>
    public void Cut(int length) => Length = length;

    public string Until(int end) => new(_text, 0, end);

    public override string ToString() => Until(Length);

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

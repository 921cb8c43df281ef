namespace Commune.Server.Search;

/// <summary>What a node keeps of up to 8192 neighbouring documents of one organisation. It grows with them.</summary>
internal sealed class DocumentBlock(int dimensions)
{
    public const int Bits = 13;
    public const int Size = 1 << Bits;

    /// <summary>The length of a document that is not there, or is deleted.</summary>
    public const int Gone = -1;

    private const int First = 32;

    /// <summary>Unix ms.</summary>
    public long[] At { get; private set; } = [];
    public long[] Thread { get; private set; } = [];
    public int[] Length { get; private set; } = [];
    public int[] Inbox { get; private set; } = [];
    public byte[] Flags { get; private set; } = [];
    public sbyte[] Vectors { get; private set; } = [];

    public const byte HasAttachment = 1;
    public const byte HasVector = 2;

    /// <summary>Documents that it has room for.</summary>
    public int Capacity => Length.Length;

    public long Bytes => Capacity * (sizeof(long) + sizeof(long) + sizeof(int) + sizeof(int) + 1L + dimensions);

    public void MakeRoom(int place)
    {
        if (place < Capacity)
            return;
        var before = Capacity;
        var capacity = Math.Max(First, Capacity);
        while (capacity <= place)
            capacity *= 2;
        At = Grown(At, capacity);
        Thread = Grown(Thread, capacity);
        Inbox = Grown(Inbox, capacity);
        Flags = Grown(Flags, capacity);
        Vectors = Grown(Vectors, capacity * dimensions);
        var length = Grown(Length, capacity);
        length.AsSpan(before).Fill(Gone);
        Length = length;
    }

    private static T[] Grown<T>(T[] array, int capacity)
    {
        Array.Resize(ref array, capacity);
        return array;
    }
}

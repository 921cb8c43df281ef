namespace Commune.Storage.Sqlite;

/// <summary>A parameter of a statement, without boxing.</summary>
internal readonly struct SqliteValue
{
    private SqliteValue(SqliteKind kind, long number = 0, string? text = null, ReadOnlyMemory<byte> bytes = default)
    {
        Kind = kind;
        Number = number;
        Text = text;
        Bytes = bytes;
    }

    public SqliteKind Kind { get; }
    public long Number { get; }
    public string? Text { get; }
    public ReadOnlyMemory<byte> Bytes { get; }

    public static implicit operator SqliteValue(string? value) => value is null ? default : new(SqliteKind.Text, text: value);

    public static implicit operator SqliteValue(long value) => new(SqliteKind.Number, value);

    public static implicit operator SqliteValue(long? value) => value is { } number ? new(SqliteKind.Number, number) : default;

    public static implicit operator SqliteValue(int value) => new(SqliteKind.Number, value);

    public static implicit operator SqliteValue(int? value) => value is { } number ? new(SqliteKind.Number, number) : default;

    public static implicit operator SqliteValue(bool value) => new(SqliteKind.Number, value ? 1 : 0);

    public static implicit operator SqliteValue(byte[]? value) => value is null ? default : new(SqliteKind.Blob, bytes: value);

    public static implicit operator SqliteValue(ReadOnlyMemory<byte>? value) =>
        value is { } bytes ? new(SqliteKind.Blob, bytes: bytes) : default;
}

internal enum SqliteKind
{
    Null,
    Number,
    Text,
    Blob,
}

namespace Commune.Ai.Extraction.Builtin.Fields;

/// <summary>What a property asks for.</summary>
internal enum FieldKind
{
    Text,
    Id,
    Date,
    Time,
    Amount,
    Count,
    Number,
    Percent,
    Currency,
    Email,
    Phone,
    Link,
    Iban,
    Person,
    FirstName,
    LastName,
    Company,
    Address,
    Job,
    Place,
    Message,
    Subject,
    Boolean,
    Enum,
    Object,
    Array,
}

/// <summary>The types a JSON Schema allows.</summary>
[Flags]
internal enum JsonTypes
{
    None = 0,
    String = 1,
    Number = 2,
    Integer = 4,
    Boolean = 8,
    Object = 16,
    Array = 32,
    Null = 64,
    Any = 127,
}

namespace Commune.Ai.Extraction.Builtin.Fields;

/// <summary>Tells what a property asks for, from its type, its format and its names.</summary>
internal static class FieldKinds
{
    public static FieldKind Of(Field field)
    {
        var types = field.Types;
        if (field.Properties.Count > 0 || types == JsonTypes.Object)
            return FieldKind.Object;
        if (field.Values.Count > 0)
            return field.Values.All(value => value.ValueKind is System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False) ? FieldKind.Boolean : FieldKind.Enum;
        var plain = types & ~JsonTypes.Null;
        if (plain == JsonTypes.Boolean)
            return FieldKind.Boolean;
        if (plain == JsonTypes.Array)
            return FieldKind.Array;
        foreach (var name in field.Names)
        {
            var kind = plain is JsonTypes.Integer or (JsonTypes.Integer | JsonTypes.Number) ? OfNumber(name) : OfFormat(field.Format) ?? OfText(name);
            if (kind is { } known)
                return known;
        }
        return plain is JsonTypes.Integer or (JsonTypes.Integer | JsonTypes.Number) ? FieldKind.Number : FieldKind.Text;
    }

    private static FieldKind? OfFormat(string? format) => format switch
    {
        "date" or "date-time" => FieldKind.Date,
        "time" => FieldKind.Time,
        "email" or "idn-email" => FieldKind.Email,
        "uri" or "url" or "iri" or "uri-reference" => FieldKind.Link,
        "phone" or "tel" => FieldKind.Phone,
        "uuid" => FieldKind.Id,
        _ => null,
    };

    private static FieldKind? OfNumber(FieldName name)
    {
        if (name.HasType("percent") || name.Subjects is ["rate"] or ["tax", "rate"] or ["rate", "tax"])
            return FieldKind.Percent;
        if (name.HasType("amount") || name.Subjects.Any(IsMoney))
            return FieldKind.Amount;
        if (name.HasType("count") || name.Subjects.Any(IsCounted))
            return FieldKind.Count;
        if (name.Subjects.Any(subject => subject is "experience" or "age" or "duration" or "year" or "weight" or "size" or "hour" or "minute" or "day" or "month"))
            return FieldKind.Number;
        return name.HasType("id") ? FieldKind.Id : null;
    }

    private static bool IsMoney(string subject) =>
        subject is "price" or "total" or "tax" or "subtotal" or "fee" or "budget" or "salary" or "deposit" or "outstanding" or "discount" or "net" or "gross" or "refund" or "value" or "claim";

    private static bool IsCounted(string subject) => subject is "guest" or "adult" or "child" or "night" or "room" or "item";

    private static FieldKind? OfText(FieldName name)
    {
        foreach (var (type, kind) in (ReadOnlySpan<(string, FieldKind)>)
            [("email", FieldKind.Email), ("phone", FieldKind.Phone), ("link", FieldKind.Link), ("currency", FieldKind.Currency), ("percent", FieldKind.Percent),
            ("date", FieldKind.Date), ("time", FieldKind.Time), ("address", FieldKind.Address), ("message", FieldKind.Message)])
        {
            if (name.HasType(type))
                return kind;
        }
        if (name.HasType("name"))
            return OfName(name);
        if (name.IsAbout("iban") && name.Subjects.Contains("iban", StringComparer.Ordinal))
            return FieldKind.Iban;
        if (name.Subjects is ["deadline"] || name.Subjects is ["due"])
            return FieldKind.Date;
        if (name.HasType("id"))
            return FieldKind.Id;
        if (name.HasType("amount"))
            return FieldKind.Amount;
        return name.HasType("text") || name.HasType("comment") ? FieldKind.Text : OfSubject(name);
    }

    private static FieldKind OfName(FieldName name)
    {
        if (name.Subjects.Contains("first", StringComparer.Ordinal))
            return FieldKind.FirstName;
        if (name.Subjects.Contains("last", StringComparer.Ordinal))
            return FieldKind.LastName;
        if (name.Subjects.Any(subject => subject is "company" or "vendor"))
            return FieldKind.Company;
        return name.Subjects.All(IsRole) ? FieldKind.Person : FieldKind.Text;
    }

    /// <summary>Names that say no type.</summary>
    private static FieldKind? OfSubject(FieldName name)
    {
        foreach (var subject in name.Subjects)
        {
            FieldKind? kind = subject switch
            {
                "tracking" or "po" or "sku" or "serial" or "flight" or "bic" or "account" => FieldKind.Id,
                "checkin" or "checkout" or "birth" => FieldKind.Date,
                "subtotal" or "outstanding" or "budget" => FieldKind.Amount,
                "company" or "vendor" => FieldKind.Company,
                "origin" or "destination" => FieldKind.Place,
                "job" => FieldKind.Job,
                "subject" => FieldKind.Subject,
                _ => null,
            };
            if (kind is not null)
                return kind;
        }
        if (name.Subjects is [var only])
        {
            if (only is "order" or "invoice" or "ticket" or "booking")
                return FieldKind.Id;
            if (only is "total" or "price" or "salary")
                return FieldKind.Amount;
            if (only is "start" or "end")
                return FieldKind.Date;
        }
        return name.Subjects.Count > 0 && name.Subjects.All(IsRole) ? FieldKind.Person : null;
    }

    private static bool IsRole(string subject) =>
        subject is "customer" or "contact" or "sender" or "user" or "candidate" or "guest" or "recipient" or "member" or "person" or "full" or "booking" or "patient" or "employee" or "lead" or "attendee" or "traveler" or "passenger" or "owner" or "subscriber" or "student" or "tenant";
}

namespace Commune.Ai.Tests.JsonSchema;

/// <summary>What a schema of 2020-12 looks like, in one document: enough for the cases of the suite that refer to the metaschema.</summary>
internal static class ShortMetaschema
{
    public const string Text =
        """
        {
          "$id": "https://json-schema.org/draft/2020-12/schema",
          "$dynamicAnchor": "meta",
          "type": ["object", "boolean"],
          "properties": {
            "$id": { "type": "string", "pattern": "^[^#]*#?$" },
            "$ref": { "type": "string" },
            "$defs": { "$ref": "#/$defs/map" },
            "type": { "anyOf": [ { "$ref": "#/$defs/name" }, { "type": "array", "items": { "$ref": "#/$defs/name" }, "minItems": 1, "uniqueItems": true } ] },
            "properties": { "$ref": "#/$defs/map" },
            "patternProperties": { "$ref": "#/$defs/map" },
            "additionalProperties": { "$dynamicRef": "#meta" },
            "items": { "$dynamicRef": "#meta" },
            "prefixItems": { "$ref": "#/$defs/list" },
            "allOf": { "$ref": "#/$defs/list" },
            "anyOf": { "$ref": "#/$defs/list" },
            "oneOf": { "$ref": "#/$defs/list" },
            "not": { "$dynamicRef": "#meta" },
            "minLength": { "$ref": "#/$defs/count" },
            "maxLength": { "$ref": "#/$defs/count" },
            "minItems": { "$ref": "#/$defs/count" },
            "maxItems": { "$ref": "#/$defs/count" }
          },
          "$defs": {
            "map": { "type": "object", "additionalProperties": { "$dynamicRef": "#meta" } },
            "list": { "type": "array", "minItems": 1, "items": { "$dynamicRef": "#meta" } },
            "count": { "type": "integer", "minimum": 0 },
            "name": { "enum": ["array", "boolean", "integer", "null", "number", "object", "string"] }
          }
        }
        """;
}

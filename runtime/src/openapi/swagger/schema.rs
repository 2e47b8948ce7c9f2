//! Schemas, of which Swagger has fewer words.

use serde_json::{Map, Value as Json, json};

use super::{Source, copy, members};

/// The words that mean the same in both.
const SAME: [&str; 19] = [
    "title",
    "description",
    "format",
    "default",
    "multipleOf",
    "maximum",
    "minimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "maxProperties",
    "minProperties",
    "enum",
    "readOnly",
    "externalDocs",
    "example",
];

impl Source<'_> {
    pub(super) fn schema(&self, schema: &Json) -> Json {
        if let Some(reference) = schema.get("$ref").and_then(Json::as_str) {
            return json!({ "$ref": moved(reference) });
        }
        let mut written = Map::new();
        copy(schema, &mut written, &SAME);
        let nullable = self.alternative(schema, &mut written);
        if let Some(ty) = first_type(schema) {
            written.insert("type".into(), ty.into());
            // What is said of the other types it may have.
            let foreign: &[&str] = match ty {
                "string" => &["maximum", "minimum", "multipleOf"],
                _ => &["maxLength", "minLength", "pattern"],
            };
            for word in foreign {
                written.remove(*word);
            }
        }
        for (word, bound) in [
            ("exclusiveMaximum", "maximum"),
            ("exclusiveMinimum", "minimum"),
        ] {
            if let (Some(number), Some("integer" | "number")) = (
                schema.get(word).filter(|number| number.is_number()),
                first_type(schema),
            ) {
                written.insert(bound.into(), number.clone());
                written.insert(word.into(), true.into());
            }
        }
        if let Some(value) = schema.get("const") {
            written.insert("enum".into(), json!([value]));
        }
        if let Some(example) = schema.get("examples").and_then(|examples| examples.get(0)) {
            written.insert("example".into(), example.clone());
        }
        let properties = members(schema.get("properties"));
        let properties: Map<_, _> = properties
            .map(|(name, property)| (name.clone(), self.schema(property)))
            .collect();
        if !properties.is_empty() {
            written.insert("properties".into(), Json::Object(properties));
        }
        if schema
            .get("required")
            .and_then(Json::as_array)
            .is_some_and(|names| !names.is_empty())
        {
            copy(schema, &mut written, &["required"]);
        }
        match schema.get("additionalProperties") {
            Some(Json::Bool(more)) => {
                drop(written.insert("additionalProperties".into(), (*more).into()))
            }
            Some(more) => drop(written.insert("additionalProperties".into(), self.schema(more))),
            None => {}
        }
        if written.get("type") == Some(&Json::from("array")) {
            let items = schema
                .get("items")
                .map_or_else(|| json!({}), |items| self.schema(items));
            written.insert("items".into(), items);
        }
        if let Some(parts) = schema.get("allOf").and_then(Json::as_array) {
            let parts = parts.iter().map(|part| self.schema(part));
            written.insert("allOf".into(), parts.collect());
        }
        if nullable || types(schema).contains(&"null") {
            written.insert("x-nullable".into(), true.into());
        }
        Json::Object(written)
    }

    /// Writes the first of several alternatives, and says whether null is another one.
    fn alternative(&self, schema: &Json, written: &mut Map<String, Json>) -> bool {
        let mut nullable = false;
        for word in ["anyOf", "oneOf"] {
            let Some(all) = schema.get(word).and_then(Json::as_array) else {
                continue;
            };
            let is_null = |one: &&Json| types(one) == ["null"];
            nullable |= all.iter().any(|one| is_null(&one));
            match all
                .iter()
                .find(|one| !is_null(one))
                .map(|one| self.schema(one))
            {
                // Nothing may stand beside a reference.
                Some(first) if first.get("$ref").is_some() => {
                    written.insert("allOf".into(), json!([first]));
                }
                Some(Json::Object(first)) => {
                    for (key, value) in first {
                        written.entry(key).or_insert(value);
                    }
                }
                _ => {}
            }
        }
        nullable
    }

    /// What a parameter may say of its values: text, numbers, and lists of them.
    pub(super) fn plain(&self, schema: &Json) -> Map<String, Json> {
        let mut resolved = schema;
        // A name for a name; what refers to itself is no plain value.
        for _ in 0..8 {
            resolved = self.resolve(resolved);
        }
        let Json::Object(mut written) = self.schema(resolved) else {
            return Map::new();
        };
        let of = written.get("allOf").and_then(|parts| parts.get(0)).cloned();
        let of = of.map(|part| match part.get("$ref").and_then(Json::as_str) {
            Some(path) => {
                json!({ "$ref": path.replacen("#/definitions/", "#/components/schemas/", 1) })
            }
            None => part,
        });
        match written.get("type").and_then(Json::as_str) {
            None if of.is_some() => return self.plain(&of.unwrap_or_default()),
            Some("string" | "integer" | "number" | "boolean") => {}
            Some("array") => {
                let items = resolved.get("items").map(|items| self.plain(items));
                let items =
                    items.unwrap_or_else(|| Map::from_iter([("type".into(), "string".into())]));
                written.insert("items".into(), Json::Object(items));
            }
            _ => {
                // LoopBack's words for an object as JSON.
                return Map::from_iter([
                    ("type".into(), "string".into()),
                    ("format".into(), "JSON".into()),
                ]);
            }
        }
        for word in [
            "title",
            "description",
            "readOnly",
            "externalDocs",
            "example",
            "maxProperties",
            "minProperties",
            "x-nullable",
        ] {
            written.remove(word);
        }
        written
    }
}

/// Where what an OpenAPI document has among its components stands in Swagger.
fn moved(reference: &str) -> String {
    reference
        .replacen("#/components/schemas/", "#/definitions/", 1)
        .replacen("#/components/", "#/", 1)
}

/// The first type that is something.
fn first_type(schema: &Json) -> Option<&str> {
    types(schema).into_iter().find(|ty| *ty != "null")
}

fn types(schema: &Json) -> Vec<&str> {
    match schema.get("type") {
        Some(Json::String(one)) => vec![one],
        Some(Json::Array(several)) => several.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    }
}

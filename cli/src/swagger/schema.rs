//! Schemas: what values are.

use std::collections::BTreeSet;

use proc_macro2::Literal;
use serde_json::{Map, Value as Json};

use super::read::Reader;
use super::{Definition, Member, Type};

/// What schemas say of values that no rule does.
const UNCHECKED: [&str; 7] = [
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maxItems",
    "minItems",
    "multipleOf",
    "pattern",
    "uniqueItems",
];

/// How deep schemas may refer to each other: what is deeper refers to itself.
const DEEPEST: usize = 32;

impl<'a> Reader<'a> {
    /// The objects that have names, and properties.
    pub(super) fn definitions(&mut self) -> Vec<Definition> {
        let mut definitions = Vec::new();
        for (name, schema) in self.schemas() {
            if !self.is_object(schema) {
                // What has another name for text or a list is written as that.
                continue;
            }
            let mut members = Vec::new();
            let mut required = BTreeSet::new();
            self.members(schema, name, &mut members, &mut required, 0);
            for member in &mut members {
                member.required &= required.contains(&member.name);
            }
            definitions.push(Definition {
                name: name.clone(),
                docs: text(schema, "description"),
                members,
                is_part: false,
            });
        }
        self.without_circles(&mut definitions);
        let parts: BTreeSet<_> = definitions
            .iter()
            .flat_map(|definition| &definition.members)
            .filter_map(|member| member.ty.definition().map(ToOwned::to_owned))
            .collect();
        for definition in &mut definitions {
            definition.is_part = parts.contains(&definition.name);
        }
        definitions
    }

    /// A struct can't be a part of itself: where it would be, it is any JSON.
    fn without_circles(&mut self, definitions: &mut [Definition]) {
        for at in 0..definitions.len() {
            for member in 0..definitions[at].members.len() {
                let owner = definitions[at].name.clone();
                let Some(part) = definitions[at].members[member].ty.definition() else {
                    continue;
                };
                if reaches(definitions, part, &owner) {
                    let member = &mut definitions[at].members[member];
                    member.ty = Type::Json;
                    self.unsaid.push(format!(
                        "`{owner}.{}` leads back to `{owner}`, which can't be a part of itself; it is any JSON",
                        member.name
                    ));
                }
            }
        }
    }

    /// The schemas that have names.
    fn schemas(&self) -> Vec<(&'a String, &'a Json)> {
        let schemas = self
            .root
            .pointer("/definitions")
            .or_else(|| self.root.pointer("/components/schemas"));
        schemas
            .and_then(Json::as_object)
            .into_iter()
            .flatten()
            .collect()
    }

    /// Does the schema have properties, of its own or of what it is made of?
    fn is_object(&self, schema: &'a Json) -> bool {
        let parts = schema.get("allOf").and_then(Json::as_array);
        schema.get("properties").is_some_and(Json::is_object)
            || parts.is_some_and(|parts| {
                parts.iter().any(|part| {
                    let (part, _) = self.resolve(part);
                    part.get("properties").is_some()
                })
            })
    }

    /// The properties of a schema, and of all that it is made of.
    fn members(
        &mut self,
        schema: &'a Json,
        place: &str,
        members: &mut Vec<Member>,
        required: &mut BTreeSet<String>,
        depth: usize,
    ) {
        if depth > DEEPEST {
            return;
        }
        for part in schema
            .get("allOf")
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
        {
            let (part, _) = self.resolve(part);
            self.members(part, place, members, required, depth + 1);
        }
        for word in ["oneOf", "anyOf", "patternProperties"] {
            if schema.get(word).is_some() {
                self.unsaid.push(format!(
                    "`{place}` says `{word}`, which no struct does; it is left out"
                ));
            }
        }
        let names = schema.get("required").and_then(Json::as_array);
        required.extend(
            names
                .into_iter()
                .flatten()
                .filter_map(Json::as_str)
                .map(ToOwned::to_owned),
        );
        let properties = schema.get("properties").and_then(Json::as_object);
        for (name, property) in properties.into_iter().flatten() {
            let member = self.member(name, property, &format!("`{place}.{name}`"), true);
            match members.iter_mut().find(|known| known.name == *name) {
                Some(known) => *known = member,
                None => members.push(member),
            }
        }
    }

    /// A property or an argument with this schema.
    pub(super) fn member(
        &mut self,
        name: &str,
        schema: &'a Json,
        place: &str,
        required: bool,
    ) -> Member {
        let ty = self.ty(schema, place, 0);
        let (schema, _) = self.resolve(schema);
        for word in UNCHECKED.iter().filter(|word| schema.get(**word).is_some()) {
            self.unsaid
                .push(format!("{place} says `{word}`, which is not checked"));
        }
        let nullable = ["nullable", "x-nullable"]
            .iter()
            .any(|word| schema.get(*word) == Some(&Json::Bool(true)));
        Member {
            name: name.to_owned(),
            required: required && !nullable && !types(schema).contains(&"null"),
            docs: text(schema, "description"),
            default: default(schema, &ty),
            rules: rules(schema, &ty),
            ty,
        }
    }

    /// What a value with this schema is.
    pub(super) fn ty(&mut self, schema: &'a Json, place: &str, depth: usize) -> Type {
        if depth > DEEPEST {
            return Type::Json;
        }
        if let Some(reference) = schema.get("$ref").and_then(Json::as_str) {
            let (target, name) = self.resolve(schema);
            return match name {
                Some(name) if self.is_object(target) => Type::Named(name),
                _ if target.get("$ref").is_some() => {
                    self.unsaid.push(format!("{place} refers to `{reference}`, which is not in the document; it is any JSON"));
                    Type::Json
                }
                _ => self.ty(target, place, depth + 1),
            };
        }
        for word in ["allOf", "oneOf", "anyOf"] {
            let Some(parts) = schema.get(word).and_then(Json::as_array) else {
                continue;
            };
            let parts: Vec<_> = parts
                .iter()
                .filter(|part| types(part) != ["null"])
                .collect();
            if let [one] = parts.as_slice() {
                return self.ty(one, place, depth + 1);
            }
            self.unsaid.push(format!(
                "{place} is `{word}` several things; it is any JSON"
            ));
            return Type::Json;
        }
        let format = schema
            .get("format")
            .and_then(Json::as_str)
            .unwrap_or_default();
        let types: Vec<_> = types(schema)
            .into_iter()
            .filter(|ty| *ty != "null")
            .collect();
        match types.as_slice() {
            ["integer"] => Type::Plain(match format {
                "int32" => "i32",
                _ => "i64",
            }),
            ["number"] => Type::Plain("f64"),
            ["boolean"] => Type::Plain("bool"),
            ["string"] => Type::Plain(match format {
                "date" => "NaiveDate",
                "date-time" => "DateTime<Utc>",
                "uuid" => "Uuid",
                _ => "String",
            }),
            ["array"] => {
                let item = schema.get("items").unwrap_or(&Json::Null);
                Type::List(Box::new(self.ty(item, place, depth + 1)))
            }
            ["object"] | [] if schema.get("properties").is_some() => {
                self.unsaid.push(format!(
                    "{place} is an object without a name; it is any JSON"
                ));
                Type::Json
            }
            ["object"] | [] => Type::Json,
            _ => {
                self.unsaid
                    .push(format!("{place} is one of several types; it is any JSON"));
                Type::Json
            }
        }
    }
}

/// Is `to` a part of `from`, or of one of its parts?
fn reaches(definitions: &[Definition], from: &str, to: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut left = vec![from];
    while let Some(name) = left.pop() {
        if name == to {
            return true;
        }
        if seen.insert(name) {
            let known = definitions.iter().filter(|known| known.name == name);
            let members = known.flat_map(|known| &known.members);
            left.extend(members.filter_map(|member| member.ty.definition()));
        }
    }
    false
}

/// The types that a schema allows: OpenAPI 3.1 has lists of them.
fn types(schema: &Json) -> Vec<&str> {
    match schema.get("type") {
        Some(Json::String(one)) => vec![one],
        Some(Json::Array(several)) => several.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    }
}

pub(super) fn text(of: &Json, key: &str) -> String {
    let text = of.get(key).and_then(Json::as_str).unwrap_or_default();
    // A comment can't hold a carriage return of its own.
    text.trim().replace("\r\n", "\n").replace('\r', "\n")
}

/// The default, where it is a literal of the type.
fn default(schema: &Json, ty: &Type) -> Option<String> {
    let Type::Plain(ty) = ty else {
        return None;
    };
    match (*ty, schema.get("default")?) {
        ("String", Json::String(text)) => Some(Literal::string(text).to_string()),
        ("bool", Json::Bool(value)) => Some(value.to_string()),
        ("i32" | "i64", Json::Number(number)) => number.as_i64().map(|number| number.to_string()),
        ("f64", Json::Number(number)) => number.as_f64().map(|number| format!("{number:?}")),
        _ => None,
    }
}

/// What the schema asks of a property's values, as far as there is a rule for it.
fn rules(schema: &Json, ty: &Type) -> Vec<String> {
    let Type::Plain(ty) = ty else {
        return Vec::new();
    };
    let number = |key: &str| match *ty {
        "f64" => schema
            .get(key)?
            .as_f64()
            .map(|number| format!("{number:?}")),
        _ => schema.get(key)?.as_i64().map(|number| number.to_string()),
    };
    let bounds = |rule: &str, least: &str, most: &str| {
        let least = number(least).map(|least| format!("min = {least}"));
        let most = number(most).map(|most| format!("max = {most}"));
        let bounds: Vec<_> = least.into_iter().chain(most).collect();
        (!bounds.is_empty()).then(|| format!("{rule}({})", bounds.join(", ")))
    };
    let mut rules = Vec::new();
    match *ty {
        "String" => {
            rules.extend(bounds("length", "minLength", "maxLength"));
            if let Some(values) = schema.get("enum").and_then(Json::as_array) {
                let texts = values.iter().filter_map(Json::as_str);
                let texts: Vec<_> = texts
                    .map(|text| Literal::string(text).to_string())
                    .collect();
                if !texts.is_empty() {
                    rules.push(format!("inclusion({})", texts.join(", ")));
                }
            }
            if schema.get("format").and_then(Json::as_str) == Some("email") {
                rules.push("format(email)".to_owned());
            }
        }
        "i32" | "i64" | "f64" => rules.extend(bounds("range", "minimum", "maximum")),
        _ => {}
    }
    rules
}

/// The members of an object, or none.
pub(super) fn entries<'a>(of: &'a Json, key: &str) -> impl Iterator<Item = (&'a String, &'a Json)> {
    of.get(key)
        .and_then(Json::as_object)
        .into_iter()
        .flat_map(Map::iter)
}

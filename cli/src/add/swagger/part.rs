//! The structs that definitions become.

use heck::ToSnakeCase as _;
use proc_macro2::Literal;

use super::{Names, place};
use crate::add::model::{Access, render};
use crate::name;
use crate::project::{Field, NewModel};
use crate::swagger::{Definition, Member, Type};

/// A model: it has an id, its own or one that is added.
pub(super) fn model(
    definition: &Definition,
    names: &Names,
    access: Access,
    unsaid: &mut Vec<String>,
) -> NewModel {
    let name = names.of(&definition.name);
    let mut fields = Vec::new();
    match definition.members.iter().find(|member| member.name == "id") {
        Some(id) => fields.push(own_id(id, definition, unsaid)),
        None => {
            unsaid.push(format!(
                "`{}` has no property `id`, which every model has; it is added",
                definition.name
            ));
            fields.push(id_field("i64", "id, generated", "Identifies the instance."));
        }
    }
    let members: Vec<_> = definition
        .members
        .iter()
        .filter(|member| member.name != "id")
        .collect();
    let mut attributes = vec![access.attribute().to_owned()];
    if name != definition.name {
        attributes.insert(
            0,
            format!("#[model(name = {})]", Literal::string(&definition.name)),
        );
    }
    fields.extend(self::fields(&members, definition, names, "model", unsaid));
    NewModel {
        text: render(&name, docs(&definition.docs), &attributes, &fields, true),
        needs: needs(definition, names),
        name,
    }
}

/// A value within others.
pub(super) fn value(definition: &Definition, names: &Names, unsaid: &mut Vec<String>) -> NewModel {
    let name = names.of(&definition.name);
    let members: Vec<_> = definition.members.iter().collect();
    let fields = fields(&members, definition, names, "property", unsaid);
    let text = render(&name, docs(&definition.docs), &[], &fields, true);
    NewModel {
        text: text.replacen("#[derive(Model, ", "#[derive(Property, ", 1),
        needs: needs(definition, names),
        name,
    }
}

fn docs(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn id_field(ty: &str, words: &str, docs: &str) -> Field {
    Field {
        name: "id".to_owned(),
        ty: ty.to_owned(),
        docs: Some(docs.to_owned()),
        attributes: vec![format!("#[model({words})]")],
    }
}

/// The id that the definition has, if it is one that a model can have.
fn own_id(id: &Member, definition: &Definition, unsaid: &mut Vec<String>) -> Field {
    let docs = match id.docs.as_str() {
        "" => "Identifies the instance.",
        docs => docs,
    };
    match id.ty {
        Type::Plain("i32" | "i64") => id_field("i64", "id, generated", docs),
        Type::Plain("Uuid") => id_field("Uuid", "id, generated", docs),
        Type::Plain("String") => id_field("String", "id", docs),
        _ => {
            let place = place(definition, "id");
            unsaid.push(format!(
                "{place} is of a type that no id has; it is a number"
            ));
            id_field("i64", "id, generated", docs)
        }
    }
}

fn needs(definition: &Definition, names: &Names) -> Vec<String> {
    let parts = definition
        .members
        .iter()
        .filter_map(|member| member.ty.definition());
    let parts = parts.filter(|part| !names.existing.contains(*part));
    parts.map(|part| names.of(part)).collect()
}

/// The fields of members, with attributes by the name of `attribute` where the name in JSON does not follow.
fn fields(
    members: &[&Member],
    definition: &Definition,
    names: &Names,
    attribute: &str,
    unsaid: &mut Vec<String>,
) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::new();
    for member in members {
        let name = identifier(&member.name);
        let place = place(definition, &member.name);
        // JSON and columns tell names apart without case.
        let plain = |name: &str| name.trim_start_matches("r#").replace('_', "");
        let taken = fields
            .iter()
            .any(|known| plain(&known.name) == plain(&name));
        if taken || name == "constructor" || (attribute == "model" && plain(&name) == "id") {
            unsaid.push(format!("{place} has a name that is taken; it is left out"));
            continue;
        }
        let mut attributes = Vec::new();
        if json_name(&name) != member.name {
            let given = Literal::string(&member.name);
            attributes.push(format!("#[{attribute}(name = {given})]"));
        }
        if let Some(default) = &member.default {
            attributes.push(format!("#[{attribute}(default = {default})]"));
        }
        if attribute == "model" {
            attributes.extend(
                member
                    .rules
                    .iter()
                    .map(|rule| format!("#[validate({rule})]")),
            );
        }
        let ty = match member.ty.definition() {
            // A model of the project's own is no part of another.
            Some(part) if names.existing.contains(part) => {
                unsaid.push(format!(
                    "{place} is a `{part}`, which is a model already; it is any JSON"
                ));
                Type::Json
            }
            _ => member.ty.clone(),
        };
        let ty = ty.rust(&|name| names.of(name));
        fields.push(Field {
            ty: match member.required || member.default.is_some() {
                true => ty,
                false => format!("Option<{ty}>"),
            },
            docs: docs(&member.docs).map(ToOwned::to_owned),
            attributes,
            name,
        });
    }
    fields
}

/// A name of Rust for what a document calls `text`.
pub(super) fn identifier(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter
            } else {
                '_'
            }
        })
        .collect();
    let snake = plain.to_snake_case();
    match name::field("a field", &snake) {
        Ok(name) => name,
        // A number, `self`, or nothing that is left.
        Err(_) if snake != "constructor" => format!("field_{snake}"),
        Err(_) => snake,
    }
}

/// What callers know a field or an argument by, unless something else is said: `pet_id` is `petId`.
pub(super) fn json_name(name: &str) -> String {
    let mut camel = String::new();
    let mut upper = false;
    for letter in name.trim_start_matches("r#").chars() {
        match letter {
            '_' => upper = true,
            letter if upper => {
                camel.push(letter.to_ascii_uppercase());
                upper = false;
            }
            letter => camel.push(letter),
        }
    }
    camel
}

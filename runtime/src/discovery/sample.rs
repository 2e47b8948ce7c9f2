//! From JSON samples to the outline (contract *connectors.md* §1.5).

use chrono::{DateTime, NaiveDate};
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use serde_json::{Map, Value as Json};
use syn::ext::IdentExt;
use uuid::Uuid;

use super::Access;
use super::name::{self, FieldNames, TypeNames};
use super::outline::{Field, Item, Outline, Struct};
use crate::{Error, Result};

/// The model that the samples would fit, and the structs nested in it.
///
/// # Errors
/// There is no sample, or one that isn't an object.
pub(super) fn outline(name: &str, samples: &[Json], access: Access) -> Result<Outline> {
    let mut shape = Shape::Unknown;
    for sample in samples {
        if !sample.is_object() {
            return Err(Error::internal(
                "a sample of a model is a JSON object; give one, several, or a list of them",
            ));
        }
        shape = shape.with(Shape::of(sample));
    }
    let Shape::Object(object) = shape else {
        return Err(Error::internal(
            "there are no samples; give at least one JSON object",
        ));
    };
    let mut types = TypeNames::default();
    let mut nested = Vec::new();
    let ident = types.exact(name);
    let model = model(ident, &object, access, &mut types, &mut nested);
    let mut items = vec![Item::Model(model)];
    items.extend(nested);
    Ok(Outline {
        docs: vec![
            "A model that JSON samples fit.".to_owned(),
            "Who may do what is for you to decide: see `#[acl(...)]`.".to_owned(),
        ],
        items,
    })
}

/// What all values at one place have in common.
#[derive(Debug, Clone, PartialEq)]
enum Shape {
    /// Nothing but null, or no value yet.
    Unknown,
    Boolean,
    Integer,
    Float,
    Text(Form),
    GeoPoint,
    List(Box<Shape>),
    Object(Object),
    /// Values of several kinds.
    Any,
}

/// What the texts at one place read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    DateTime,
    Date,
    Uuid,
    Text,
}

#[derive(Debug, Clone, PartialEq)]
struct Object {
    /// How many samples there are.
    count: usize,
    members: Vec<Member>,
}

#[derive(Debug, Clone, PartialEq)]
struct Member {
    name: String,
    /// In how many samples it has a value.
    present: usize,
    shape: Shape,
}

impl Shape {
    fn of(value: &Json) -> Self {
        match value {
            Json::Null => Shape::Unknown,
            Json::Bool(_) => Shape::Boolean,
            Json::Number(number) if number.is_i64() => Shape::Integer,
            Json::Number(_) => Shape::Float,
            Json::String(text) => Shape::Text(Form::of(text)),
            Json::Array(items) => {
                // A list's items can't be absent.
                let item = if items.iter().any(Json::is_null) {
                    Shape::Any
                } else {
                    items
                        .iter()
                        .fold(Shape::Unknown, |shape, item| shape.with(Shape::of(item)))
                };
                Shape::List(Box::new(item))
            }
            Json::Object(members) if is_point(members) => Shape::GeoPoint,
            Json::Object(members) => Shape::Object(Object {
                count: 1,
                members: members
                    .iter()
                    .map(|(name, value)| Member {
                        name: name.clone(),
                        present: usize::from(!value.is_null()),
                        shape: Shape::of(value),
                    })
                    .collect(),
            }),
        }
    }

    fn with(self, other: Shape) -> Shape {
        match (self, other) {
            (Shape::Unknown, shape) | (shape, Shape::Unknown) => shape,
            (Shape::Integer | Shape::Float, Shape::Float) | (Shape::Float, Shape::Integer) => {
                Shape::Float
            }
            (Shape::Text(left), Shape::Text(right)) if left != right => Shape::Text(Form::Text),
            (Shape::List(left), Shape::List(right)) => Shape::List(Box::new(left.with(*right))),
            (Shape::Object(left), Shape::Object(right)) => Shape::Object(left.with(right)),
            (left, right) if left == right => left,
            _ => Shape::Any,
        }
    }
}

impl Object {
    fn with(mut self, other: Object) -> Object {
        self.count += other.count;
        for member in other.members {
            match self
                .members
                .iter_mut()
                .find(|known| known.name == member.name)
            {
                Some(known) => {
                    known.present += member.present;
                    let shape = std::mem::replace(&mut known.shape, Shape::Unknown);
                    known.shape = shape.with(member.shape);
                }
                None => self.members.push(member),
            }
        }
        self
    }
}

impl Form {
    fn of(text: &str) -> Form {
        if DateTime::parse_from_rfc3339(text).is_ok() {
            Form::DateTime
        } else if text.len() == 10 && text.parse::<NaiveDate>().is_ok() {
            Form::Date
        } else if text.len() == 36 && Uuid::try_parse(text).is_ok() {
            Form::Uuid
        } else {
            Form::Text
        }
    }
}

fn is_point(members: &Map<String, Json>) -> bool {
    let number = |name| members.get(name).is_some_and(Json::is_number);
    members.len() == 2 && number("lat") && number("lng")
}

fn model(
    name: Ident,
    object: &Object,
    access: Access,
    types: &mut TypeNames,
    nested: &mut Vec<Item>,
) -> Struct {
    let mut names = FieldNames::default();
    let is_id = |member: &&Member| {
        let scalar = matches!(
            member.shape,
            Shape::Integer | Shape::Text(Form::Text | Form::Uuid)
        );
        scalar && member.present == object.count
    };
    let named = |name: &str| {
        object
            .members
            .iter()
            .filter(is_id)
            .position(|member| member.name == name)
    };
    let candidates: Vec<_> = object.members.iter().filter(is_id).collect();
    let id = named("id")
        .or_else(|| named("_id"))
        .and_then(|index| candidates.get(index).map(|member| member.name.as_str()));
    let mut fields = Vec::new();
    if id.is_none() {
        fields.push(Field {
            name: names.field("id"),
            docs: Vec::new(),
            attributes: vec![quote!(model(id, generated))],
            ty: quote!(i64),
        });
    }
    for member in &object.members {
        let mut words = Vec::new();
        let is_id = id == Some(member.name.as_str());
        if is_id {
            words.push(quote!(id));
            // Samples don't tell who gives the ids; numbers and UUIDs are mostly given by the store.
            if member.shape != Shape::Text(Form::Text) {
                words.push(quote!(generated));
            }
        }
        let field = names.field(&member.name);
        if name::json_name(&field.unraw().to_string()) != member.name {
            let name = &member.name;
            words.push(quote!(name = #name));
        }
        fields.push(Field {
            docs: Vec::new(),
            attributes: (!words.is_empty())
                .then(|| quote!(model(#(#words),*)))
                .into_iter()
                .collect(),
            ty: member_type(member, object.count, types, nested),
            name: field,
        });
    }
    let acl = match access {
        Access::Authenticated => quote!(acl(allow(read), to = authenticated)),
        Access::Read => quote!(acl(allow(read), to = everyone)),
        Access::Open => quote!(acl(open)),
    };
    Struct {
        docs: vec![format!("One `{name}`.")],
        name,
        attributes: vec![acl],
        fields,
    }
}

fn member_type(
    member: &Member,
    count: usize,
    types: &mut TypeNames,
    nested: &mut Vec<Item>,
) -> TokenStream {
    let ty = shape_type(&member.name, &member.shape, types, nested);
    // JSON has a null of its own.
    let json = matches!(member.shape, Shape::Unknown | Shape::Any);
    if member.present < count && !json {
        quote!(Option<#ty>)
    } else {
        ty
    }
}

fn shape_type(
    name: &str,
    shape: &Shape,
    types: &mut TypeNames,
    nested: &mut Vec<Item>,
) -> TokenStream {
    match shape {
        Shape::Boolean => quote!(bool),
        Shape::Integer => quote!(i64),
        Shape::Float => quote!(f64),
        Shape::Text(Form::DateTime) => quote!(DateTime<Utc>),
        Shape::Text(Form::Date) => quote!(NaiveDate),
        Shape::Text(Form::Uuid) => quote!(Uuid),
        Shape::Text(Form::Text) => quote!(String),
        Shape::GeoPoint => quote!(GeoPoint),
        Shape::List(item) if matches!(**item, Shape::Unknown | Shape::Any) => {
            quote!(loopwright::model::Json)
        }
        Shape::List(item) => {
            let item = shape_type(name, item, types, nested);
            quote!(Vec<#item>)
        }
        Shape::Object(object) if !object.members.is_empty() => {
            let ident = types.row(name);
            let structure = nested_struct(ident.clone(), object, types, nested);
            nested.push(Item::Object(structure));
            quote!(#ident)
        }
        Shape::Object(_) | Shape::Unknown | Shape::Any => quote!(loopwright::model::Json),
    }
}

fn nested_struct(
    name: Ident,
    object: &Object,
    types: &mut TypeNames,
    nested: &mut Vec<Item>,
) -> Struct {
    let mut names = FieldNames::default();
    let fields = object.members.iter().map(|member| {
        let field = names.field(&member.name);
        let same = name::json_name(&field.unraw().to_string()) == member.name;
        let json = &member.name;
        Field {
            docs: Vec::new(),
            attributes: (!same)
                .then(|| quote!(property(name = #json)))
                .into_iter()
                .collect(),
            ty: member_type(member, object.count, types, nested),
            name: field,
        }
    });
    let fields = fields.collect();
    Struct {
        docs: vec![format!("A nested `{name}`.")],
        name,
        attributes: Vec::new(),
        fields,
    }
}

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
use crate::model::GeoPoint;
use crate::{Error, Result};

/// Where samples come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// JSON, which says dates and UUIDs as text.
    Json,
    /// A store of documents, whose text is text.
    #[cfg(feature = "mongodb")]
    Documents,
}

impl Source {
    /// Can a property have the name? A store of documents takes some for a way into nested ones, or for an operator.
    fn names(self, name: &str) -> bool {
        self == Source::Json || !(name.contains('.') || name.starts_with('$'))
    }
}

/// The model that the samples would fit, and the structs nested in it.
///
/// # Errors
/// There is no sample, or one that isn't an object.
pub(super) fn outline(name: &str, samples: &[Json], access: Access) -> Result<Outline> {
    let mut types = TypeNames::default();
    let mut items = Vec::new();
    let object = common(samples, Source::Json)?;
    let ident = types.exact(name);
    Writer {
        source: Source::Json,
        types: &mut types,
        items: &mut items,
    }
    .model(ident, None, &object, access);
    Ok(Outline {
        docs: vec![
            "A model that JSON samples fit.".to_owned(),
            "Who may do what is for you to decide: see `#[acl(...)]`.".to_owned(),
        ],
        items,
    })
}

/// The models of a store's collections, each with samples of its documents.
///
/// # Errors
/// There are no documents.
#[cfg(feature = "mongodb")]
pub(super) fn collections(
    collections: Vec<(String, Vec<Json>)>,
    options: &super::Options,
) -> Result<Outline> {
    let mut outline = Outline {
        docs: vec![
            "Models of a MongoDB database that was there before them, by samples of its documents."
                .to_owned(),
            "Who may do what is for you to decide: see `#[acl(...)]` on each model.".to_owned(),
        ],
        items: Vec::new(),
    };
    let wanted = |name: &String| options.tables.is_empty() || options.tables.contains(name);
    let mut types = TypeNames::default();
    let mut missing = Vec::new();
    for (collection, samples) in collections {
        if samples.is_empty() || !wanted(&collection) {
            continue;
        }
        let object = common(&samples, Source::Documents)?;
        if id(&object).is_none_or(|id| id.name != "_id") {
            let reason = "its ids have several types, or one that no id has";
            missing.push(format!("- `{collection}`: {reason}"));
            continue;
        }
        let own = options.prefix.as_deref();
        let own = own.and_then(|prefix| collection.strip_prefix(prefix));
        let ident = types.row(own.unwrap_or(&collection));
        Writer {
            source: Source::Documents,
            types: &mut types,
            items: &mut outline.items,
        }
        .model(ident, Some(&collection), &object, options.access);
    }
    if outline.items.is_empty() && missing.is_empty() {
        return Err(Error::internal(
            "the database has no such documents; check the name at the end of its URL",
        ));
    }
    outline.docs.extend(left_out(&missing));
    Ok(outline)
}

/// The paragraphs that name what is missing.
fn left_out(missing: &[String]) -> Vec<String> {
    match missing {
        [] => Vec::new(),
        missing => vec!["Left out:".to_owned(), missing.join("\n")],
    }
}

/// What the samples have in common.
fn common(samples: &[Json], source: Source) -> Result<Object> {
    let mut shape = Shape::Unknown;
    for sample in samples {
        if !sample.is_object() {
            return Err(Error::internal(
                "a sample of a model is a JSON object; give one, several, or a list of them",
            ));
        }
        shape = shape.with(Shape::of(sample, source));
    }
    match shape {
        Shape::Object(object) => Ok(object),
        _ => Err(Error::internal(
            "there are no samples; give at least one JSON object",
        )),
    }
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
    DateTime,
    Decimal,
    Bytes,
    Uuid,
    ObjectId,
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
    fn of(value: &Json, source: Source) -> Self {
        match value {
            Json::Null => Shape::Unknown,
            Json::Bool(_) => Shape::Boolean,
            Json::Number(number) if number.is_i64() => Shape::Integer,
            Json::Number(_) => Shape::Float,
            Json::String(text) if source == Source::Json => Shape::Text(Form::of(text)),
            Json::String(_) => Shape::Text(Form::Text),
            Json::Array(items) => {
                // A list's items can't be absent.
                let item = if items.iter().any(Json::is_null) {
                    Shape::Any
                } else {
                    items.iter().fold(Shape::Unknown, |shape, item| {
                        shape.with(Shape::of(item, source))
                    })
                };
                Shape::List(Box::new(item))
            }
            Json::Object(members) if is_point(members) => Shape::GeoPoint,
            Json::Object(members) => Shape::tagged(members).unwrap_or_else(|| {
                Shape::Object(Object {
                    count: 1,
                    members: members
                        .iter()
                        .map(|(name, value)| Member {
                            name: name.clone(),
                            present: usize::from(!value.is_null()),
                            shape: Shape::of(value, source),
                        })
                        .collect(),
                })
            }),
        }
    }

    /// What MongoDB's extended JSON says by an object with one member.
    fn tagged(members: &Map<String, Json>) -> Option<Shape> {
        let (tag, _) = members.iter().next().filter(|_| members.len() == 1)?;
        Some(match tag.as_str() {
            "$oid" => Shape::ObjectId,
            "$date" => Shape::DateTime,
            "$numberDecimal" => Shape::Decimal,
            "$binary" => Shape::Bytes,
            "$uuid" => Shape::Uuid,
            "$numberLong" | "$numberInt" => Shape::Integer,
            "$numberDouble" => Shape::Float,
            "$undefined" => Shape::Any,
            _ => return None,
        })
    }

    /// Does it say so little that only JSON holds it?
    fn is_vague(&self) -> bool {
        match self {
            Shape::Unknown | Shape::Any => true,
            Shape::List(item) => item.is_vague(),
            Shape::Object(object) => object.members.is_empty(),
            _ => false,
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
    let number = |name| members.get(name).and_then(Json::as_f64);
    let point = number("lat").zip(number("lng"));
    members.len() == 2 && point.is_some_and(|(lat, lng)| GeoPoint::new(lat, lng).is_ok())
}

/// Writes the structs of one model.
struct Writer<'a> {
    source: Source,
    types: &'a mut TypeNames,
    items: &'a mut Vec<Item>,
}

impl Writer<'_> {
    fn model(&mut self, name: Ident, collection: Option<&str>, object: &Object, access: Access) {
        let mut names = FieldNames::default();
        let mut fields = Vec::new();
        let id = id(object);
        if id.is_none() {
            fields.push(Field {
                name: names.field("id"),
                docs: Vec::new(),
                attributes: vec![quote!(model(id, generated))],
                ty: quote!(i64),
            });
        }
        // Nested structs come after the model.
        let place = self.items.len();
        let mut missing = Vec::new();
        for member in &object.members {
            if !self.source.names(&member.name) {
                missing.push(format!(
                    "- `{}`: no property can have the name",
                    member.name
                ));
                continue;
            }
            let is_id = id.is_some_and(|id| id.name == member.name);
            let field = names.field(&member.name);
            let mut words = Vec::new();
            if is_id {
                words.push(quote!(id));
                // Samples don't tell who gives the ids; all but texts are mostly given by the store.
                if !matches!(member.shape, Shape::Text(Form::Text)) {
                    words.push(quote!(generated));
                }
                // Unless told, the id would have the column that another member is.
                let mut others = object.members.iter();
                if collection.is_some() && others.any(|other| other.name == "id") {
                    words.push(quote!(column = "_id"));
                }
            }
            let plain = field.unraw().to_string();
            let text = &member.name;
            match self.source {
                Source::Json if name::json_name(&plain) != *text => {
                    words.push(quote!(name = #text))
                }
                #[cfg(feature = "mongodb")]
                Source::Documents if plain != *text && !is_id => words.push(quote!(column = #text)),
                _ => {}
            }
            fields.push(Field {
                docs: Vec::new(),
                attributes: (!words.is_empty())
                    .then(|| quote!(model(#(#words),*)))
                    .into_iter()
                    .collect(),
                ty: self.member(member, object.count),
                name: field,
            });
        }
        let mut attributes = Vec::new();
        if let Some(collection) = collection
            && name::snake(&name.to_string()) != collection
        {
            attributes.push(quote!(model(table = #collection)));
        }
        attributes.push(match access {
            Access::Authenticated => quote!(acl(allow(read), to = authenticated)),
            Access::Read => quote!(acl(allow(read), to = everyone)),
            Access::Open => quote!(acl(open)),
        });
        let mut docs = vec![match collection {
            Some(collection) => format!("A document of the collection `{collection}`."),
            None => format!("One `{name}`."),
        }];
        docs.extend(left_out(&missing));
        let model = Item::Model(Struct {
            name,
            docs,
            attributes,
            fields,
        });
        self.items.insert(place, model);
    }

    fn object(&mut self, name: &Ident, object: &Object) {
        let place = self.items.len();
        let mut names = FieldNames::default();
        let mut fields = Vec::new();
        for member in &object.members {
            let field = names.field(&member.name);
            let same = name::json_name(&field.unraw().to_string()) == member.name;
            let json = &member.name;
            fields.push(Field {
                docs: Vec::new(),
                attributes: (!same)
                    .then(|| quote!(property(name = #json)))
                    .into_iter()
                    .collect(),
                ty: self.member(member, object.count),
                name: field,
            });
        }
        let object = Item::Object(Struct {
            docs: vec![format!("A nested `{name}`.")],
            name: name.clone(),
            attributes: Vec::new(),
            fields,
        });
        self.items.insert(place, object);
    }

    fn member(&mut self, member: &Member, count: usize) -> TokenStream {
        let ty = self.shape(&member.name, &member.shape);
        // JSON has a null of its own.
        let json = matches!(member.shape, Shape::Unknown | Shape::Any);
        if member.present < count && !json {
            quote!(Option<#ty>)
        } else {
            ty
        }
    }

    fn shape(&mut self, name: &str, shape: &Shape) -> TokenStream {
        match shape {
            Shape::Boolean => quote!(bool),
            Shape::Integer => quote!(i64),
            Shape::Float => quote!(f64),
            Shape::DateTime | Shape::Text(Form::DateTime) => quote!(DateTime<Utc>),
            Shape::Decimal => quote!(Decimal),
            Shape::Bytes => quote!(Vec<u8>),
            Shape::ObjectId => quote!(ObjectId),
            Shape::Uuid | Shape::Text(Form::Uuid) => quote!(Uuid),
            Shape::Text(Form::Date) => quote!(NaiveDate),
            Shape::Text(Form::Text) => quote!(String),
            Shape::GeoPoint => quote!(GeoPoint),
            Shape::List(item) if !item.is_vague() => {
                let item = self.shape(name, item);
                quote!(Vec<#item>)
            }
            Shape::Object(object) if !object.members.is_empty() => {
                let ident = self.types.row(name);
                self.object(&ident, object);
                quote!(#ident)
            }
            Shape::List(_) | Shape::Object(_) | Shape::Unknown | Shape::Any => {
                quote!(loopwright::model::Json)
            }
        }
    }
}

/// The member that identifies an instance: `id` or `_id`, if each sample has one that can be.
fn id(object: &Object) -> Option<&Member> {
    let named = |name: &str| {
        object.members.iter().find(|member| {
            let scalar = matches!(
                member.shape,
                Shape::Integer
                    | Shape::Text(Form::Text | Form::Uuid)
                    | Shape::Uuid
                    | Shape::ObjectId
            );
            member.name == name && scalar && member.present == object.count
        })
    };
    named("_id").or_else(|| named("id"))
}

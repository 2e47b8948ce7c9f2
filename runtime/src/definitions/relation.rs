//! The relations of a definition (contract *relations.md* §1).

use serde_json::Value as Json;

use super::problem::Problems;
use super::property::{Default, Type, text};
use super::source::{Member, Node, Place, Value};
use crate::model::{Embedding, RelationKind};

/// A relation, as far as it is understood. What it names are properties in JSON.
#[derive(Debug, Clone)]
pub(crate) struct Relation {
    pub name: String,
    pub place: Place,
    pub docs: String,
    pub kind: RelationKind,
    /// The other model's name; nothing where each instance says which one it is.
    pub target: Option<String>,
    /// The property that holds the key: of this model for `BelongsTo` and `ReferencesMany`, of the model between for
    /// `through`, of the other otherwise. Of `EmbedsOne` and `EmbedsMany` the property with the targets themselves.
    pub key: String,
    /// Is the key what the definition says, and not what follows from names?
    pub key_given: bool,
    /// What the key refers to, if that is not the id.
    pub primary_key: Option<String>,
    /// The property that names the model to which a polymorphic key belongs.
    pub discriminator: Option<String>,
    /// The type of a polymorphic key, if the definition says.
    pub key_type: Option<Type>,
    pub through: Option<Between>,
    /// The relation's own query.
    pub scope: Option<(Place, Json)>,
    pub properties: Vec<(String, String)>,
    pub path: Option<String>,
    pub includable: bool,
    /// Are new targets put at the beginning?
    pub prepend: bool,
    /// How targets are kept within this model, if they are.
    pub embedding: Embedding,
    /// What a new instance holds, of this model's own property `key`.
    pub default: Option<Default>,
}

/// The model between the two of a relation.
#[derive(Debug, Clone)]
pub(crate) struct Between {
    /// Its name; nothing, as long as it is to be made.
    pub model: Option<String>,
    /// The property with the target's key, if the definition says.
    pub key: Option<String>,
    /// Is it the target's key that may belong to several models?
    pub inverse: bool,
}

const TYPES: [&str; 7] = [
    "belongsTo",
    "hasMany",
    "hasOne",
    "hasAndBelongsToMany",
    "referencesMany",
    "embedsOne",
    "embedsMany",
];

const KEYS: [&str; 16] = [
    "type",
    "model",
    "foreignKey",
    "primaryKey",
    "through",
    "keyThrough",
    "polymorphic",
    "invert",
    "idName",
    "property",
    "default",
    "scope",
    "properties",
    "options",
    "description",
    "http",
];

impl Relation {
    /// The relation of the model called `model` that `member` declares.
    pub fn read(model: &str, member: &Member, problems: &mut Problems) -> Option<Self> {
        let Member {
            key: name,
            place,
            node,
        } = member;
        for member in node.members("a relation", problems) {
            if !KEYS.contains(&member.key.as_str()) {
                problems.unknown(&member.place, "key of a relation", &member.key, &KEYS);
            }
        }
        let word = node.get("type").and_then(Node::as_str).unwrap_or_default();
        let kind = match word {
            "belongsTo" => RelationKind::BelongsTo,
            "hasMany" | "hasAndBelongsToMany" => RelationKind::HasMany,
            "hasOne" => RelationKind::HasOne,
            "referencesMany" => RelationKind::ReferencesMany,
            "embedsOne" => RelationKind::EmbedsOne,
            "embedsMany" => RelationKind::EmbedsMany,
            unknown => {
                let place = node.get("type").map_or(place, |node| &node.place);
                problems.unknown(place, "type of relation", unknown, &TYPES);
                return None;
            }
        };
        let text_at = |key: &str| {
            let text = node.get(key).and_then(Node::as_str);
            text.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let held = holds(kind);
        let polymorphic = Polymorphic::read(name, kind, node, problems).filter(|_| !held);
        let target = text_at("model");
        let to_any = kind == RelationKind::BelongsTo && polymorphic.is_some();
        if target.is_none() && !to_any {
            problems.mistake(
                place,
                format!("where does `{name}` lead? write `\"model\": \"…\"`"),
            );
            return None;
        }
        let through = (!held && text_at("through").is_some() || word == "hasAndBelongsToMany")
            .then(|| Between {
                model: text_at("through"),
                key: text_at("keyThrough"),
                inverse: node.get("invert").is_some_and(Node::is_truthy),
            });
        if let (Some(between), Some(_)) = (&through, &polymorphic)
            && between.model.is_none()
        {
            problems.mistake(
                place,
                format!("`{name}`: Polymorphic relations need a through model"),
            );
            return None;
        }
        let given = text_at(if is_embedded(kind) {
            "property"
        } else {
            "foreignKey"
        });
        let polymorphic_key = polymorphic
            .as_ref()
            .map(|polymorphic| polymorphic.key.clone());
        let by_default = || match kind {
            RelationKind::BelongsTo => format!("{name}Id"),
            _ => key_of(model),
        };
        let inverse = through.as_ref().is_some_and(|between| between.inverse);
        let through = through.map(|between| Between {
            key: between
                .key
                .or_else(|| polymorphic_key.clone().filter(|_| between.inverse)),
            ..between
        });
        let own_polymorphic = polymorphic_key.filter(|_| !inverse);
        let options = Options::read(name, kind, node, problems);
        Some(Relation {
            name: name.clone(),
            place: place.clone(),
            docs: text(node.get("description")),
            kind,
            target: target.filter(|_| !to_any),
            key_given: given.is_some() || own_polymorphic.is_some(),
            key: given.or(own_polymorphic).unwrap_or_else(by_default),
            default: default(name, kind, &options, node, problems),
            primary_key: text_at("primaryKey").or_else(|| text_at("idName").filter(|_| to_any)),
            key_type: polymorphic
                .as_ref()
                .and_then(|polymorphic| polymorphic.key_type.clone()),
            discriminator: polymorphic.map(|polymorphic| polymorphic.discriminator),
            through,
            scope: node
                .get("scope")
                .filter(|scope| !scope.is_empty())
                .map(|scope| (scope.place.clone(), scope.to_json())),
            properties: copies(node),
            path: options.path,
            includable: options.includable,
            prepend: options.prepend,
            embedding: options.embedding,
        })
    }
}

/// Are the targets kept within their owner?
pub(super) fn is_embedded(kind: RelationKind) -> bool {
    matches!(kind, RelationKind::EmbedsOne | RelationKind::EmbedsMany)
}

/// Does the owner hold the targets, or a list of their keys? What that property is called depends on the target.
pub(super) fn holds(kind: RelationKind) -> bool {
    is_embedded(kind) || kind == RelationKind::ReferencesMany
}

/// What a new owner holds.
fn default(
    name: &str,
    kind: RelationKind,
    options: &Options,
    node: &Node,
    problems: &mut Problems,
) -> Option<Default> {
    let given = node.get("default").filter(|default| default.is_truthy());
    match (kind, given) {
        (RelationKind::EmbedsOne, Some(default)) => match &default.value {
            Value::Scalar(Json::Bool(true)) => {
                let empty = Json::Object(serde_json::Map::new());
                Some(Default::Object(default.place.clone(), empty))
            }
            Value::Object(_) => Some(Default::Object(default.place.clone(), default.to_json())),
            _ => {
                problems.mistake(
                    &default.place,
                    format!("the default of `{name}` is an instance; write `true` for an empty one, or its members"),
                );
                None
            }
        },
        (_, Some(default)) => {
            problems.note(
                &default.place,
                "LoopBack ignores the `default` of a relation that is no `embedsOne`, and so does loopwright",
            );
            None
        }
        (RelationKind::EmbedsOne, None) => None,
        (RelationKind::EmbedsMany, None) if options.omit_default => None,
        (RelationKind::EmbedsMany | RelationKind::ReferencesMany, None) => Some(Default::EmptyList),
        _ => None,
    }
}

/// The keys of a polymorphic relation (contract *relations.md* §8).
struct Polymorphic {
    key: String,
    key_type: Option<Type>,
    discriminator: String,
}

impl Polymorphic {
    fn read(name: &str, kind: RelationKind, node: &Node, problems: &mut Problems) -> Option<Self> {
        let node = node.get("polymorphic").filter(|node| node.is_truthy())?;
        let text_at = |key: &str| node.get(key).and_then(Node::as_str).map(str::to_owned);
        let by_default = match kind {
            RelationKind::BelongsTo => name,
            _ => "reference",
        };
        let named = node.as_str().map(str::to_owned).or_else(|| text_at("as"));
        let named = camel(&named.unwrap_or_else(|| by_default.to_owned()));
        let key_type = node.get("idType");
        let key_type = key_type.and_then(|node| Type::read(node, &[], problems));
        Some(Polymorphic {
            // What a key refers to is an id, and a whole number if it is one.
            key_type: key_type.map(|ty| match ty {
                Type::Float => Type::Integer,
                other => other,
            }),
            key: text_at("foreignKey").unwrap_or_else(|| format!("{named}Id")),
            discriminator: text_at("discriminator").unwrap_or_else(|| format!("{named}Type")),
        })
    }
}

/// What stands under `options`.
struct Options {
    path: Option<String>,
    includable: bool,
    prepend: bool,
    embedding: Embedding,
    /// Is the property of an `embedsMany` absent at first?
    omit_default: bool,
}

impl Options {
    fn read(name: &str, kind: RelationKind, node: &Node, problems: &mut Problems) -> Self {
        let mut read = Options {
            path: None,
            includable: true,
            prepend: false,
            embedding: Embedding {
                validated: true,
                force_id: false,
                persistent: false,
            },
            omit_default: false,
        };
        let Some(options) = node.get("options") else {
            return read;
        };
        for member in options.members("`options`", problems) {
            let Member { key, place, node } = member;
            match key.as_str() {
                "disableInclude" => read.includable = !node.is_truthy(),
                "http" => read.path = node.get("path").and_then(Node::as_str).map(str::to_owned),
                "validate" if is_embedded(kind) => read.embedding.validated = node.is_truthy(),
                "forceId" if is_embedded(kind) => read.embedding.force_id = node.is_truthy(),
                "persistent" if is_embedded(kind) => read.embedding.persistent = node.is_truthy(),
                "omitDefaultEmbeddedItem" if kind == RelationKind::EmbedsMany => {
                    read.omit_default = node.is_truthy();
                }
                "prepend" if holds(kind) && kind != RelationKind::EmbedsOne => {
                    read.prepend = node.is_truthy();
                }
                // LoopBack's generator writes them into every relation.
                "validate" | "forceId" => {}
                _ if !node.is_truthy() => {}
                "persistent" | "omitDefaultEmbeddedItem" | "prepend" => problems.note(
                    place,
                    format!("LoopBack ignores `{key}` of a relation of this type, and so does loopwright"),
                ),
                _ => problems.missing(
                    place,
                    format!("`{name}`: the option `{key}` of a relation is not there yet"),
                ),
            }
        }
        read
    }
}

/// The properties of the owner whose values new targets get, each with the target's.
fn copies(node: &Node) -> Vec<(String, String)> {
    let Some(node) = node.get("properties") else {
        return Vec::new();
    };
    let pair = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    match &node.value {
        Value::Object(members) => {
            let members = members.iter();
            let pairs = members.filter_map(|member| Some(pair(&member.key, member.node.as_str()?)));
            pairs.collect()
        }
        _ => {
            let names = node.items().iter().filter_map(Node::as_str);
            names.map(|name| pair(name, name)).collect()
        }
    }
}

/// The usual name of a key to a model: `coffeeShopId`.
pub(super) fn key_of(model: &str) -> String {
    format!("{}Id", camel(model))
}

/// The usual name of the property in which an owner holds the targets of a relation of this kind, or the list of their keys
/// (contract *relations.md* §1.1).
pub(super) fn holding(kind: RelationKind, target: &str) -> String {
    match kind {
        RelationKind::EmbedsOne => camel(target),
        RelationKind::EmbedsMany => camel(&loopwright_plural::plural(target)),
        _ => format!("{}Ids", camel(target)),
    }
}

/// The name of a model as keys begin with it: `CoffeeShop` has `coffeeShopId`, `my_thing` has `myThingId`.
fn camel(name: &str) -> String {
    let mut camel = String::new();
    for (index, word) in name.split(['_', '-']).enumerate() {
        let mut letters = word.chars();
        if let Some(first) = letters.next() {
            if index == 0 {
                camel.extend(first.to_lowercase());
            } else {
                camel.extend(first.to_uppercase());
            }
            camel.push_str(letters.as_str());
        }
    }
    camel
}

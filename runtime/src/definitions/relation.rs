//! The relations of a definition (contract *relations.md* §1).

use super::problem::Problems;
use super::property::text;
use super::source::{Member, Node, Place};
use crate::model::RelationKind;

/// A relation, as far as it is understood.
#[derive(Debug, Clone)]
pub(crate) struct Relation {
    pub name: String,
    pub place: Place,
    pub docs: String,
    pub kind: RelationKind,
    /// The other model's name.
    pub target: String,
    /// The property that holds the key: of this model for `BelongsTo`, of the other otherwise.
    pub key: String,
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
            "hasMany" => RelationKind::HasMany,
            "hasOne" => RelationKind::HasOne,
            known if TYPES.contains(&known) => {
                problems.missing(
                    place,
                    format!("`{name}`: relations of the type `{known}` are not there yet"),
                );
                return None;
            }
            unknown => {
                let place = node.get("type").map_or(place, |node| &node.place);
                problems.unknown(place, "type of relation", unknown, &TYPES);
                return None;
            }
        };
        // Without these the relation would lead somewhere else, or show more.
        for key in [
            "through",
            "polymorphic",
            "primaryKey",
            "scope",
            "properties",
        ] {
            if let Some(given) = node.get(key).filter(|given| !given.is_empty()) {
                problems.missing(
                    &given.place,
                    format!("`{name}`: a relation with `{key}` is not there yet"),
                );
                return None;
            }
        }
        let options = node
            .get("options")
            .map(|options| options.members("`options`", problems));
        for member in options.unwrap_or_default() {
            let about_embedded = ["validate", "forceId"].contains(&member.key.as_str());
            if !about_embedded && member.node.is_truthy() {
                problems.missing(
                    &member.place,
                    format!(
                        "`{name}`: the option `{}` of a relation is not there yet",
                        member.key
                    ),
                );
            }
        }
        let Some(target) = node.get("model").and_then(Node::as_str) else {
            problems.mistake(
                place,
                format!("where does `{name}` lead? write `\"model\": \"…\"`"),
            );
            return None;
        };
        let given = node
            .get("foreignKey")
            .and_then(Node::as_str)
            .filter(|key| !key.is_empty());
        let by_default = match kind {
            RelationKind::BelongsTo => format!("{name}Id"),
            _ => format!("{}Id", camel(model)),
        };
        Some(Relation {
            name: name.clone(),
            place: place.clone(),
            docs: text(node.get("description")),
            kind,
            target: target.to_owned(),
            key: given.map_or(by_default, str::to_owned),
        })
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

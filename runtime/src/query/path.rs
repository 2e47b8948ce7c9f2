//! Into what is stored as JSON: `address.city`, `tags.0` (contract *querying.md* §2.2).

use std::fmt;

use serde_json::Value as Json;

use crate::model::PropertyType;

/// A way into a property that is stored as JSON.
///
/// A list that is met on the way, and no [index](Step::Index) into it, leads to the members of all its items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path(Box<[Step]>);

/// One step of a [`Path`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The member of that name of an object, or of each object of a list.
    Member(Box<str>),
    /// The item of a list; of an object, the member that has the number for a name.
    Index(u32),
}

impl Path {
    /// To the property itself.
    pub(crate) fn to_itself() -> Self {
        Path(Box::default())
    }

    /// The steps in order.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Everything in `json` that the path leads to; null for what is not there.
    pub(super) fn values<'a>(&self, json: &'a Json) -> Vec<&'a Json> {
        let mut found = Vec::new();
        walk(json, &self.0, &mut found);
        found
    }

    /// The one thing in `json` that the path leads to; null for what is not there, and for members of a list.
    pub(super) fn value<'a>(&self, json: &'a Json) -> &'a Json {
        let into = |json: &'a Json, step: &Step| match (json, step) {
            (Json::Array(items), Step::Index(index)) => items.get(usize::try_from(*index).ok()?),
            (json, Step::Index(index)) => json.get(index.to_string()),
            (json, Step::Member(name)) => json.get(&**name),
        };
        let found = self.0.iter().try_fold(json, into);
        found.unwrap_or(&Json::Null)
    }

    /// The type of the one value that the path leads to from one of the type `ty`; nothing when there is no such value,
    /// or several.
    pub(crate) fn leads_to(&self, ty: PropertyType) -> Option<PropertyType> {
        self.0.iter().try_fold(ty, |ty, step| match (ty, step) {
            (PropertyType::Json, _) => Some(PropertyType::Json),
            (PropertyType::Array(item), Step::Index(_)) => Some(*item),
            (PropertyType::GeoPoint, Step::Member(_)) => Some(PropertyType::Float),
            (PropertyType::Object(def), step) => {
                let name = step.to_string();
                let mut members = def.properties.iter();
                members
                    .find(|member| member.name == name)
                    .map(|member| member.ty)
            }
            _ => None,
        })
    }
}

/// The steps of `city`, or `tags.0`.
impl From<&str> for Path {
    fn from(text: &str) -> Self {
        Path(text.split('.').map(Step::from).collect())
    }
}

fn walk<'a>(json: &'a Json, steps: &[Step], found: &mut Vec<&'a Json>) {
    let Some((step, rest)) = steps.split_first() else {
        found.push(json);
        return;
    };
    match (json, step) {
        (Json::Array(items), Step::Index(index)) => {
            let item = usize::try_from(*index)
                .ok()
                .and_then(|index| items.get(index));
            walk(item.unwrap_or(&Json::Null), rest, found);
        }
        (Json::Array(items), Step::Member(name)) => {
            for item in items {
                walk(item.get(&**name).unwrap_or(&Json::Null), rest, found);
            }
        }
        (json, Step::Member(name)) => walk(json.get(&**name).unwrap_or(&Json::Null), rest, found),
        (json, Step::Index(index)) => {
            let member = json.get(index.to_string());
            walk(member.unwrap_or(&Json::Null), rest, found);
        }
    }
}

impl From<&str> for Step {
    fn from(text: &str) -> Self {
        let index = text
            .parse()
            .ok()
            .filter(|index: &u32| index.to_string() == text);
        index.map_or_else(|| Step::Member(text.into()), Step::Index)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Member(name) => f.write_str(name),
            Step::Index(index) => index.fmt(f),
        }
    }
}

/// `.city`, to follow the property's name.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|step| write!(f, ".{step}"))
    }
}

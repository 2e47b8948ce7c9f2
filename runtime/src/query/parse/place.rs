//! What a name in a `where` or an `order` leads to: a property, or something within one (contract *querying.md* §2.2).

use serde_json::Value as Json;

use super::{MAX_DEPTH, Scope, bad_request, too_deep};
use crate::Result;
use crate::model::PropertyType;
use crate::query::{Comparison, Condition, Path, Step};

/// A property, or a way into one.
#[derive(Clone)]
pub(super) struct Place {
    pub property: usize,
    pub path: Option<Path>,
    /// The type of what is there.
    pub ty: PropertyType,
}

impl Place {
    pub fn condition(self, comparison: Comparison) -> Condition {
        match self.path {
            None => Condition::compare(self.property, comparison),
            Some(path) => Condition::Member {
                property: self.property,
                path,
                comparison,
            },
        }
    }

    pub const fn is_property(&self) -> bool {
        self.path.is_none()
    }
}

impl Scope<'_> {
    /// What `name` leads to; `clause` is where it stands, for messages.
    pub(super) fn place(&self, name: &str, clause: &str) -> Result<Place> {
        let (own, path) = match name.split_once('.') {
            Some((own, path)) if self.def.property_index(name).is_none() => (own, Some(path)),
            _ => (name, None),
        };
        let extra = self.def.extra_index();
        let (property, path) = match (self.def.property_index(own), extra) {
            // Undeclared properties are within the one that keeps them.
            (None, Some(extra)) => (extra, Some(name)),
            _ => (self.property(own, clause)?, path),
        };
        let ty = self.def.properties[property].ty;
        let Some(path) = path else {
            return Ok(Place {
                property,
                path: None,
                ty,
            });
        };
        if path.split('.').count() > MAX_DEPTH {
            return Err(too_deep());
        }
        let path = Path::from(path);
        let ty = path
            .steps()
            .iter()
            .try_fold(ty, |ty, step| self.within(name, clause, ty, step))?;
        Ok(Place {
            property,
            path: Some(path),
            ty,
        })
    }

    /// Refuses to compare or order by a whole of which the caller may see only parts: the rest could be guessed. Whether it
    /// is there at all may be asked.
    pub(super) fn refuse_whole(
        &self,
        name: &str,
        clause: &str,
        place: &Place,
        json: &Json,
    ) -> Result<()> {
        let is_null = |json: &Json| json.is_null();
        let of_null = is_null(json)
            || json.get("neq").is_some_and(is_null)
                && json.as_object().is_some_and(|only| only.len() == 1);
        if self.hidden || of_null || !place.ty.hides() {
            return Ok(());
        }
        let message = format!(
            "The {clause} names \"{name}\" as a whole, which has members that are not shown; name one of the others, as in \"{name}.member\""
        );
        Err(bad_request(message).with_code("UNKNOWN_PROPERTY"))
    }

    /// The type that `step` leads to from `ty`.
    fn within(
        &self,
        name: &str,
        clause: &str,
        ty: PropertyType,
        step: &Step,
    ) -> Result<PropertyType> {
        match (ty, step) {
            (PropertyType::Json, _) => Ok(PropertyType::Json),
            (PropertyType::Array(item), Step::Index(_)) => Ok(*item),
            // Of each item. A list within a list needs an index.
            (PropertyType::Array(item), _) if !matches!(item, PropertyType::Array(_)) => {
                self.within(name, clause, *item, step)
            }
            (PropertyType::GeoPoint, Step::Member(member))
                if matches!(&**member, "lat" | "lng") =>
            {
                Ok(PropertyType::Float)
            }
            (PropertyType::Object(def), step) => {
                let member = step.to_string();
                let known = def.properties.iter().find(|known| known.name == member);
                known
                    .filter(|known| self.shows(known))
                    .map(|known| known.ty)
                    .ok_or_else(|| self.unknown(&member, clause, def.name, def.properties))
            }
            _ => {
                let message = format!(
                    "The {clause} names \"{name}\", but there is no \"{step}\" within {}",
                    ty.expectation()
                );
                Err(bad_request(message).with_code("UNKNOWN_PROPERTY"))
            }
        }
    }
}

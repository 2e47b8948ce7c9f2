//! Whom an instance belongs to (contract *access-control.md* §7).

use serde_json::Value as Json;

use super::Caller;
use crate::model::{
    ModelDef, PrincipalKind, PropertyDef, PropertyType, RelationDef, RelationKind, Value,
};
use crate::query::Condition;

/// How the owner of a model's instances is found.
///
/// It is a condition, so that what one instance answers and what a list is narrowed to can't differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OwnerDef {
    /// The instances are users, each its own owner.
    Itself,
    /// The instances hold the id of their owner, in the first of these that is not blank.
    Keys([Option<OwnerKey>; 3]),
    /// Nothing of the model says whom it belongs to.
    Unknown,
}

/// A property with the id of an owner.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OwnerKey {
    property: usize,
    /// The model whose instances it refers to, where a relation says so.
    target: Option<&'static ModelDef>,
}

impl PartialEq for OwnerKey {
    fn eq(&self, other: &Self) -> bool {
        self.property == other.property
    }
}

impl Eq for OwnerKey {}

impl OwnerDef {
    /// How the owner of the instances of `def` is found: they are users, or have a `userId` or an `owner`, or their first
    /// `belongs_to` whose target is a user leads to it.
    pub fn of(def: &'static ModelDef) -> Self {
        if def.principal == Some(PrincipalKind::User) && !def.has_composite_id() {
            return OwnerDef::Itself;
        }
        let users = |relation: &&RelationDef| {
            let target = relation.target();
            relation.kind == RelationKind::BelongsTo
                && relation.primary_key.is_none()
                && target.is_some_and(|target| target.principal == Some(PrincipalKind::User))
        };
        let by_key = |property: usize| {
            let field = def.properties[property].field;
            let mut relations = def.relations.iter().filter(users);
            relations
                .find(|one| one.foreign_key == field)
                .and_then(RelationDef::target)
        };
        let named = |name: &str| {
            let property = def.property_index(name)?;
            let target = by_key(property);
            Some(OwnerKey { property, target })
        };
        let related = || {
            let relation = def.relations.iter().find(users)?;
            let mut properties = def.properties.iter();
            let property = properties.position(|one| one.field == relation.foreign_key)?;
            let target = relation.target();
            Some(OwnerKey { property, target })
        };
        let keys = [named("userId"), named("owner"), related()];
        match keys.iter().any(Option::is_some) {
            true => OwnerDef::Keys(keys),
            false => OwnerDef::Unknown,
        }
    }

    /// Is it the key in this field that says whom the instances of `def` belong to?
    pub fn is_by(&self, def: &ModelDef, field: &str) -> bool {
        match self {
            OwnerDef::Keys(keys) => {
                let first = keys.iter().flatten().next();
                first.is_some_and(|key| def.properties[key.property].field == field)
            }
            OwnerDef::Itself | OwnerDef::Unknown => false,
        }
    }

    /// What the instances of `def` have in common that belong to `caller`.
    pub fn condition(&self, def: &'static ModelDef, caller: &Caller) -> Condition {
        let Some(user) = caller.user_id() else {
            return Condition::NONE;
        };
        match self {
            OwnerDef::Unknown => Condition::NONE,
            OwnerDef::Itself if !caller.may_be_of(def) => Condition::NONE,
            OwnerDef::Itself => equal(def, def.id_index(), user),
            OwnerDef::Keys(keys) => {
                let keys = keys.iter().flatten().rev();
                keys.fold(Condition::NONE, |rest, key| {
                    // Where there are several models of users, an id alone says nothing: a relation has to say whose it is.
                    let own = match key.target {
                        Some(target) => caller.may_be_of(target),
                        None => caller.is_known_by_id(),
                    };
                    let own = match own {
                        true => equal(def, key.property, user),
                        false => Condition::NONE,
                    };
                    match rest == Condition::NONE {
                        true => own,
                        // A key that is there, and somebody else's, decides alone.
                        false => own.or(blank(def, key.property).and(rest)),
                    }
                })
            }
        }
    }
}

/// The property holds this id; ids are compared as texts.
fn equal(def: &ModelDef, property: usize, id: &str) -> Condition {
    match id_value(&def.properties[property], id) {
        Some(id) => Condition::equal(property, id),
        None => Condition::NONE,
    }
}

/// The id in a property's own type, if it can be one.
fn id_value(property: &PropertyDef, id: &str) -> Option<Value> {
    let value = property.ty.from_json(Json::String(id.to_owned())).ok()?;
    // `"01"` is not the user 1.
    (value.to_text() == id).then_some(value)
}

/// The property is what JavaScript takes for false.
fn blank(def: &ModelDef, property: usize) -> Condition {
    let null = Condition::equal(property, Value::Null);
    match &def.properties[property].ty {
        PropertyType::Integer { .. } => null.or(Condition::equal(property, Value::Integer(0))),
        PropertyType::String => null.or(Condition::equal(property, Value::String(String::new()))),
        _ => null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Record;

    static USER: ModelDef = ModelDef::new(
        "User",
        "Users",
        "user",
        &[PropertyDef::of::<i64>("id", "id").id().generated()],
    )
    .principal(PrincipalKind::User);

    static STAFF: ModelDef = ModelDef::new(
        "Staff",
        "Staffs",
        "staff",
        &[PropertyDef::of::<i64>("id", "id").id().generated()],
    )
    .principal(PrincipalKind::User);

    static NOTE: ModelDef = ModelDef::new(
        "Note",
        "Notes",
        "note",
        &[
            PropertyDef::of::<i64>("id", "id").id().generated(),
            PropertyDef::of::<Option<i64>>("userId", "user_id"),
            PropertyDef::of::<Option<String>>("owner", "owner"),
            PropertyDef::of::<Option<i64>>("authorId", "author_id"),
        ],
    )
    .relations(&[RelationDef::new(
        RelationKind::BelongsTo,
        "author",
        || &USER,
        "author_id",
    )]);

    fn owns(caller: &Caller, user: Option<i64>, owner: Option<&str>, author: Option<i64>) -> bool {
        let record = Record::from_values(vec![
            Some(Value::Integer(1)),
            user.map(Value::Integer),
            owner.map(|owner| Value::String(owner.to_owned())),
            author.map(Value::Integer),
        ]);
        let condition = OwnerDef::of(&NOTE).condition(&NOTE, caller);
        condition.matches(&record)
    }

    #[test]
    fn the_first_key_that_is_not_blank_decides() {
        let ann = Caller::user("7", []);
        assert!(owns(&ann, Some(7), None, None));
        assert!(owns(&ann, None, Some("7"), None));
        assert!(owns(&ann, Some(0), Some(""), Some(7)));
        // A `userId` of somebody else never falls back to what follows.
        assert!(!owns(&ann, Some(8), Some("7"), Some(7)));
        assert!(!owns(&ann, None, Some("8"), Some(7)));
        assert!(!owns(&ann, None, None, None));
        assert!(!owns(&Caller::anonymous(), None, None, None));
        assert!(!owns(&Caller::user("x", []), Some(0), Some(""), Some(0)));
    }

    #[test]
    fn users_of_two_models_with_one_id_do_not_own_each_other() {
        let ann = Caller::user("7", []).of_model(&USER);
        let bob = Caller::user("7", []).of_model(&STAFF);
        assert!(owns(&ann, None, None, Some(7)));
        assert!(!owns(&bob, None, None, Some(7)));
        let itself = |caller| OwnerDef::of(&USER).condition(&USER, caller);
        let record = Record::from_values(vec![Some(Value::Integer(7))]);
        assert!(itself(&ann).matches(&record));
        assert!(!itself(&bob).matches(&record));
    }
}

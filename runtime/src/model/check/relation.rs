//! Relations between two models, and by way of a third.

use super::{Message, field, nearest_field, same};
use crate::model::{ModelDef, OnDelete, PropertyDef, PropertyType, RelationDef, RelationKind};

/// Refuses a relation whose field has the type of another kind of relation.
///
/// # Panics
/// At compile time, with what to write instead.
#[track_caller]
pub const fn relation_kind(owner: &ModelDef, index: usize, field: RelationKind) {
    let relation = &owner.relations[index];
    if relation.kind as u8 != field as u8 {
        Message::new()
            .push("`")
            .push(relation.name)
            .push("` is declared as `")
            .push(relation.kind.word())
            .push("`, but its type is `")
            .push(field.type_name())
            .push("`; write `#[relation(")
            .push(field.word())
            .push(")]`, or give the field the type `")
            .push(relation.kind.type_name())
            .push("`")
            .panic()
    }
}

/// Refuses a relation whose key is missing, or has another type than what it points to.
///
/// # Panics
/// At compile time, with what to write instead.
#[track_caller]
pub const fn relation(owner: &ModelDef, index: usize, target: &ModelDef) {
    let relation = &owner.relations[index];
    if leads_to_any(relation, target) {
        let key = named(owner, relation.foreign_key, KEY, "");
        discriminator(owner, relation, key);
        return;
    }
    if relation.through.is_some() {
        let made = match relation.through {
            Some(through) => through.is_made(),
            None => false,
        };
        if made && same(owner.name, target.name) {
            Message::new()
                .push("`")
                .push(relation.name)
                .push("` leads back to `")
                .push(owner.name)
                .push("`, and both keys would have one name; write the model between, and name it with `through = ...`")
                .panic()
        }
        sole_id(owner, relation);
        sole_id(target, relation);
    } else {
        direct(owner, relation, target);
    }
}

/// Refuses a relation that leads to one model, and whose field may hold any, and the other way round. True when both may be
/// any.
#[track_caller]
const fn leads_to_any(relation: &RelationDef, target: &ModelDef) -> bool {
    let (declared, held) = (relation.leads_to_any(), target.name.is_empty());
    if declared && !held {
        Message::new()
            .push("`")
            .push(relation.name)
            .push("` may lead to several models, but its field holds `")
            .push(target.name)
            .push("`; give the field the type `BelongsTo<AnyModel>`, or remove `polymorphic`")
            .panic()
    }
    if held && !declared {
        Message::new()
            .push("`")
            .push(relation.name)
            .push("` holds any model, but leads to one; write `#[relation(belongs_to, polymorphic)]`, or give the field the type of \
                   that model")
            .panic()
    }
    declared
}

#[track_caller]
const fn direct(owner: &ModelDef, relation: &RelationDef, target: &ModelDef) {
    let (holder, referenced) = match relation.kind {
        RelationKind::BelongsTo => (owner, target),
        RelationKind::HasMany | RelationKind::HasOne => (target, owner),
        RelationKind::ReferencesMany => {
            references(owner, relation, target);
            return;
        }
        // What is within its owner has no key.
        RelationKind::EmbedsOne | RelationKind::EmbedsMany => {
            sole_id(target, relation);
            closed(target, relation);
            return;
        }
    };
    let primary = match relation.primary_key {
        Some(name) => named(referenced, name, PRIMARY_KEY, ""),
        None => sole_id(referenced, relation),
    };
    let key = named(holder, relation.foreign_key, KEY, "");
    fits(holder, key, referenced, primary);
    if relation.discriminator.is_some() {
        discriminator(holder, relation, key);
    }
}

/// Refuses a model that keeps what it does not declare, where it is to be kept within another one.
#[track_caller]
const fn closed(target: &ModelDef, relation: &RelationDef) {
    if let Some(extra) = target.extra_index() {
        Message::new()
            .push("`")
            .push(target.name)
            .push("` keeps undeclared properties in `")
            .push(target.properties[extra].field)
            .push("`, and can't within another model, as `")
            .push(relation.name)
            .push("` has it; give that field the type `serde_json::Value`")
            .panic()
    }
}

/// Refuses a list of keys that is none, or one of another type than what it points to.
#[track_caller]
const fn references(owner: &ModelDef, relation: &RelationDef, target: &ModelDef) {
    let id = sole_id(target, relation);
    let key = named(owner, relation.foreign_key, KEY, "");
    if !same(key.item_type_name, id.type_name) {
        Message::new()
            .push("`")
            .push(owner.name)
            .push(".")
            .push(key.field)
            .push("` is to list ids of `")
            .push(target.name)
            .push("`; give it the type `Vec<")
            .push(id.type_name)
            .push(">`")
            .panic()
    }
}

/// Refuses a model between two whose keys are missing, or have another type than the ids that they point to.
///
/// # Panics
/// At compile time, with what to write instead.
#[track_caller]
pub const fn through(owner: &ModelDef, index: usize, target: &ModelDef, join: &ModelDef) {
    let relation = &owner.relations[index];
    let Some(through) = relation.through else {
        return;
    };
    let key = named(join, relation.foreign_key, KEY, "");
    fits(join, key, owner, owner.id());
    let other = named(join, through.key, KEY_THROUGH, "");
    fits(join, other, target, target.id());
    if same(key.field, other.field) {
        Message::new()
            .push("`")
            .push(join.name)
            .push(".")
            .push(key.field)
            .push("` can't be the key of both; name the other one with `key_through = ...`")
            .panic()
    }
    if relation.discriminator.is_some() {
        discriminator(join, relation, if through.inverse { other } else { key });
    }
}

/// Refuses a foreign key that is to become null, and can't.
///
/// # Panics
/// At compile time, with what to write instead.
#[track_caller]
pub const fn on_delete(owner: &ModelDef, index: usize, target: &ModelDef) {
    let relation = &owner.relations[index];
    if !matches!(relation.on_delete, Some(OnDelete::SetNull)) {
        return;
    }
    // `relation` has found it.
    if let Some(key) = field(owner, relation.foreign_key)
        && !key.nullable
    {
        Message::new()
            .push("`")
            .push(owner.name)
            .push(".")
            .push(key.field)
            .push("` can't become null when its `")
            .push(target.name)
            .push("` is deleted; give it the type `Option<")
            .push(key.type_name)
            .push(">`, or write \"cascade\" or \"restrict\"")
            .panic()
    }
}

/// The id, if it is one field.
#[track_caller]
const fn sole_id<'a>(def: &'a ModelDef, relation: &RelationDef) -> &'a PropertyDef {
    if def.has_composite_id() {
        Message::new()
            .push("`")
            .push(relation.name)
            .push("` needs a key for the id of `")
            .push(def.name)
            .push("`, which is made of several fields, and a relation's key is one; give `")
            .push(def.name)
            .push("` an id of one field, or find the instances by a filter over the fields")
            .panic()
    }
    def.id()
}

/// How a message speaks of a field that is not there.
struct Named {
    /// How it begins.
    what: &'static str,
    /// What stands before the name of another field, and behind it.
    cure: (&'static str, &'static str),
}

const KEY: Named = Named {
    what: "foreign key `",
    cure: ("key = ", ""),
};

const KEY_THROUGH: Named = Named {
    what: "foreign key `",
    cure: ("key_through = ", ""),
};

const PRIMARY_KEY: Named = Named {
    what: "primary key `",
    cure: ("primary_key = ", ""),
};

const DISCRIMINATOR: Named = Named {
    what: "discriminator `",
    cure: ("discriminator = ", ""),
};

const FROM: Named = Named {
    what: "property `",
    cure: ("properties(", ")"),
};

const TO: Named = Named {
    what: "property `",
    cure: ("properties(... = ", ")"),
};

/// The field called `name`; in its place, `other` is not meant.
#[track_caller]
const fn named<'a>(holder: &'a ModelDef, name: &str, words: Named, other: &str) -> &'a PropertyDef {
    let Some(property) = field(holder, name) else {
        let (before, behind) = words.cure;
        let message = Message::new()
            .push(words.what)
            .push(name)
            .push("` not found on `")
            .push(holder.name);
        match nearest_field(holder, name) {
            Some(near) if !same(near, other) => message
                .push("`; did you mean `")
                .push(before)
                .push(near)
                .push(behind)
                .push("`?")
                .panic(),
            _ => message
                .push("`; add the field to `")
                .push(holder.name)
                .push("`, or name another one with `")
                .push(before)
                .push("...")
                .push(behind)
                .push("`")
                .panic(),
        }
    };
    property
}

#[track_caller]
const fn fits(holder: &ModelDef, key: &PropertyDef, referenced: &ModelDef, primary: &PropertyDef) {
    if !same(key.type_name, primary.type_name) {
        Message::new()
            .push("foreign key `")
            .push(holder.name)
            .push(".")
            .push(key.field)
            .push("` is `")
            .push(key.type_name)
            .push("`, but `")
            .push(referenced.name)
            .push(".")
            .push(primary.field)
            .push("` is `")
            .push(primary.type_name)
            .push("`; give both the same type")
            .panic()
    }
}

/// Refuses a polymorphic key beside which nothing can say to which model it belongs.
#[track_caller]
const fn discriminator(holder: &ModelDef, relation: &RelationDef, key: &PropertyDef) {
    let Some(name) = relation.discriminator else {
        return;
    };
    let property = named(holder, name, DISCRIMINATOR, key.field);
    if !matches!(property.ty, PropertyType::String) {
        Message::new()
            .push("`")
            .push(holder.name)
            .push(".")
            .push(property.field)
            .push("` names the model that `")
            .push(key.field)
            .push("` belongs to; give it the type `String`, or `Option<String>`")
            .panic()
    }
}

/// Refuses a value that new targets are to get and can't: that of the pair of fields at `pair`.
///
/// # Panics
/// At compile time, with what to write instead.
#[track_caller]
pub const fn copied(owner: &ModelDef, index: usize, target: &ModelDef, pair: usize) {
    let (from, to) = owner.relations[index].properties[pair];
    let from = named(owner, from, FROM, "");
    let to = named(target, to, TO, "");
    if !same(from.type_name, to.type_name) {
        Message::new()
            .push("`")
            .push(owner.name)
            .push(".")
            .push(from.field)
            .push("` is `")
            .push(from.type_name)
            .push("`, and `")
            .push(target.name)
            .push(".")
            .push(to.field)
            .push("`, which is to get its value, is `")
            .push(to.type_name)
            .push("`; give both the same type")
            .panic()
    }
}

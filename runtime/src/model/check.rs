//! What the compiler checks across models: called by generated code in `const` items, on the user's own tokens.
//!
//! Each function is `#[track_caller]`: the error then points at the token that the macro gave to the call, not in here.

use super::method::METHODS;
use super::{
    DefaultDef, Literal, ModelDef, PropertyDef, PropertyType, RelationField, RelationKind, Rule,
};

/// Refuses an id that may be absent.
///
/// # Panics
/// At compile time, with what to write instead.
#[track_caller]
pub const fn id(def: &ModelDef) {
    let id = def.id();
    if id.nullable {
        Message::new()
            .push("the id `")
            .push(def.name)
            .push(".")
            .push(id.field)
            .push("` may be absent; give it the type `")
            .push(id.type_name)
            .push(
                "`, and mark it `#[model(id, generated)]` if it gets its value when it is created",
            )
            .panic()
    }
}

/// Refuses a default that is no value of its property.
///
/// # Panics
/// At compile time, with what to write instead.
#[track_caller]
pub const fn default(property: &PropertyDef) {
    let (fits, what) = match &property.default {
        None | Some(DefaultDef::Function(_)) => return,
        Some(DefaultDef::Now) => (
            matches!(property.ty, PropertyType::DateTime | PropertyType::Date),
            "`now` is an instant",
        ),
        Some(DefaultDef::Uuid) => (
            matches!(property.ty, PropertyType::Uuid | PropertyType::String),
            "`uuid` is a UUID",
        ),
        Some(DefaultDef::Literal(literal)) => (fits(literal, &property.ty), literal_is(literal)),
    };
    if !fits {
        Message::new()
            .push(what)
            .push(", which is no value of `")
            .push(property.field)
            .push("`; write a default of the type `")
            .push(property.type_name)
            .push("`, or the path of a function that returns one")
            .panic()
    }
}

/// Refuses a validation rule that says nothing about values of the property's type.
///
/// # Panics
/// At compile time, with what to write instead.
#[track_caller]
pub const fn rule(property: &PropertyDef, index: usize) {
    let ty = &property.ty;
    let (fits, problem, cure) = match &property.rules[index] {
        Rule::Presence | Rule::Absence => return,
        Rule::Length { .. } => (
            matches!(
                ty,
                PropertyType::String | PropertyType::Bytes | PropertyType::Array(_)
            ),
            "`length` is for text and lists",
            "write `range(...)` for numbers",
        ),
        Rule::Range { .. } => (
            matches!(
                ty,
                PropertyType::Integer { .. } | PropertyType::Float | PropertyType::Decimal
            ),
            "`range` is for numbers",
            "write `length(...)` for text and lists",
        ),
        Rule::Format(_) => (
            matches!(ty, PropertyType::String),
            "`format` is for text",
            "remove the rule",
        ),
        Rule::Inclusion(list) | Rule::Exclusion(list) => {
            let mut index = 0;
            while index < list.len() && fits(&list[index], ty) {
                index += 1;
            }
            (
                index == list.len(),
                "the list has an item that is no value of the property",
                "write items of the property's type",
            )
        }
    };
    if !fits {
        Message::new()
            .push(problem)
            .push(", but `")
            .push(property.field)
            .push("` is `")
            .push(property.type_name)
            .push("`; ")
            .push(cure)
            .panic()
    }
}

const fn fits(literal: &Literal, ty: &PropertyType) -> bool {
    match (literal, ty) {
        (_, PropertyType::Json)
        | (Literal::Boolean(_), PropertyType::Boolean)
        | (Literal::Integer(_) | Literal::Float(_), PropertyType::Float | PropertyType::Decimal)
        // Text is read when it is needed, as from JSON.
        | (
            Literal::String(_),
            PropertyType::String
            | PropertyType::DateTime
            | PropertyType::Date
            | PropertyType::Uuid
            | PropertyType::Decimal,
        ) => true,
        (Literal::Integer(number), PropertyType::Integer { min, max }) => *min <= *number && *number <= *max,
        (Literal::String(text), PropertyType::Enum(variants)) => {
            let mut index = 0;
            while index < variants.len() {
                if same(variants[index], text) {
                    return true;
                }
                index += 1;
            }
            false
        }
        _ => false,
    }
}

const fn literal_is(literal: &Literal) -> &'static str {
    match literal {
        Literal::Boolean(_) => "this is a truth value",
        Literal::Integer(_) => "this is an integer",
        Literal::Float(_) => "this is a number",
        Literal::String(_) => "this is text",
    }
}

/// Refuses a relation whose field has the type of another kind of relation.
///
/// # Panics
/// At compile time, with what to write instead.
#[track_caller]
pub const fn relation_kind<R: RelationField>(owner: &ModelDef, index: usize) {
    let relation = &owner.relations[index];
    if relation.kind as u8 != R::KIND as u8 {
        Message::new()
            .push("`")
            .push(relation.name)
            .push("` is declared as `")
            .push(relation.kind.word())
            .push("`, but its type is `")
            .push(R::KIND.type_name())
            .push("`; write `#[relation(")
            .push(R::KIND.word())
            .push(")]`, or give the field the type `")
            .push(relation.kind.type_name())
            .push("`")
            .panic()
    }
}

/// Refuses a relation whose key is missing, or has another type than the id that it points to.
///
/// # Panics
/// At compile time, with what to write instead.
#[track_caller]
pub const fn relation(owner: &ModelDef, index: usize, target: &ModelDef) {
    let relation = &owner.relations[index];
    let (holder, referenced) = match relation.kind {
        RelationKind::BelongsTo => (owner, target),
        RelationKind::HasMany | RelationKind::HasOne => (target, owner),
    };
    let Some(key) = field(holder, relation.foreign_key) else {
        Message::new()
            .push("foreign key `")
            .push(relation.foreign_key)
            .push("` not found on `")
            .push(holder.name)
            .push("`; add the field to `")
            .push(holder.name)
            .push("`, or name another one with `key = ...`")
            .panic()
    };
    let id = referenced.id();
    if !same(key.type_name, id.type_name) {
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
            .push(id.field)
            .push("` is `")
            .push(id.type_name)
            .push("`; give both the same type")
            .panic()
    }
}

/// Refuses an access rule for a method that the model does not have.
///
/// # Panics
/// At compile time, with the nearest method that there is.
#[track_caller]
pub const fn acl_method(def: &ModelDef, name: &str) {
    let mut nearest = Nearest::to(name);
    let mut index = 0;
    while index < METHODS.len() {
        let method = &METHODS[index];
        nearest = nearest.or("", method.name, "", "");
        let mut alias = 0;
        while alias < method.aliases.len() {
            if same(method.aliases[alias], name) {
                Message::new()
                    .push("`")
                    .push(name)
                    .push("` is an alias; write `")
                    .push(method.name)
                    .push("`, the name that rules go by")
                    .panic()
            }
            alias += 1;
        }
        index += 1;
    }
    let mut relation = 0;
    while relation < def.relations.len() {
        let methods = def.relations[relation].kind.methods();
        let mut index = 0;
        while index < methods.len() {
            nearest = nearest.or(
                "__",
                methods[index].verb,
                "__",
                def.relations[relation].name,
            );
            index += 1;
        }
        relation += 1;
    }
    if nearest.distance > 0 {
        let message = Message::new()
            .push("`")
            .push(def.name)
            .push("` has no method `")
            .push(name);
        let [a, b, c, d] = nearest.name;
        if nearest.distance <= 3 {
            message
                .push("`; did you mean `")
                .push(a)
                .push(b)
                .push(c)
                .push(d)
                .push("`?")
                .panic()
        } else {
            message
                .push("`; write an access type (`read`, `write`, `execute`, `all`), a method such as `find` or `create`, ")
                .push("or a relation's method such as `__get__reviews`")
                .panic()
        }
    }
}

/// Refuses models that are served on one path: nobody could tell which one answers.
///
/// # Panics
/// At compile time, with the two models.
#[track_caller]
pub const fn unique_paths(models: &[&ModelDef]) {
    let mut left = 0;
    while left < models.len() {
        let mut right = left + 1;
        while right < models.len() {
            let (a, b) = (models[left], models[right]);
            if a.public && b.public && a.path.eq_ignore_ascii_case(b.path) {
                Message::new()
                    .push("`")
                    .push(a.name)
                    .push("` and `")
                    .push(b.name)
                    .push("` are both served at `/")
                    .push(a.path)
                    .push("`; give one of them another path with `#[model(path = \"...\")]`")
                    .panic()
            }
            right += 1;
        }
        left += 1;
    }
}

const fn field<'a>(def: &'a ModelDef, name: &str) -> Option<&'a PropertyDef> {
    let mut index = 0;
    while index < def.properties.len() {
        if same(def.properties[index].field, name) {
            return Some(&def.properties[index]);
        }
        index += 1;
    }
    None
}

const fn same(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    if left.len() != right.len() {
        return false;
    }
    let mut index = 0;
    while index < left.len() {
        if left[index] != right[index] {
            return false;
        }
        index += 1;
    }
    true
}

/// The known name that is nearest to a given one. A name is up to four parts, since `const fn` can't join text.
struct Nearest<'a> {
    wanted: &'a str,
    name: [&'static str; 4],
    distance: usize,
}

impl<'a> Nearest<'a> {
    const fn to(wanted: &'a str) -> Self {
        Nearest {
            wanted,
            name: [""; 4],
            distance: usize::MAX,
        }
    }

    const fn or(self, a: &'static str, b: &'static str, c: &'static str, d: &'static str) -> Self {
        let candidate = Message::new().push(a).push(b).push(c).push(d);
        let distance = edit_distance(self.wanted.as_bytes(), candidate.as_str().as_bytes());
        if distance < self.distance {
            Nearest {
                name: [a, b, c, d],
                distance,
                ..self
            }
        } else {
            self
        }
    }
}

/// Levenshtein's distance over bytes, one row at a time.
const fn edit_distance(left: &[u8], right: &[u8]) -> usize {
    const WIDTH: usize = 128;
    if right.len() >= WIDTH {
        return usize::MAX;
    }
    let mut row = [0; WIDTH];
    let mut j = 0;
    while j <= right.len() {
        row[j] = j;
        j += 1;
    }
    let mut i = 0;
    while i < left.len() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        let mut j = 0;
        while j < right.len() {
            let replace = diagonal + if left[i] == right[j] { 0 } else { 1 };
            diagonal = row[j + 1];
            let insert = row[j] + 1;
            let delete = row[j + 1] + 1;
            let mut least = if insert < delete { insert } else { delete };
            if replace < least {
                least = replace;
            }
            row[j + 1] = least;
            j += 1;
        }
        i += 1;
    }
    row[right.len()]
}

/// Text put together in a `const fn`.
struct Message {
    bytes: [u8; Message::ROOM],
    len: usize,
}

impl Message {
    const ROOM: usize = 512;

    const fn new() -> Self {
        Message {
            bytes: [0; Message::ROOM],
            len: 0,
        }
    }

    /// Appends `text`, or nothing when there is no room: a shortened message is better than an error about errors.
    const fn push(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        if self.len + text.len() <= Message::ROOM {
            let mut index = 0;
            while index < text.len() {
                self.bytes[self.len + index] = text[index];
                index += 1;
            }
            self.len += text.len();
        }
        self
    }

    const fn as_str(&self) -> &str {
        match std::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }

    #[track_caller]
    const fn panic(self) -> ! {
        panic!("{}", self.as_str())
    }
}

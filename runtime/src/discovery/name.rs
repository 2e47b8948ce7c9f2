//! From names of tables, columns and members to names in Rust.

use std::collections::HashSet;

use heck::{ToLowerCamelCase, ToSnakeCase, ToUpperCamelCase};
use proc_macro2::{Ident, Span};

/// Types that the printed text names: a struct called so would hide them.
const TYPES: [&str; 21] = [
    "App",
    "BelongsTo",
    "Box",
    "DateTime",
    "Decimal",
    "GeoPoint",
    "EmbedsMany",
    "EmbedsOne",
    "HasMany",
    "ReferencesMany",
    "HasOne",
    "Model",
    "NaiveDate",
    "ObjectId",
    "Option",
    "Property",
    "Result",
    "String",
    "Utc",
    "Uuid",
    "Vec",
];

/// The names of the types of one module, each of them once.
///
/// Two names that differ in case alone, or have one plural, count as one: paths are made of them.
#[derive(Default)]
pub(super) struct TypeNames {
    taken: HashSet<String>,
}

impl TypeNames {
    /// A name for the rows of the table `name`: `order_items` has rows of `OrderItem`.
    pub(super) fn row(&mut self, name: &str) -> Ident {
        let camel = valid(&name.to_upper_camel_case(), "Table");
        self.free(singular_end(&camel))
    }

    /// A name that is what `name` says.
    pub(super) fn exact(&mut self, name: &str) -> Ident {
        self.free(valid(&name.to_upper_camel_case(), "Type"))
    }

    fn free(&mut self, name: String) -> Ident {
        let name = if TYPES.contains(&name.as_str()) || name == "Self" {
            format!("{name}Model")
        } else {
            name
        };
        let name = numbered(&name, "", |name| {
            self.taken.insert(plural(name).to_lowercase())
        });
        Ident::new(&name, Span::call_site())
    }
}

/// The names of the fields of one struct, each of them once: in Rust, in JSON and as a handle.
#[derive(Default)]
pub(super) struct FieldNames {
    taken: HashSet<String>,
}

impl FieldNames {
    /// A name for the column or member `name`.
    pub(super) fn field(&mut self, name: &str) -> Ident {
        let snake = valid(&name.to_snake_case(), "column_");
        let name = numbered(&snake, "_", |name| self.take(name));
        ident(&name)
    }

    /// A name for the column `name` that holds the key of another row: it ends as keys do, so that the relation may have
    /// the name without it.
    pub(super) fn key(&mut self, name: &str) -> Ident {
        let snake = name.to_snake_case();
        if snake.ends_with("id") || stem(&snake).is_some() {
            self.field(&snake)
        } else {
            self.field(&format!("{snake}_id"))
        }
    }

    /// A name for a relation: the first free one.
    pub(super) fn relation<const N: usize>(&mut self, candidates: [String; N]) -> Ident {
        let reserved = ["exists", "replace"];
        let free = candidates
            .iter()
            .map(|name| valid(&name.to_snake_case(), "relation_"))
            .find(|name| !reserved.contains(&name.as_str()) && self.take(name));
        let last = candidates.last().map_or("", String::as_str).to_snake_case();
        let name = free.unwrap_or_else(|| {
            numbered(&valid(&last, "relation_"), "_", |name| {
                !reserved.contains(&name) && self.take(name)
            })
        });
        ident(&name)
    }

    /// `line_1` and `line1` are `line1` in JSON.
    fn take(&mut self, name: &str) -> bool {
        self.taken.insert(name.replace('_', "").to_lowercase())
    }
}

/// The name of the relation whose key is called `key`: `owner` for `owner_id`.
pub(super) fn stem(key: &str) -> Option<&str> {
    let ends = ["_id", "_uuid", "_guid", "_fk", "_key", "_code", "_no"];
    let stem = ends.iter().find_map(|end| key.strip_suffix(end));
    stem.filter(|stem| !stem.is_empty())
}

/// The variant for the text `name` of an enum; `taken` holds those of the same enum.
pub(super) fn variant(name: &str, taken: &mut HashSet<String>) -> Ident {
    let camel = valid(&name.to_upper_camel_case(), "Value");
    let camel = if camel == "Self" {
        "SelfValue".to_owned()
    } else {
        camel
    };
    let name = numbered(&camel, "", |name| taken.insert(name.to_owned()));
    Ident::new(&name, Span::call_site())
}

/// The name in JSON that the derive gives to `field`.
pub(super) fn json_name(field: &str) -> String {
    field.to_lower_camel_case()
}

/// The table or field that the derive makes of a name: `CoffeeShop` is kept in `coffee_shop`.
pub(super) fn snake(name: &str) -> String {
    name.to_snake_case()
}

/// The name of a method in access rules: `findById` is `find_by_id` there, `__get__reviews` the same.
pub(super) fn snake_method(method: &str) -> String {
    let mut snake = String::new();
    for letter in method.chars() {
        if letter.is_uppercase() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

/// The plural of the last word of a snake-case name.
pub(super) fn plural(name: &str) -> String {
    inflected(name, 2)
}

fn singular_end(camel: &str) -> String {
    inflected(camel, 1)
}

/// `name` with its last word in the singular or plural. Short words are acronyms as often as not.
fn inflected(name: &str, count: isize) -> String {
    let start = name
        .char_indices()
        .rev()
        .find(|(_, letter)| letter.is_uppercase() || *letter == '_')
        .map_or(0, |(at, letter)| if letter == '_' { at + 1 } else { at });
    let (head, word) = name.split_at(start);
    if word.len() < 4 || !word.is_ascii() {
        return if count == 1 {
            name.to_owned()
        } else {
            format!("{name}s")
        };
    }
    format!("{head}{}", pluralizer::pluralize(word, count, false))
}

/// `name` without what Rust refuses in one, with `prefix` where it can't begin so.
fn valid(name: &str, prefix: &str) -> String {
    let name: String = name
        .chars()
        .map(|letter| {
            if letter.is_alphanumeric() {
                letter
            } else {
                '_'
            }
        })
        .collect();
    let fits = |name: &str| {
        // A keyword is a name, as `ident` writes it.
        name != "_" && syn::parse_str::<Ident>(&format!("{name}x")).is_ok()
    };
    if !name.is_empty() && fits(&name) {
        return name;
    }
    let prefixed = format!("{prefix}{name}");
    if fits(&prefixed) {
        return prefixed;
    }
    let ascii = |letter: char| {
        if letter.is_ascii_alphanumeric() {
            letter
        } else {
            '_'
        }
    };
    format!("{prefix}{}", name.chars().map(ascii).collect::<String>())
}

/// `name`, or `name2`, `name3` … until `take` takes it.
fn numbered(name: &str, joint: &str, mut take: impl FnMut(&str) -> bool) -> String {
    if take(name) {
        return name.to_owned();
    }
    let mut number = 2_u64;
    loop {
        let candidate = format!("{name}{joint}{number}");
        if take(&candidate) {
            return candidate;
        }
        number += 1;
    }
}

/// The identifier, raw if it is a keyword.
fn ident(name: &str) -> Ident {
    match name {
        // These can't be raw.
        "self" | "super" | "crate" => Ident::new(&format!("{name}_"), Span::call_site()),
        _ if syn::parse_str::<Ident>(name).is_ok() => Ident::new(name, Span::call_site()),
        _ => Ident::new_raw(name, Span::call_site()),
    }
}

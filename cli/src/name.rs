//! What projects, models and properties may be called: LoopBack's rules, and those of cargo and Rust.

use heck::{ToSnakeCase, ToUpperCamelCase};
use syn::Ident;

use crate::error::{Error, Result};

/// Characters that LoopBack refuses in every name.
const REFUSED: &str = "/@+%: ";

/// Crates that a project depends on, or that Rust has itself: a project of that name would hide them.
const CRATES: [&str; 11] = [
    "alloc",
    "axum",
    "core",
    "loopwright",
    "proc-macro",
    "proc_macro",
    "serde_json",
    "std",
    "test",
    "tokio",
    "tower",
];

/// Folders that cargo has for itself beside a project's program.
const FOLDERS: [&str; 4] = ["build", "deps", "examples", "incremental"];

/// Files that Windows has for devices.
const DEVICES: [&str; 22] = [
    "aux", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "con", "lpt1",
    "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9", "nul", "prn",
];

/// Types that generated code names: a model of that name would hide them.
const TYPES: [&str; 31] = [
    "AnyModel",
    "App",
    "Application",
    "AsCaller",
    "AsSystem",
    "BelongsTo",
    "Box",
    "Condition",
    "DateTime",
    "Decimal",
    "EmbedsMany",
    "EmbedsOne",
    "Error",
    "Extra",
    "Filter",
    "GeoPoint",
    "HasMany",
    "HasOne",
    "Model",
    "NaiveDate",
    "ObjectId",
    "Option",
    "Patch",
    "Property",
    "ReferencesMany",
    "Repository",
    "Result",
    "String",
    "Utc",
    "Uuid",
    "Vec",
];

/// The name of a project, as it was given.
///
/// # Errors
/// LoopBack or cargo refuse it.
pub(crate) fn project(name: &str) -> Result<String> {
    general("a project", name)?;
    let wrong = |why: &str| {
        Err(Error::usage(format!(
            "a project can't be called `{name}`: {why}"
        )))
    };
    let letters = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    if !name.chars().all(letters) {
        return wrong("write it in ASCII letters, digits, `-` and `_`");
    }
    if !name.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
        return wrong("begin it with a letter");
    }
    let lower = name.to_lowercase();
    if CRATES.contains(&lower.as_str()) {
        return wrong("a crate that it needs has that name; add a word to it");
    }
    if FOLDERS.contains(&lower.as_str()) {
        return wrong("cargo has a folder of that name; add a word to it");
    }
    if DEVICES.contains(&lower.as_str()) {
        return wrong("Windows has a device of that name; add a word to it");
    }
    if syn::parse_str::<Ident>(&name.replace('-', "_")).is_err() {
        return wrong("it is a keyword of Rust; add a word to it");
    }
    Ok(name.to_owned())
}

/// The name of a model in Rust: `coffee-shop` is `CoffeeShop`.
///
/// # Errors
/// No struct can be called so.
pub(crate) fn model(name: &str) -> Result<String> {
    general("a model", name)?;
    let camel = identifier("a model", name, name.to_upper_camel_case())?;
    if camel == "Mod" {
        return Err(Error::usage(
            "a model can't be called `Mod`: its file would be that of the folder, mod.rs; add a word to it",
        ));
    }
    if TYPES.contains(&camel.as_str()) {
        return Err(Error::usage(format!(
            "a model can't be called `{camel}`: a type that its code names has that name; add a word to it"
        )));
    }
    Ok(camel)
}

/// The name of a field in Rust, raw if it is a keyword: `openedAt` is `opened_at`.
///
/// # Errors
/// No field can be called so.
pub(crate) fn field(what: &str, name: &str) -> Result<String> {
    general(what, name)?;
    // Clients in JavaScript have a use of their own for it.
    if name == "constructor" {
        return Err(Error::usage(format!(
            "{what} can't be called `constructor`: LoopBack's clients can't tell it from JavaScript's; choose another name"
        )));
    }
    let snake = snake(name);
    match syn::parse_str::<Ident>(&snake) {
        Ok(_) => identifier(what, name, snake),
        // `self`, `super` and `crate` can't be raw either.
        Err(_) => {
            let raw = format!("r#{snake}");
            identifier(what, name, raw.clone())?;
            Ok(raw)
        }
    }
}

/// A name in the words of Rust's fields and files.
pub(crate) fn snake(name: &str) -> String {
    name.to_snake_case()
}

/// What LoopBack refuses in every name.
fn general(what: &str, name: &str) -> Result<()> {
    let wrong = |why: String| {
        Err(Error::usage(format!(
            "{what} can't be called `{}`: {why}",
            name.escape_debug()
        )))
    };
    if name.is_empty() {
        return Err(Error::usage(format!("{what} has a name; write one")));
    }
    if name.starts_with('.') {
        return wrong("it begins with a dot".into());
    }
    if let Some(letter) = name
        .chars()
        .find(|letter| REFUSED.contains(*letter) || *letter == '\\')
    {
        return wrong(format!("it has a {letter:?} in it"));
    }
    if name.chars().any(char::is_control) {
        return wrong("it has a control character in it".into());
    }
    if matches!(name, "node_modules" | "favicon.ico") {
        return wrong("LoopBack has that name for itself".into());
    }
    if name.len() > 64 {
        return wrong("it has more than 64 characters".into());
    }
    Ok(())
}

fn identifier(what: &str, name: &str, made: String) -> Result<String> {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    // What turns a name into Rust's case passes over everything else.
    if !name.chars().all(fits) || syn::parse_str::<Ident>(&made).is_err() {
        return Err(Error::usage(format!(
            "{what} can't be called `{name}`: write it in ASCII letters and digits, with a letter at the start, and no \
             keyword of Rust"
        )));
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn projects() {
        for name in ["my-api", "shop2", "Notes", "a_b"] {
            assert_eq!(project(name).as_deref(), Ok(name));
        }
        for name in [
            "",
            ".hidden",
            "a/b",
            "a\\b",
            "..",
            "a b",
            "a@b",
            "a+b",
            "a%b",
            "c:",
            "node_modules",
            "favicon.ico",
            "2fast",
            "-x",
            "größe",
            "type",
            "test",
            "std",
            "loopwright",
            "Tokio",
            "examples",
            "con",
            "a.b",
            "a\nb",
            "a\"b",
            "_",
        ] {
            let error = project(name).unwrap_err();
            assert!(matches!(error, Error::Usage(_)), "{name}");
        }
    }

    #[test]
    fn models() {
        for (name, made) in [
            ("Pet", "Pet"),
            ("pet", "Pet"),
            ("coffee-shop", "CoffeeShop"),
            ("CoffeeShop", "CoffeeShop"),
            ("type", "Type"),
        ] {
            assert_eq!(model(name).as_deref(), Ok(made));
        }
        for name in [
            "", "self", "Self", "2", "../Pet", "Größe", "string", "HasMany", "a\"b", "-", "Vec<T>",
        ] {
            assert!(model(name).is_err(), "{name}");
        }
    }

    #[test]
    fn fields() {
        for (name, made) in [
            ("title", "title"),
            ("openedAt", "opened_at"),
            ("type", "r#type"),
            ("async", "r#async"),
            ("line1", "line1"),
        ] {
            assert_eq!(field("a property", name).as_deref(), Ok(made));
        }
        for name in [
            "",
            "self",
            "crate",
            "_",
            "1st",
            "a/b",
            "größe",
            "constructor",
            "a;b",
            "a.b",
        ] {
            assert!(field("a property", name).is_err(), "{name}");
        }
    }
}

//! What a property holds: LoopBack's words for it, and Rust's.

use proc_macro2::Literal;

use crate::error::{Error, Result, instead};

/// LoopBack's words, and what they are in Rust.
const WORDS: [(&str, &str, Kind); 14] = [
    ("any", "serde_json::Value", Kind::Other),
    ("array", "Vec<serde_json::Value>", Kind::Other),
    ("boolean", "bool", Kind::Boolean),
    ("buffer", "Vec<u8>", Kind::Other),
    ("date", "DateTime<Utc>", Kind::Date),
    ("day", "NaiveDate", Kind::Date),
    ("decimal", "Decimal", Kind::Other),
    ("geopoint", "GeoPoint", Kind::Point),
    ("integer", "i64", Kind::Integer),
    ("number", "f64", Kind::Float),
    ("object", "serde_json::Value", Kind::Other),
    ("string", "String", Kind::Text),
    ("text", "String", Kind::Text),
    ("uuid", "Uuid", Kind::Uuid),
];

/// Types of Rust that are written as they are.
const NUMBERS: [(&str, Kind); 12] = [
    ("f32", Kind::Float),
    ("f64", Kind::Float),
    ("i8", Kind::Integer),
    ("i16", Kind::Integer),
    ("i32", Kind::Integer),
    ("i64", Kind::Integer),
    ("isize", Kind::Integer),
    ("u8", Kind::Integer),
    ("u16", Kind::Integer),
    ("u32", Kind::Integer),
    ("u64", Kind::Integer),
    ("usize", Kind::Integer),
];

/// The type of a property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PropertyType {
    /// In Rust, without `Option`.
    pub(crate) rust: String,
    pub(crate) kind: Kind,
}

/// What kinds of values have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Float,
    Integer,
    Boolean,
    Date,
    Uuid,
    Point,
    Other,
}

impl PropertyType {
    /// Reads LoopBack's word for a type, with `[]` for a list of it, or a type in Rust.
    ///
    /// # Errors
    /// It is neither.
    pub(crate) fn read(text: &str) -> Result<Self> {
        let text = text.trim();
        if let Some(item) = text.strip_suffix("[]") {
            let item = PropertyType::read(item)?;
            return Ok(PropertyType {
                rust: format!("Vec<{}>", item.rust),
                kind: Kind::Other,
            });
        }
        let lower = text.to_lowercase();
        if let Some((_, rust, kind)) = WORDS.iter().find(|(word, _, _)| *word == lower) {
            return Ok(PropertyType {
                rust: (*rust).to_owned(),
                kind: *kind,
            });
        }
        if let Some((_, kind)) = NUMBERS.iter().find(|(word, _)| *word == text) {
            return Ok(PropertyType {
                rust: text.to_owned(),
                kind: *kind,
            });
        }
        let words: Vec<_> = WORDS.iter().map(|(word, _, _)| *word).collect();
        let path = match syn::parse_str::<syn::Type>(text) {
            Ok(syn::Type::Path(path)) if path.qself.is_none() => path,
            _ => {
                return Err(Error::usage(format!(
                    "`{}` is no type; write one of LoopBack's ({}), with `[]` for a list, or one of Rust",
                    text.escape_debug(),
                    words.join(", ")
                )));
            }
        };
        let last = path
            .path
            .segments
            .last()
            .map(|last| last.ident.to_string())
            .unwrap_or_default();
        if last == "Option" {
            return Err(Error::usage(format!(
                "`{text}` says twice what may be absent; write the type alone: a property is an `Option` unless it is required"
            )));
        }
        // Types of Rust that are spelt in small letters are all known.
        let small =
            path.path.segments.len() == 1 && last.starts_with(|letter: char| letter.is_lowercase());
        if small && last != "bool" {
            return Err(Error::usage(format!(
                "there is no type `{text}`{}",
                instead(&last, &words)
            )));
        }
        let kind = match text {
            "bool" => Kind::Boolean,
            "DateTime<Utc>" | "NaiveDate" => Kind::Date,
            "Uuid" => Kind::Uuid,
            "GeoPoint" => Kind::Point,
            _ => Kind::Other,
        };
        Ok(PropertyType {
            rust: text.to_owned(),
            kind,
        })
    }

    /// Does the project need the crate `serde_json` for it?
    pub(crate) fn needs_json(&self) -> bool {
        self.rust.contains("serde_json::")
    }

    /// The value of `default = ...` for what somebody has written, as LoopBack's generator reads it.
    ///
    /// # Errors
    /// It is no value of the type.
    pub(crate) fn default(&self, text: &str) -> Result<String> {
        let wrong = |what: &str| {
            Err(Error::usage(format!(
                "`{}` is no default of `{}`; write {what}",
                text.escape_debug(),
                self.rust
            )))
        };
        // A constant, a variant or a function.
        let path = text.contains("::") && syn::parse_str::<syn::Path>(text).is_ok();
        match self.kind {
            Kind::Text if matches!(text, "uuid" | "guid" | "shortid") => Ok(text.to_owned()),
            Kind::Text => Ok(Literal::string(text).to_string()),
            Kind::Integer => match text.parse::<i64>() {
                Ok(number) => Ok(number.to_string()),
                Err(_) => wrong("a whole number"),
            },
            Kind::Float => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(format!("{number:?}")),
                _ => wrong("a number"),
            },
            Kind::Boolean => match text.to_lowercase().as_str() {
                "true" | "t" | "1" => Ok("true".to_owned()),
                "false" | "f" | "0" => Ok("false".to_owned()),
                _ => wrong("`true` or `false`"),
            },
            Kind::Date if text == "now" => Ok(text.to_owned()),
            Kind::Uuid if matches!(text, "uuid" | "guid") => Ok(text.to_owned()),
            _ if path => Ok(text.to_owned()),
            Kind::Date => wrong("`now`, or the path of a function such as `Shop::opening`"),
            Kind::Uuid => wrong("`uuid` or `guid`"),
            Kind::Point | Kind::Other => {
                wrong("the path of a constant, a variant or a function, such as `Status::Draft`")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types() {
        for (text, rust) in [
            ("string", "String"),
            ("String", "String"),
            ("Number", "f64"),
            ("string[]", "Vec<String>"),
            ("geopoint", "GeoPoint"),
            ("u8", "u8"),
            ("Vec<String>", "Vec<String>"),
            ("crate::Status", "crate::Status"),
        ] {
            assert_eq!(PropertyType::read(text).unwrap().rust, rust);
        }
        for (text, said) in [
            ("strng", "did you mean `string`?"),
            ("Option<String>", "Option"),
            ("&str", "no type"),
            ("String, evil: u8", "no type"),
            ("", "no type"),
            ("fn()", "no type"),
        ] {
            let error = PropertyType::read(text).unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }

    #[test]
    fn defaults() {
        for (ty, text, value) in [
            ("string", "a \"b\"", Some("\"a \\\"b\\\"\"")),
            ("string", "uuid", Some("uuid")),
            ("number", "5", Some("5.0")),
            ("number", "many", None),
            ("number", "inf", None),
            ("integer", "-3", Some("-3")),
            ("integer", "1.5", None),
            ("boolean", "t", Some("true")),
            ("boolean", "0", Some("false")),
            ("boolean", "maybe", None),
            ("date", "now", Some("now")),
            ("date", "tomorrow", None),
            ("uuid", "guid", Some("guid")),
            ("Status", "Status::Draft", Some("Status::Draft")),
            ("Status", "x)] evil", None),
            ("any", "5", None),
        ] {
            let ty = PropertyType::read(ty).unwrap();
            assert_eq!(ty.default(text).ok().as_deref(), value, "{ty:?} {text}");
        }
    }
}

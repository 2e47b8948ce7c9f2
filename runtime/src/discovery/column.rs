//! From a column to a field.

use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::name;
use crate::connectors::sql::catalogue::{Column, ColumnKind};

/// The database's own way to say things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Sqlite,
    Postgres,
    MySql,
}

impl Dialect {
    /// That of the databases at URLs with this scheme.
    pub(super) fn of(scheme: &str) -> Self {
        match scheme {
            "postgres" | "postgresql" => Dialect::Postgres,
            "mysql" | "mariadb" => Dialect::MySql,
            _ => Dialect::Sqlite,
        }
    }

    /// Its name.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Dialect::Sqlite => "SQLite",
            Dialect::Postgres => "PostgreSQL",
            Dialect::MySql => "MySQL",
        }
    }
}

/// The type of a property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Type {
    Boolean,
    Integer {
        bits: u8,
        unsigned: bool,
    },
    Float {
        bits: u8,
    },
    Decimal,
    String {
        length: Option<u32>,
    },
    DateTime,
    Date,
    Uuid,
    Bytes,
    Json,
    /// One of these texts.
    Enum(Vec<String>),
    List(Box<Type>),
}

impl Type {
    /// The type for `column`, and the column's own type where the database must be told; nothing for what a model can't
    /// hold.
    pub(super) fn of(column: &Column, dialect: Dialect) -> Option<(Type, Option<&str>)> {
        let usual = |ty| Some((ty, None));
        // PostgreSQL turns nothing into these by itself.
        let told = |ty| {
            Some((
                ty,
                (dialect == Dialect::Postgres).then_some(column.declared.as_str()),
            ))
        };
        match &column.kind {
            // In SQLite the column of a view, which may hold anything.
            _ if column.declared.is_empty() => None,
            ColumnKind::Boolean => usual(Type::Boolean),
            ColumnKind::Integer { bits, unsigned } => usual(Type::Integer {
                bits: bits.next_power_of_two(),
                unsigned: *unsigned,
            }),
            ColumnKind::Float { bits } => usual(Type::Float { bits: *bits }),
            ColumnKind::Decimal { .. } => usual(Type::Decimal),
            ColumnKind::Text { length } => usual(Type::String { length: *length }),
            ColumnKind::Timestamp { .. } => usual(Type::DateTime),
            ColumnKind::Date => usual(Type::Date),
            ColumnKind::Uuid => usual(Type::Uuid),
            ColumnKind::Bytes => usual(Type::Bytes),
            ColumnKind::Json => usual(Type::Json),
            ColumnKind::Enum(texts) if texts.iter().all(|text| !text.is_empty()) => {
                told(Type::Enum(texts.clone()))
            }
            ColumnKind::Enum(_) | ColumnKind::Time => told(Type::String { length: None }),
            ColumnKind::Array(item) if dialect == Dialect::Postgres => match &**item {
                ColumnKind::Text { .. } => {
                    told(Type::List(Box::new(Type::String { length: None })))
                }
                ColumnKind::Integer { bits, unsigned } => {
                    told(Type::List(Box::new(Type::Integer {
                        bits: *bits,
                        unsigned: *unsigned,
                    })))
                }
                _ => None,
            },
            // Text is PostgreSQL's form of every type.
            ColumnKind::Point | ColumnKind::Other(_) if dialect == Dialect::Postgres => {
                told(Type::String { length: None })
            }
            ColumnKind::Other(_) if dialect == Dialect::Sqlite => {
                usual(Type::String { length: None })
            }
            _ => None,
        }
    }

    /// The type in Rust; an enum is called `enumeration`.
    pub(super) fn tokens(&self, enumeration: Option<&proc_macro2::Ident>) -> TokenStream {
        match self {
            Type::Boolean => quote!(bool),
            Type::Integer { bits, unsigned } => match (bits, unsigned) {
                (8, false) => quote!(i8),
                (8, true) => quote!(u8),
                (16, false) => quote!(i16),
                (16, true) => quote!(u16),
                (32, false) => quote!(i32),
                (32, true) => quote!(u32),
                (_, false) => quote!(i64),
                (_, true) => quote!(u64),
            },
            Type::Float { bits: 32 } => quote!(f32),
            Type::Float { .. } => quote!(f64),
            Type::Decimal => quote!(Decimal),
            Type::String { .. } => quote!(String),
            Type::DateTime => quote!(DateTime<Utc>),
            Type::Date => quote!(NaiveDate),
            Type::Uuid => quote!(Uuid),
            Type::Bytes => quote!(Vec<u8>),
            Type::Json => quote!(loopwright::model::Json),
            Type::Enum(_) => enumeration.map_or_else(|| quote!(String), ToTokens::to_token_stream),
            Type::List(item) => {
                let item = item.tokens(enumeration);
                quote!(Vec<#item>)
            }
        }
    }

    /// Can two properties of these types hold one key? They then have the type of the id.
    pub(super) fn agrees(&self, id: &Type) -> bool {
        matches!((self, id), (Type::Integer { .. }, Type::Integer { .. }))
            || matches!((self, id), (Type::String { .. }, Type::String { .. }))
            || self == id
    }
}

/// The variants for the texts of an enum.
pub(super) fn variants(texts: &[String]) -> Vec<(proc_macro2::Ident, String)> {
    let mut taken = HashSet::new();
    texts
        .iter()
        .map(|text| (name::variant(text, &mut taken), text.clone()))
        .collect()
}

/// The column's default as `default = …` takes it, where a model can say it.
pub(super) fn default(default: &str, ty: &Type) -> Option<TokenStream> {
    let plain = plain(default);
    let text = unquoted(plain);
    let word = text.as_deref().unwrap_or(plain);
    match ty {
        Type::DateTime | Type::Date => is_now(plain).then(|| quote!(now)),
        Type::Uuid => {
            let function = plain.to_lowercase();
            let random = ["gen_random_uuid()", "uuid_generate_v4()", "uuid()"];
            random.contains(&function.as_str()).then(|| quote!(uuid))
        }
        Type::Boolean => match word.to_lowercase().as_str() {
            "true" | "t" | "1" | "b'1'" => Some(quote!(true)),
            "false" | "f" | "0" | "b'0'" => Some(quote!(false)),
            _ => None,
        },
        Type::Integer { bits, unsigned } => {
            let number: i64 = word.parse().ok()?;
            let fits = if *unsigned {
                number >= 0 && (*bits >= 63 || number < 1 << bits)
            } else {
                *bits >= 64 || (-(1_i64 << (bits - 1))..1 << (bits - 1)).contains(&number)
            };
            fits.then(|| literal(&number.to_string())).flatten()
        }
        Type::Float { .. } => {
            let number: f64 = word.parse().ok()?;
            number
                .is_finite()
                .then(|| literal(&format!("{number:?}")))
                .flatten()
        }
        Type::Decimal => {
            let number: rust_decimal::Decimal = word.parse().ok()?;
            let number = number.to_string();
            Some(quote!(#number))
        }
        // MySQL prints texts without quotes, so that they can't be told from expressions.
        Type::String { .. } => text.map(|text| quote!(#text)),
        Type::Enum(texts) => texts
            .iter()
            .any(|known| known == word)
            .then(|| quote!(#word)),
        Type::Bytes | Type::Json | Type::List(_) => None,
    }
}

/// The expression without a cast and parentheses around it.
fn plain(default: &str) -> &str {
    let mut plain = default.trim();
    loop {
        let before = plain;
        if let Some((value, cast)) = plain.rsplit_once("::")
            && !cast.contains('\'')
        {
            plain = value.trim();
        }
        if let Some(inner) = plain
            .strip_prefix('(')
            .and_then(|rest| rest.strip_suffix(')'))
        {
            plain = inner.trim();
        }
        if plain == before {
            return plain;
        }
    }
}

fn unquoted(sql: &str) -> Option<String> {
    let inner = sql.strip_prefix('\'')?.strip_suffix('\'')?;
    let text = inner.replace("''", "\u{0}");
    (!text.contains('\'')).then(|| text.replace('\u{0}', "'"))
}

fn is_now(default: &str) -> bool {
    let lower = default.to_lowercase();
    let word = lower.split('(').next().unwrap_or_default().trim();
    matches!(
        word,
        "now"
            | "current_timestamp"
            | "current_date"
            | "curdate"
            | "localtimestamp"
            | "transaction_timestamp"
    ) || matches!(lower.as_str(), "'now'" | "datetime('now')" | "date('now')")
}

/// A number as Rust writes it, with its sign.
fn literal(number: &str) -> Option<TokenStream> {
    number.parse().ok()
}

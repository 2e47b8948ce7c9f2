//! Column types in words that all databases share.

/// The type of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColumnKind {
    /// True or false; `tinyint(1)` and `bit(1)` on MySQL.
    Boolean,
    /// A whole number.
    Integer {
        /// 8, 16, 24, 32 or 64.
        bits: u8,
        /// Can it not be negative?
        unsigned: bool,
    },
    /// A number in floating point.
    Float {
        /// 32 or 64.
        bits: u8,
    },
    /// An exact number.
    Decimal {
        /// How many digits; without a limit unless given.
        precision: Option<u32>,
        /// How many of them are after the point.
        scale: Option<u32>,
    },
    /// Text.
    Text {
        /// How many characters at most; without a limit, or a practical one, unless given.
        length: Option<u32>,
    },
    /// Raw bytes.
    Bytes,
    /// A day and an hour.
    Timestamp {
        /// Is it an instant, rather than what a clock on some wall shows?
        zone: bool,
    },
    /// A calendar day.
    Date,
    /// An hour of the day.
    Time,
    /// A UUID.
    Uuid,
    /// JSON.
    Json,
    /// One of these texts.
    Enum(Vec<String>),
    /// A point in a plane.
    Point,
    /// A list of values.
    Array(Box<ColumnKind>),
    /// A type that has no word here, as the database prints it.
    Other(String),
}

/// A type's name and what it has in parentheses: `numeric(10,2) unsigned` is `numeric unsigned` and 10, 2.
pub(super) fn split(declared: &str) -> (String, Vec<u32>) {
    let (name, arguments, rest) = match declared.split_once('(') {
        Some((name, rest)) => {
            let (arguments, rest) = rest.split_once(')').unwrap_or((rest, ""));
            (name, arguments, rest)
        }
        None => (declared, "", ""),
    };
    let words = name.split_whitespace().chain(rest.split_whitespace());
    let name = words.collect::<Vec<_>>().join(" ").to_lowercase();
    let numbers = arguments.split(',').map(|number| number.trim().parse());
    (name, numbers.filter_map(Result::ok).collect())
}

#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(super) fn signed(bits: u8) -> ColumnKind {
    ColumnKind::Integer {
        bits,
        unsigned: false,
    }
}

pub(super) fn decimal(arguments: &[u32]) -> ColumnKind {
    let precision = arguments.first().copied();
    ColumnKind::Decimal {
        precision,
        // A precision alone leaves no room after the point.
        scale: precision.map(|_| arguments.get(1).copied().unwrap_or(0)),
    }
}

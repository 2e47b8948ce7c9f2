//! MongoDB's kind of id.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// MongoDB's kind of id: 12 bytes, written as 24 hexadecimal digits.
///
/// It works on every data source. Fresh ones are in the order in which a program made them.
///
/// ```
/// use loopwright::prelude::*;
///
/// #[derive(Model)]
/// #[acl(open)]
/// struct Author {
///     #[model(id, generated)]
///     id: ObjectId,
///     name: String,
/// }
///
/// let id: ObjectId = "507f1f77bcf86cd799439011".parse().unwrap();
/// assert_eq!(id.to_string(), "507f1f77bcf86cd799439011");
/// assert!("507f1f77".parse::<ObjectId>().is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ObjectId([u8; 12]);

/// A text that is no [`ObjectId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ObjectIdError;

/// What tells the ids of this process from those of all others, and where their count begins: at random.
static PROCESS: LazyLock<([u8; 5], AtomicU32)> = LazyLock::new(|| {
    let [a, b, c, d, e, .., f, g, h, i] = Uuid::new_v4().into_bytes();
    let count = u32::from_be_bytes([f, g, h, i]);
    ([a, b, c, d, e], AtomicU32::new(count))
});

impl ObjectId {
    /// The id of these bytes.
    pub const fn from_bytes(bytes: [u8; 12]) -> Self {
        ObjectId(bytes)
    }

    /// The bytes of the id.
    pub const fn bytes(self) -> [u8; 12] {
        self.0
    }

    /// A fresh id: the time in seconds, five bytes of this process, a count of three bytes.
    pub fn generate() -> Self {
        let [.., a, b, c, d] = chrono::Utc::now().timestamp().to_be_bytes();
        let ([e, f, g, h, i], count) = &*PROCESS;
        let [_, j, k, l] = count.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        ObjectId([a, b, c, d, *e, *f, *g, *h, *i, j, k, l])
    }

    /// Is every byte zero?
    pub(crate) fn is_nil(self) -> bool {
        self == ObjectId::default()
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ObjectId({self})")
    }
}

impl FromStr for ObjectId {
    type Err = ObjectIdError;

    fn from_str(text: &str) -> Result<Self, ObjectIdError> {
        let digits = text.as_bytes();
        let mut bytes = [0; 12];
        if digits.len() != 2 * bytes.len() {
            return Err(ObjectIdError);
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            for digit in pair {
                let digit = char::from(*digit).to_digit(16).ok_or(ObjectIdError)?;
                *byte = *byte << 4 | u8::try_from(digit).map_err(|_| ObjectIdError)?;
            }
        }
        Ok(ObjectId(bytes))
    }
}

impl fmt::Display for ObjectIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object id has 24 hexadecimal digits")
    }
}

impl std::error::Error for ObjectIdError {}

impl Serialize for ObjectId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ObjectId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_bytes_are_two_forms_of_one_id() {
        let id: ObjectId = "507F1f77bcf86cd799439011".parse().unwrap();
        assert_eq!(id.bytes()[..3], [0x50, 0x7f, 0x1f]);
        assert_eq!(id.to_string(), "507f1f77bcf86cd799439011");
        assert_eq!(ObjectId::from_bytes(id.bytes()), id);
        for text in [
            "",
            "507f1f77bcf86cd79943901",
            "507f1f77bcf86cd79943901g",
            "éééééééééééé",
        ] {
            assert_eq!(text.parse::<ObjectId>(), Err(ObjectIdError), "{text}");
        }
    }

    #[test]
    fn fresh_ids_differ() {
        let ids: std::collections::HashSet<_> = (0..1000).map(|_| ObjectId::generate()).collect();
        assert_eq!(ids.len(), 1000);
    }

    #[test]
    fn serde_reads_what_it_wrote() {
        let id = ObjectId::generate();
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, format!("\"{id}\""));
        assert_eq!(serde_json::from_str::<ObjectId>(&json).unwrap(), id);
        assert!(serde_json::from_str::<ObjectId>("\"x\"").is_err());
    }
}

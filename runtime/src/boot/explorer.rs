//! Where the explorer is, in the configuration: a path, or `false`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::app::DOCUMENT_PATH;
use super::path::is_plain;

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "a path such as \"/explorer\", or false for no explorer"
)]
enum Said {
    Is(bool),
    At(String),
}

/// Where it is unless somebody says otherwise.
pub(super) const PATH: &str = "/explorer";

pub(super) fn serialize<S: Serializer>(
    path: &Option<String>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match path {
        Some(path) => path.serialize(serializer),
        None => false.serialize(serializer),
    }
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    Ok(match Said::deserialize(deserializer)? {
        Said::Is(false) => None,
        Said::Is(true) => Some(PATH.to_owned()),
        Said::At(path) => Some(path),
    })
}

/// Can the explorer be there? Its pages are below the path.
pub(super) fn is_path(path: &str) -> bool {
    is_plain(path) && path != DOCUMENT_PATH
}

#[cfg(test)]
mod tests {
    use super::is_path;

    #[test]
    fn a_path_has_plain_steps() {
        for (path, known) in [
            ("/explorer", true),
            ("/api/v1/docs", true),
            ("/", false),
            ("", false),
            ("docs", false),
            ("/docs/", false),
            ("/{id}", false),
            ("/a/../b", false),
            ("/openapi.json", false),
        ] {
            assert_eq!(is_path(path), known, "{path}");
        }
    }
}

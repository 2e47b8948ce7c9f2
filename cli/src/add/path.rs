//! Paths that are asked for.

use crate::error::{Error, Result};

/// A path that the project serves, if `text` is one, as `example` is.
pub(super) fn path(text: &str, example: &str) -> Result<String> {
    let fits = text.starts_with('/')
        && !text.contains(['?', '#'])
        && !text
            .chars()
            .any(|letter| letter.is_whitespace() || letter.is_control());
    match fits {
        true => Ok(text.to_owned()),
        false => Err(Error::usage(format!(
            "`{}` is no path; begin it with `/`, such as `{example}`, and leave out `?`, `#` and spaces",
            text.escape_debug()
        ))),
    }
}

//! Why something was not done.

use std::fmt;
use std::process::ExitCode;

/// What a command did not do, and what to do about it. Nothing has been written then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Error {
    /// The arguments are wrong, or one is missing and nobody can be asked.
    Usage(String),
    /// The arguments are right, but the files are not as they must be.
    Undone(String),
    /// Somebody was asked and went away.
    Cancelled,
}

pub(crate) type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Error::Usage(message.into())
    }

    pub(crate) fn undone(message: impl Into<String>) -> Self {
        Error::Undone(message.into())
    }

    /// What the process ends with.
    pub(crate) fn code(&self) -> ExitCode {
        ExitCode::from(match self {
            Error::Undone(_) => 1,
            Error::Usage(_) => 2,
            // As a shell says of who presses Ctrl-C.
            Error::Cancelled => 130,
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Usage(message) | Error::Undone(message) => f.write_str(message),
            Error::Cancelled => f.write_str("cancelled; nothing was written"),
        }
    }
}

/// The known name that `name` was probably meant to be.
pub(crate) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let name = name.to_lowercase();
    let likeness = |known: &str| strsim::jaro_winkler(&name, &known.to_lowercase());
    let best = known
        .iter()
        .copied()
        .max_by(|left, right| likeness(left).total_cmp(&likeness(right)))?;
    // Below this, a suggestion confuses more often than it helps.
    (likeness(best) > 0.8).then_some(best)
}

/// The end of a message about an unknown name: the known one that is nearest, or all of them.
pub(crate) fn instead(name: &str, known: &[&str]) -> String {
    match (nearest(name, known), known) {
        (Some(known), _) => format!("; did you mean `{known}`?"),
        (None, []) => String::new(),
        (None, known) => format!("; there is `{}`", known.join("`, `")),
    }
}

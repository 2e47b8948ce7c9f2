//! What is wrong with definitions, all of it at once.

use std::collections::BTreeSet;
use std::fmt;

use super::source::Place;
use crate::{Error, Result};

/// What was found while definitions were read.
#[derive(Default)]
pub(crate) struct Problems {
    found: Vec<Problem>,
}

/// Something that is to be said about a place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Problem {
    pub place: Place,
    pub kind: Kind,
    pub message: String,
}

/// What follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// It has to be put right.
    Mistake,
    /// LoopBack does something here that loopwright doesn't.
    Missing,
    /// It is good to know.
    Note,
}

impl Problems {
    pub fn mistake(&mut self, place: &Place, message: impl Into<String>) {
        self.push(place, Kind::Mistake, message.into());
    }

    pub fn missing(&mut self, place: &Place, message: impl Into<String>) {
        self.push(place, Kind::Missing, message.into());
    }

    pub fn note(&mut self, place: &Place, message: impl Into<String>) {
        self.push(place, Kind::Note, message.into());
    }

    fn push(&mut self, place: &Place, kind: Kind, message: String) {
        self.found.push(Problem {
            place: place.clone(),
            kind,
            message,
        });
    }

    /// A key that nobody knows, with the one that was probably meant.
    pub fn unknown(&mut self, place: &Place, what: &str, name: &str, known: &[&str]) {
        let hint = match nearest(name, known.iter().copied()) {
            Some(near) => format!("; did you mean `{near}`?"),
            None => String::new(),
        };
        self.mistake(place, format!("there is no {what} `{name}`{hint}"));
    }

    /// Nothing if no problem is of one of `kinds`, else all that are.
    ///
    /// # Errors
    /// One message with a line for each, by file and line.
    pub fn check(&self, kinds: &[Kind], advice: &str) -> Result<()> {
        let found: BTreeSet<_> = self
            .found
            .iter()
            .filter(|problem| kinds.contains(&problem.kind))
            .collect();
        if found.is_empty() {
            return Ok(());
        }
        let lines: Vec<_> = found.iter().map(ToString::to_string).collect();
        Err(Error::internal(format!(
            "the definitions can't be used:\n{}{advice}",
            lines.join("\n")
        )))
    }

    /// Those of one kind.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &Problem> {
        let found: BTreeSet<_> = self
            .found
            .iter()
            .filter(|problem| problem.kind == kind)
            .collect();
        found.into_iter()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

/// The known name that `name` is probably a misspelling of.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let distance =
        |known: &str| strsim::damerau_levenshtein(&name.to_lowercase(), &known.to_lowercase());
    known
        .map(|known| (distance(known), known))
        .filter(|(distance, known)| *distance <= known.chars().count().max(3) / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

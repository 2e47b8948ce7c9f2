//! Names in an order, and what happens at each of them (LoopBack's *loopback-phase*, contract *middleware.md* §2.3 and §3).
//!
//! ```
//! use loopwright::phase::PhaseList;
//!
//! let mut day = PhaseList::new(["morning", "evening"])?;
//! day.merge(["morning", "noon"])?;
//! day.register("evening:before", "sleep a little")?;
//! day.register("morning", "get up")?;
//! day.register("morning:before", "dream")?;
//!
//! let order: Vec<_> = day.handlers().map(|(place, what)| format!("{place}: {what}")).collect();
//! assert_eq!(order, ["morning:before: dream", "morning: get up", "evening:before: sleep a little"]);
//! # Ok::<_, loopwright::Error>(())
//! ```

use std::fmt;

use crate::{Error, Result};

/// LoopBack's phases of a request.
pub const BUILT_IN: [&str; 7] = [
    "initial", "session", "auth", "parse", "routes", "files", "final",
];

/// Phases in an order. What is registered at one happens before, in or after it, in the order of registration.
#[derive(Debug, Clone)]
pub struct PhaseList<T> {
    phases: Vec<Phase<T>>,
}

/// A phase, and what happens there.
#[derive(Debug, Clone)]
pub struct Phase<T> {
    name: String,
    handlers: [Vec<T>; 3],
}

/// When something happens in a phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    Before,
    On,
    After,
}

impl Part {
    const ALL: [Part; 3] = [Part::Before, Part::On, Part::After];

    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Part::Before => ":before",
            Part::On => "",
            Part::After => ":after",
        }
    }
}

impl<T> Phase<T> {
    fn new(name: String) -> Self {
        Phase {
            name,
            handlers: [Vec::new(), Vec::new(), Vec::new()],
        }
    }

    /// What the phase is called.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl<T> PhaseList<T> {
    /// Phases of these names.
    ///
    /// # Errors
    /// A name is blank, holds a colon, or is there twice.
    pub fn new<N: Into<String>>(names: impl IntoIterator<Item = N>) -> Result<Self> {
        let mut list = PhaseList { phases: Vec::new() };
        for name in names {
            list.insert(list.phases.len(), name.into())?;
        }
        Ok(list)
    }

    /// Adds a phase behind all others.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn add(&mut self, name: impl Into<String>) -> Result<()> {
        self.insert(self.phases.len(), name.into())
    }

    /// Adds a phase before the one called `reference`.
    ///
    /// # Errors
    /// As [`new`](Self::new), and when there is no such phase.
    pub fn add_before(&mut self, reference: &str, name: impl Into<String>) -> Result<()> {
        let index = self.position(reference)?;
        self.insert(index, name.into())
    }

    /// Adds a phase behind the one called `reference`.
    ///
    /// # Errors
    /// As [`add_before`](Self::add_before).
    pub fn add_after(&mut self, reference: &str, name: impl Into<String>) -> Result<()> {
        let index = self.position(reference)?;
        self.insert(index + 1, name.into())
    }

    /// Takes out a phase with what happens there, if there is one of that name.
    pub fn remove(&mut self, name: &str) -> Option<Phase<T>> {
        let index = self.phases.iter().position(|phase| phase.name == name)?;
        Some(self.phases.remove(index))
    }

    /// Adds the phases of another list, as far as they are new: each behind the one that stands before it in that list, and
    /// the first, if it is new, at the very front.
    ///
    /// # Errors
    /// The other list has two phases the other way round, or a name that [`new`](Self::new) refuses. Then nothing is added.
    pub fn merge<N: Into<String>>(&mut self, names: impl IntoIterator<Item = N>) -> Result<()> {
        let mut merged: Vec<String> = self.names().map(str::to_owned).collect();
        let mut at = 0;
        for (index, name) in names.into_iter().map(Into::into).enumerate() {
            check_name(&name)?;
            match merged.iter().position(|known| *known == name) {
                Some(known) if index == 0 || known >= at => at = known,
                Some(_) => {
                    let last = &merged[at];
                    // Two spaces: LoopBack's words.
                    return Err(Error::internal(format!(
                        "Ordering conflict: cannot add \"{name}\" after \"{last}\", because the opposite order was  already specified"
                    )));
                }
                None => {
                    at = if index == 0 { 0 } else { at + 1 };
                    merged.insert(at, name);
                }
            }
        }
        let mut known = std::mem::take(&mut self.phases);
        self.phases = merged
            .into_iter()
            .map(|name| {
                let index = known.iter().position(|phase| phase.name == name);
                index.map_or_else(|| Phase::new(name), |index| known.remove(index))
            })
            .collect();
        Ok(())
    }

    /// Registers what happens at `place`: the name of a phase, or that with `:before` or `:after` behind it.
    ///
    /// # Errors
    /// There is no such phase.
    pub fn register(&mut self, place: &str, handler: T) -> Result<()> {
        let known = Place::parse(place).and_then(|Place { name, part }| {
            let index = self.phases.iter().position(|phase| phase.name == name)?;
            Some((index, part))
        });
        let (index, part) = known.ok_or_else(|| self.unknown(place))?;
        self.phases[index].handlers[part as usize].push(handler);
        Ok(())
    }

    /// The names in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.phases.iter().map(Phase::name)
    }

    /// What happens, in its order, and where.
    pub fn handlers(&self) -> impl DoubleEndedIterator<Item = (Place<'_>, &T)> {
        self.phases.iter().flat_map(|phase| {
            Part::ALL.into_iter().flat_map(move |part| {
                let place = Place {
                    name: &phase.name,
                    part,
                };
                let handlers = phase.handlers[part as usize].iter();
                handlers.map(move |handler| (place, handler))
            })
        })
    }

    fn insert(&mut self, index: usize, name: String) -> Result<()> {
        check_name(&name)?;
        if self.names().any(|known| known == name) {
            return Err(Error::internal(format!("Phase \"{name}\" already exists.")));
        }
        self.phases.insert(index, Phase::new(name));
        Ok(())
    }

    fn position(&self, name: &str) -> Result<usize> {
        let position = self.phases.iter().position(|phase| phase.name == name);
        position.ok_or_else(|| self.unknown(name))
    }

    fn unknown(&self, name: &str) -> Error {
        let known: Vec<_> = self.names().collect();
        Error::internal(format!(
            "Unknown phase: {name}; there are {}, each with :before and :after",
            known.join(", ")
        ))
    }
}

/// A place among phases, as it is written: `auth:after`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    pub(crate) name: &'a str,
    pub(crate) part: Part,
}

impl<'a> Place<'a> {
    /// The place that is written so; none, if something else stands behind the colon.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (name, part) = match text.split_once(':') {
            None => (text, Part::On),
            Some((name, "before")) => (name, Part::Before),
            Some((name, "after")) => (name, Part::After),
            Some(_) => return None,
        };
        Some(Place { name, part })
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.name, self.part.suffix())
    }
}

fn check_name(name: &str) -> Result<()> {
    if name.trim().is_empty() || name.contains(':') {
        return Err(Error::internal(format!(
            "{name:?} is no name of a phase; give a word without a colon"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(names: &[&str]) -> Result<String> {
        let mut list = PhaseList::<()>::new(BUILT_IN)?;
        list.merge(names.iter().copied())?;
        Ok(list.names().collect::<Vec<_>>().join(","))
    }

    #[test]
    fn lists_are_merged_as_loopback_merges_them() {
        for (names, expected) in [
            (
                &["custom"][..],
                "custom,initial,session,auth,parse,routes,files,final",
            ),
            (
                &["initial", "postinit", "preauth", "routes", "subapps"],
                "initial,postinit,preauth,session,auth,parse,routes,subapps,files,final",
            ),
            (
                &["a", "b", "routes", "c"],
                "a,b,initial,session,auth,parse,routes,c,files,final",
            ),
            (
                &["parse", "log", "routes"],
                "initial,session,auth,parse,log,routes,files,final",
            ),
            (
                &["initial", "last"],
                "initial,last,session,auth,parse,routes,files,final",
            ),
            (&[], "initial,session,auth,parse,routes,files,final"),
        ] {
            assert_eq!(merged(names).unwrap(), expected, "{names:?}");
        }
        let error = merged(&["routes", "initial"]).unwrap_err().to_string();
        assert_eq!(
            error,
            "Ordering conflict: cannot add \"initial\" after \"routes\", because the opposite order was  already specified"
        );
    }

    #[test]
    fn what_is_registered_stays_when_lists_are_merged() {
        let mut list = PhaseList::new(["a", "b"]).unwrap();
        list.register("b:after", 2).unwrap();
        list.register("a", 1).unwrap();
        list.merge(["a", "between", "b"]).unwrap();
        list.register("between", 3).unwrap();
        let handlers: Vec<_> = list.handlers().map(|(_, handler)| *handler).collect();
        assert_eq!(handlers, [1, 3, 2]);
    }

    #[test]
    fn phases_are_added_and_taken_out() {
        let mut list = PhaseList::<()>::new(["a", "c"]).unwrap();
        list.add_before("c", "b").unwrap();
        list.add_after("c", "d").unwrap();
        list.add("e").unwrap();
        assert_eq!(list.names().collect::<String>(), "abcde");
        assert_eq!(
            list.remove("c").map(|phase| phase.name().to_owned()),
            Some("c".into())
        );
        assert!(list.remove("c").is_none());
        let error = list.add("a").unwrap_err().to_string();
        assert_eq!(error, "Phase \"a\" already exists.");
        for (place, named) in [
            ("z", "Unknown phase: z"),
            ("a:during", "Unknown phase: a:during"),
        ] {
            let error = list.register(place, ()).unwrap_err().to_string();
            assert!(error.starts_with(named), "{error}");
        }
        for name in ["", " ", "a:before"] {
            assert!(list.add(name).is_err(), "{name:?}");
        }
    }
}

//! The parts of middleware phases (contract *middleware.md* §1).

/// The part of a phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    Before,
    At,
    After,
}

/// The name of a phase, and its part: `initial:before`.
pub(super) fn parse(name: &str) -> Option<(&str, Stage)> {
    match name.split_once(':') {
        None => Some((name, Stage::At)),
        Some((name, "before")) => Some((name, Stage::Before)),
        Some((name, "after")) => Some((name, Stage::After)),
        Some(_) => None,
    }
}

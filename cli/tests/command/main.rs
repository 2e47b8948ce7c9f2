//! The command `loopwright` as a user meets it.

mod refusals;
mod support;
mod templates;
#[cfg(target_os = "linux")]
mod terminal;

//! The command `loopwright` as a user meets it.

mod databases;
mod project;
mod refusals;
mod server;
mod support;
mod swagger;
mod templates;
#[cfg(target_os = "linux")]
mod terminal;

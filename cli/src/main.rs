//! The command `loopwright`: starts projects, and adds models, properties, relations, access rules, data sources, methods,
//! boot scripts and middleware to them. It is to loopwright what LoopBack's generators are to LoopBack.
//!
//! | module | what lives there |
//! |---|---|
//! | `command` | the command line: what it says, and who does it |
//! | `new` | a project in an empty folder, from the files in `templates/` |
//! | `add` | what is added to a project, one file for each kind |
//! | `project` | a project as it is: its sources, the models in them, where new ones go |
//! | `change` | what is to be written: insertions into files, a diff of them, all or nothing |
//! | `config`, `database` | loopwright.toml, and what data sources need |
//! | `swagger` | what a Swagger or OpenAPI document describes, for `add` |
//! | `property_type`, `name` | types of properties and names, in LoopBack's words and Rust's |
//! | `ask`, `error` | questions at a terminal, and why something was not done |
//!
//! **Architecture Invariant:** a source is edited as text, where its syntax tree says; nothing is printed from the tree.
//! Comments and formatting stay to the byte.
//!
//! **Architecture Invariant:** everything is decided before the first byte is written.
#![forbid(unsafe_code)]
#![cfg_attr(
    test,
    expect(clippy::unwrap_used, reason = "a test that panics has failed")
)]

mod add;
mod ask;
mod change;
mod command;
mod config;
mod database;
mod error;
mod name;
mod new;
mod project;
mod property_type;
mod swagger;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use crate::error::{Error, Result};

fn main() -> ExitCode {
    match command::CommandLine::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error}"));
            error.code()
        }
    }
}

/// Writes a line to standard output.
fn print(text: &str) -> Result<()> {
    writeln!(std::io::stdout(), "{text}")
        .map_err(|error| Error::undone(format!("can't write to standard output: {error}")))
}

/// Writes a line to standard error.
fn say(text: &str) {
    // Nobody may be reading; there is no other place to say so.
    let _ = writeln!(std::io::stderr(), "{text}");
}

//! The command line.

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

use crate::add::{self, Add, Common};
use crate::error::{Error, Result};
use crate::new::New;

const LONG_ABOUT: &str = "\
Starts loopwright projects, and adds to them what they are made of.

A project is a cargo package whose models are structs with `#[derive(Model)]`. `new` writes one that runs at once; `add` edits \
its sources and leaves everything else in them as it is. What an argument doesn't say is asked for at a terminal; without one, \
or with `--yes`, what has a default gets it.";

const AFTER_HELP: &str = "\
Examples:
  loopwright new my-api --template notes
  cd my-api && cargo run
  loopwright add model Author --property name:string! --access read
  loopwright add relation Note belongs-to Author
  loopwright add acl Note --allow write --to role:editor --dry-run
  loopwright add swagger petstore.yaml

A project's own program knows its models: `cargo run -- --help` lists what it does besides serving (openapi, acl, migrate).

Ends with 0 when it has done what it says, with 1 when it has not (the reason is on standard error, and nothing was written), \
with 2 when its arguments are wrong, and with 130 when somebody was asked and cancelled.";

// What the command line says. Doc comments here are the words of `--help`.
#[derive(Parser)]
#[command(
    name = "loopwright",
    version,
    about = "Starts loopwright projects, and adds to them what they are made of",
    long_about = LONG_ABOUT,
    after_help = AFTER_HELP,
    disable_help_subcommand = true
)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start a project in a folder of its own
    #[command(after_help = crate::new::EXAMPLES)]
    New(New),
    /// Add a model, a property, a relation, a rule, a data source, a method and more to a project
    Add {
        #[command(subcommand)]
        add: Add,
        #[command(flatten)]
        common: Common,
    },
    /// Print a script that completes this command's words in a shell
    #[command(
        after_help = "For example: loopwright completions bash > ~/.local/share/bash-completion/completions/loopwright"
    )]
    Completions {
        /// The shell
        shell: Shell,
    },
}

impl CommandLine {
    /// Does what the command line says.
    pub(crate) fn run(self) -> Result<()> {
        match self.command {
            Command::New(new) => new.run(),
            Command::Add { add, common } => add::run(add, &common),
            Command::Completions { shell } => {
                let mut script = Vec::new();
                clap_complete::generate(
                    shell,
                    &mut CommandLine::command(),
                    "loopwright",
                    &mut script,
                );
                let script = String::from_utf8(script)
                    .map_err(|error| Error::undone(format!("the script is no text: {error}")))?;
                crate::print(script.trim_end())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }
}

//! `import`: Rust structs for the models of a LoopBack application.

use std::path::PathBuf;

use clap::Args;

use crate::Result;
use crate::definitions::Definitions;
use crate::discovery;

// Doc comments here are the words of `--help`.
#[derive(Args)]
pub(super) struct Import {
    /// The folder of the application, which has `server/model-config.json`
    folder: PathBuf,
    /// Let everyone do what no rule is about, as LoopBack does
    #[arg(long)]
    open_by_default: bool,
}

/// The text of a module, for standard output.
pub(super) fn run(arguments: Import) -> Result<String> {
    let definitions = Definitions::folder(arguments.folder);
    discovery::definitions(&if arguments.open_by_default {
        definitions.open_by_default()
    } else {
        definitions
    })
}

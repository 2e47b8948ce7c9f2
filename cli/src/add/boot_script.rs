//! `loopwright add boot-script`.

use clap::Args;

use super::{Done, file_name};
use crate::ask::Ask;
use crate::change::ChangeSet;
use crate::error::Result;
use crate::project::{Edits, Project, docs};

pub(super) const EXAMPLES: &str = "\
Examples:
  loopwright add boot-script sample-data
  loopwright add boot-script greeting --sync

It runs once, when the data sources are connected and before the first request. Scripts run one after the other, in the order \
in which the application lists them; the first error ends the start.";

/// The folder of boot scripts, and what its module says of itself.
const FOLDER: (&str, &str) = (
    "boot",
    "What happens once at the start, one script to a file.",
);

#[derive(Args)]
pub(crate) struct AddBootScript {
    /// What it is called, such as `sample-data`
    name: Option<String>,
    /// An async function, which may wait for data sources; so it is unless said otherwise
    #[arg(long = "async", overrides_with = "sync")]
    asynchronous: bool,
    /// A plain function, which waits for nothing
    #[arg(long)]
    sync: bool,
    /// What the documentation says of it
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

impl AddBootScript {
    pub(super) fn run(self, project: &Project, ask: Ask) -> Result<Done> {
        let asked = self.name.is_none() && !self.asynchronous;
        let name = ask.text(
            self.name.as_deref(),
            "The boot script's name:",
            "the boot script's name",
            None,
            |name| file_name("a boot script", name),
        )?;
        let sync = match asked {
            true => ask.confirm(
                self.sync,
                "Is it a plain function, which waits for nothing?",
            )?,
            false => self.sync,
        };
        let mut changes = ChangeSet::default();
        let mut edits = Edits::default();
        let description = self.description.unwrap_or_else(|| {
            "Runs once, when the data sources are connected and before the first request. An error ends the start.".to_owned()
        });
        let text = text(&docs(Some(&description)).join("\n"), sync);
        let path = project.settle_file(FOLDER, &name, "run", text, &mut edits, &mut changes)?;
        let call = match sync {
            true => format!(".boot(|app| std::future::ready({path}(&app)))"),
            false => format!(".boot({path})"),
        };
        let (source, insertions) = project.insert_calls("boot", &[call])?;
        edits.add(source, insertions);
        edits.into_changes(&mut changes);
        let hints = vec!["`cargo run` runs it at the start".to_owned()];
        Ok(Done { changes, hints })
    }
}

fn text(docs: &str, sync: bool) -> String {
    let head = match sync {
        true => "pub fn run(app: &Application) -> Result<()> {",
        false => "pub async fn run(app: Application) -> Result<()> {",
    };
    format!(
        "use loopwright::prelude::*;\n\n{docs}\n{head}\n    // What the script does: `app.repository::<Note>()?` reads and writes notes.\n    \
         let _ = app;\n    Ok(())\n}}\n"
    )
}

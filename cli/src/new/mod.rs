//! The command `new`.

mod folder;
mod template;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use self::template::{Dependency, Template};
use crate::ask::{Argument, Ask};
use crate::database::Connector;
use crate::error::{Error, Result};
use crate::name;

pub(crate) const EXAMPLES: &str = "\
Examples:
  loopwright new my-api
  loopwright new my-api --template notes --database postgres
  loopwright new my-api --yes --loopwright-path ../loopwright/runtime";

#[derive(Args)]
pub(crate) struct New {
    /// What it is called; the folder's name unless given, with `--dir`
    name: Option<String>,
    /// The folder, which must be empty or not there; called as the project unless given
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
    /// What kind of application it is
    #[arg(long, value_enum)]
    template: Option<Template>,
    /// Where it keeps its data
    #[arg(long, value_parser = Connector::database_parser())]
    database: Option<Connector>,
    /// What its OpenAPI document calls it; its name unless given
    #[arg(long)]
    title: Option<String>,
    /// The folder `runtime` of a checkout of loopwright, to depend on instead of the published crate
    #[arg(long, value_name = "FOLDER")]
    loopwright_path: Option<PathBuf>,
    /// Ask nothing: what is not given gets its default
    #[arg(short, long)]
    yes: bool,
}

impl New {
    pub(crate) fn run(self) -> Result<()> {
        let ask = Ask::new(self.yes);
        let of_folder = self.dir.as_deref().and_then(Path::file_name);
        let of_folder = of_folder.map(|name| name.to_string_lossy().into_owned());
        let name = ask.text(
            self.name.as_deref(),
            "What's the name of your application?",
            "the project's name",
            of_folder.as_deref(),
            name::project,
        )?;
        let dir = self.dir.clone().unwrap_or_else(|| PathBuf::from(&name));
        // Before anything is asked that would be in vain.
        let target = folder::free(&dir)?;
        let templates = Template::value_variants().to_vec();
        let question = "What kind of application do you have in mind?";
        let template = ask.choice(self.template, question, Argument::Optional, templates)?;
        let database = ask.choice(
            self.database,
            "Where does it keep its data?",
            Argument::Optional,
            Connector::DATABASES.to_vec(),
        )?;
        let title = ask.text(
            self.title.as_deref(),
            "What is it called in its document?",
            "the title",
            Some(&name),
            title,
        )?;
        let dependency = match &self.loopwright_path {
            Some(path) => Dependency::Path(checkout(path)?),
            None => Dependency::Version,
        };
        let files = template::files(&template::Choices {
            name: &name,
            title: &title,
            template,
            database,
            dependency,
            in_workspace: in_workspace(&target),
        });
        folder::create(&target, &files)?;
        let shown = dir.display();
        crate::print(&format!(
            "created {shown}: {} files\n\n  cd {shown}\n  cargo run\n\nserves it; its README.md says what to try. `loopwright add --help` \
             lists what else there is.",
            files.len()
        ))
    }
}

/// A title is one line.
fn title(text: &str) -> Result<String> {
    match text.trim().is_empty() || text.chars().any(char::is_control) {
        true => Err(Error::usage("a title is one line of text; write one")),
        false => Ok(text.to_owned()),
    }
}

/// The folder of the crate `loopwright`, in full: the project lies elsewhere.
fn checkout(path: &Path) -> Result<PathBuf> {
    let wrong = || {
        Error::usage(format!(
            "there is no crate `loopwright` in {}; name the folder `runtime` of a checkout",
            path.display()
        ))
    };
    let whole = std::path::absolute(path).map_err(|_| wrong())?;
    let manifest = std::fs::read_to_string(whole.join("Cargo.toml")).map_err(|_| wrong())?;
    let manifest: toml_edit::DocumentMut = manifest.parse().map_err(|_| wrong())?;
    let name = manifest
        .get("package")
        .and_then(|package| package.get("name")?.as_str());
    match name {
        Some("loopwright") => Ok(whole),
        _ => Err(wrong()),
    }
}

/// Does the folder lie in another project's workspace? Cargo would take it for a member of that.
fn in_workspace(target: &Path) -> bool {
    target.ancestors().skip(1).any(|folder| {
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
        let manifest = manifest.parse::<toml_edit::DocumentMut>();
        manifest.is_ok_and(|manifest| manifest.get("workspace").is_some())
    })
}

//! The command `add`: models, what they have and what stands beside them, in the sources of a project.

mod acl;
mod boot_script;
mod datasource;
mod method;
mod middleware;
mod model;
mod path;
mod property;
mod relation;
mod swagger;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::ask::Ask;
use crate::change::ChangeSet;
use crate::error::{Error, Result};
use crate::name;
use crate::print;
use crate::project::Project;

// Doc comments here are the words of `--help`.
#[derive(Subcommand)]
pub(crate) enum Add {
    /// A model: a struct in a file of its own, in the application's list
    #[command(after_help = model::EXAMPLES)]
    Model(model::AddModel),
    /// A property of a model: a field with its type, default and rules
    #[command(after_help = property::EXAMPLES)]
    Property(property::AddProperty),
    /// A relation between two models, with the key that it needs
    #[command(after_help = relation::EXAMPLES)]
    Relation(relation::AddRelation),
    /// A rule that says who may do what with a model
    #[command(after_help = acl::EXAMPLES)]
    Acl(acl::AddAcl),
    /// A data source in loopwright.toml, and the cargo feature that it needs
    #[command(after_help = datasource::EXAMPLES)]
    Datasource(datasource::AddDatasource),
    /// A method of a model that callers reach over HTTP
    #[command(after_help = method::EXAMPLES)]
    Method(method::AddMethod),
    /// A boot script: a function that runs once at the start
    #[command(after_help = boot_script::EXAMPLES)]
    BootScript(boot_script::AddBootScript),
    /// A middleware: a function that requests pass in one of the phases
    #[command(after_help = middleware::EXAMPLES)]
    Middleware(middleware::AddMiddleware),
    /// The models and methods of a Swagger or OpenAPI document
    #[command(after_help = swagger::EXAMPLES)]
    Swagger(swagger::AddSwagger),
}

#[derive(Args)]
pub(crate) struct Common {
    /// The project: a folder with a Cargo.toml, or one in it
    #[arg(long, value_name = "FOLDER", default_value = ".", global = true)]
    project: PathBuf,
    /// Print what would change as a diff, and write nothing
    #[arg(long, global = true)]
    dry_run: bool,
    /// Ask nothing: what is not given gets its default
    #[arg(short, long, global = true)]
    yes: bool,
}

/// What a command came up with.
struct Done {
    changes: ChangeSet,
    /// What is left to be done, or good to know.
    hints: Vec<String>,
}

/// Does what `add` says.
pub(crate) fn run(add: Add, common: &Common) -> Result<()> {
    let project = Project::open(&common.project)?;
    let done = add.changes(&project, Ask::new(common.yes))?;
    if common.dry_run {
        return print(done.changes.diff().trim_end());
    }
    let mut lines = done.changes.write(&project.folder)?;
    lines.extend(done.hints);
    print(&lines.join("\n"))
}

impl Add {
    /// What is to be written.
    fn changes(self, project: &Project, ask: Ask) -> Result<Done> {
        let done = match self {
            Add::Model(arguments) => arguments.run(project, ask),
            Add::Property(arguments) => arguments.run(project, ask),
            Add::Relation(arguments) => arguments.run(project, ask),
            Add::Acl(arguments) => arguments.run(project, ask),
            Add::Datasource(arguments) => arguments.run(project, ask),
            Add::Method(arguments) => arguments.run(project, ask),
            Add::BootScript(arguments) => arguments.run(project, ask),
            Add::Middleware(arguments) => arguments.run(project, ask),
            Add::Swagger(arguments) => arguments.run(project, ask),
        }?;
        done.changes.check()?;
        Ok(done)
    }
}

/// The name of a file of code, as its module is called.
fn file_name(what: &str, name: &str) -> Result<String> {
    match name::field(what, name)? {
        name if name == "r#mod" => Err(Error::usage(format!(
            "{what} can't be called `mod`: its file would be that of the folder, mod.rs; add a word to it"
        ))),
        name => Ok(name),
    }
}

/// The name of a model of the project: given, or chosen.
fn choose_model(
    project: &Project,
    given: Option<&str>,
    question: &str,
    ask: Ask,
) -> Result<String> {
    let names = project.model_names();
    if names.is_empty() {
        return Err(Error::undone(
            "the project has no models; `loopwright add model` makes one",
        ));
    }
    let given = given.map(ToOwned::to_owned);
    let name = ask.choice(
        given,
        question,
        crate::ask::Argument::Required("the model"),
        names,
    )?;
    Ok(project.model(&name)?.name())
}

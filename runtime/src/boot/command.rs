//! The application's own command line: what else its program does than serve.

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;

use clap::{CommandFactory as _, Parser, Subcommand, ValueEnum};

use super::operations::Log;
use super::{App, acl, inventory, migrate, server};
use crate::{Error, Result, openapi};

const EXIT_CODES: &str = "\
Exit codes: 0 when all went well, 1 when something failed, 2 for arguments that make no sense; commands of `migrate` have \
more.

The configuration is in loopwright.toml, with loopwright.local.toml and that of LOOPWRIGHT_ENV over it, and in the environment.";

// What the command line says. Doc comments here are the words of `--help`.
#[derive(Parser)]
#[command(disable_help_subcommand = true, after_help = EXIT_CODES)]
struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve requests; the same as no command at all
    Serve,
    /// Print the OpenAPI document
    Openapi {
        /// What it is printed as
        #[arg(long, value_enum, default_value_t = DocumentFormat::Json)]
        format: DocumentFormat,
        /// In Swagger 2.0, as LoopBack 2 has it
        #[arg(long)]
        swagger2: bool,
    },
    /// Print the models, with where their data is and where they are served
    Models,
    /// Print every route of the models, with the method that answers it
    Routes,
    /// Look at the configuration without starting
    #[command(subcommand)]
    Config(Config),
    /// Print the version of the application, and that of loopwright
    Version,
    /// Print what a shell needs to complete these commands
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print who may call what, or say which rule decides about a request
    Acl(acl::Acl),
    /// Print Rust structs for the tables of a database, or for JSON samples
    #[cfg(feature = "discovery")]
    Discover(super::discover::Discover),
    /// Print Rust structs for the models of a LoopBack application
    #[cfg(feature = "discovery")]
    Import(super::import::Import),
    /// Make the tables what the models say
    #[command(subcommand, after_help = migrate::EXIT_CODES)]
    Migrate(migrate::Migrate),
}

#[derive(Clone, Copy, ValueEnum)]
enum DocumentFormat {
    Json,
    Yaml,
}

#[derive(Subcommand)]
enum Config {
    /// Say whether the application can start with it, as far as that is known without connecting to anything
    Check,
}

/// Does with `app` what `arguments` say, the program's name first. Help, and what is said of wrong arguments, end the
/// process.
pub(super) async fn run(app: App, arguments: impl Iterator<Item = OsString>) -> Result<()> {
    let arguments: Vec<_> = arguments.collect();
    let program = arguments.first().map(Path::new).and_then(Path::file_name);
    let program = program.unwrap_or_default().to_owned();
    match CommandLine::parse_from(arguments).command {
        None | Some(Command::Serve) => {
            let log = Log::begin(&app.configuration()?)?;
            let served = server::serve(app).await;
            log.end().await;
            served
        }
        Some(Command::Openapi { format, swagger2 }) => {
            print(document(app, format, swagger2)?.trim_end())
        }
        Some(Command::Models) => print(inventory::models(app)?.trim_end()),
        Some(Command::Routes) => print(inventory::routes(app)?.trim_end()),
        Some(Command::Config(Config::Check)) => print(&inventory::check(app)?),
        Some(Command::Version) => print(&inventory::version(&app)?),
        Some(Command::Completions { shell }) => {
            let mut command = CommandLine::command();
            let name = program.to_string_lossy().into_owned();
            clap_complete::generate(shell, &mut command, name, &mut std::io::stdout());
            Ok(())
        }
        Some(Command::Acl(arguments)) => acl::run(app, &arguments),
        #[cfg(feature = "discovery")]
        Some(Command::Discover(arguments)) => {
            print(super::discover::run(&app, arguments).await?.trim_end())
        }
        #[cfg(feature = "discovery")]
        Some(Command::Import(arguments)) => print(super::import::run(arguments)?.trim_end()),
        Some(Command::Migrate(migrate)) => migrate::run(app, migrate).await,
    }
}

/// The application's document.
fn document(app: App, format: DocumentFormat, swagger2: bool) -> Result<String> {
    let (app, config) = app.configured()?;
    let document = app.description(&config).document(None);
    let unwritable =
        |error: String| Error::internal("the document can't be written").with_source(error);
    match (swagger2, format) {
        (false, DocumentFormat::Json) => document
            .to_pretty_json()
            .map_err(|error| unwritable(error.to_string())),
        (false, DocumentFormat::Yaml) => document
            .to_yaml()
            .map_err(|error| unwritable(error.to_string())),
        (true, DocumentFormat::Json) => {
            let swagger = openapi::swagger(&document, &config.rest_api_root)?;
            serde_json::to_string_pretty(&swagger).map_err(|error| unwritable(error.to_string()))
        }
        (true, DocumentFormat::Yaml) => {
            let swagger = openapi::swagger(&document, &config.rest_api_root)?;
            yaml_serde::to_string(&swagger).map_err(|error| unwritable(error.to_string()))
        }
    }
}

/// Writes a line to standard output.
pub(super) fn print(text: &str) -> Result<()> {
    let written = writeln!(std::io::stdout(), "{text}");
    written.map_err(|error| Error::internal("can't write to standard output").with_source(error))
}

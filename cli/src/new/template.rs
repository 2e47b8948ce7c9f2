//! What a new project consists of.

use std::fmt;
use std::path::PathBuf;

use clap::ValueEnum;
use toml_edit::{Array, InlineTable, Value};

use crate::database::Connector;
use crate::project::CONFIG;

/// What kind of application a project is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Template {
    /// Users who register and log in
    ApiServer,
    /// No models yet
    EmptyServer,
    /// One method that answers a greeting
    HelloWorld,
    /// A working example with a model
    Notes,
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Template::ApiServer => "api-server: users who register and log in",
            Template::EmptyServer => "empty-server: no models yet",
            Template::HelloWorld => "hello-world: one method that answers a greeting",
            Template::Notes => "notes: a working example with a model",
        })
    }
}

/// What stands behind `loopwright =` in Cargo.toml.
pub(super) enum Dependency {
    /// The version of this program.
    Version,
    /// A checkout.
    Path(PathBuf),
}

/// What was chosen for a project.
pub(super) struct Choices<'a> {
    pub(super) name: &'a str,
    pub(super) title: &'a str,
    pub(super) template: Template,
    pub(super) database: Connector,
    pub(super) dependency: Dependency,
    /// Does it lie in the workspace of another project?
    pub(super) in_workspace: bool,
}

/// The one model that a template has.
struct Sample {
    name: &'static str,
    file: &'static str,
    text: &'static str,
}

impl Template {
    fn sample(self) -> Option<Sample> {
        match self {
            Template::ApiServer => Some(Sample {
                name: "User",
                file: "user",
                text: include_str!("../../templates/api-server/user.rs"),
            }),
            Template::EmptyServer => None,
            Template::HelloWorld => Some(Sample {
                name: "Message",
                file: "message",
                text: include_str!("../../templates/hello-world/message.rs"),
            }),
            Template::Notes => Some(Sample {
                name: "Note",
                file: "note",
                text: include_str!("../../templates/notes/note.rs"),
            }),
        }
    }

    /// The project's own test.
    fn test(self) -> &'static str {
        match self {
            Template::ApiServer => include_str!("../../templates/api-server/api.rs"),
            Template::EmptyServer => include_str!("../../templates/empty-server/api.rs"),
            Template::HelloWorld => include_str!("../../templates/hello-world/api.rs"),
            Template::Notes => include_str!("../../templates/notes/api.rs"),
        }
    }

    /// What to try, for README.md.
    fn requests(self) -> &'static str {
        match self {
            Template::ApiServer => include_str!("../../templates/api-server/requests.md"),
            Template::EmptyServer => include_str!("../../templates/empty-server/requests.md"),
            Template::HelloWorld => include_str!("../../templates/hello-world/requests.md"),
            Template::Notes => include_str!("../../templates/notes/requests.md"),
        }
    }
}

/// The files of a project, by their paths.
pub(super) fn files(choices: &Choices<'_>) -> Vec<(PathBuf, String)> {
    let library = choices.name.replace('-', "_");
    let call = include_str!("../../templates/call.rs").trim_end();
    let fill = |text: &str| {
        text.replace("{{requests}}", choices.template.requests().trim_end())
            .replace("{{call}}", call)
            .replace("{{name}}", choices.name)
            .replace("{{library}}", &library)
            // Last, since it is what somebody has written.
            .replace("{{title}}", choices.title)
    };
    let mut files = vec![
        ("Cargo.toml".into(), manifest(choices)),
        (CONFIG.into(), config(choices)),
        (
            ".gitignore".into(),
            include_str!("../../templates/gitignore").to_owned(),
        ),
        (
            "README.md".into(),
            fill(include_str!("../../templates/README.md")),
        ),
        (
            "src/main.rs".into(),
            fill(include_str!("../../templates/main.rs")),
        ),
        ("tests/api.rs".into(), fill(choices.template.test())),
    ];
    let library = include_str!("../../templates/lib.rs");
    let (modules, list) = match choices.template.sample() {
        Some(Sample { name, file, text }) => {
            let index = format!(
                "//! The models, one to a file.\n\nmod {file};\n\npub use {file}::{name};\n"
            );
            files.push(("src/models/mod.rs".into(), index));
            files.push((format!("src/models/{file}.rs").into(), text.to_owned()));
            (
                "pub mod models;\n\n",
                format!(".models::<(models::{name},)>()"),
            )
        }
        None => ("", String::new()),
    };
    let library = library
        .replace("{{modules}}", modules)
        .replace("{{models}}", &list);
    files.push(("src/lib.rs".into(), library));
    files
}

fn manifest(choices: &Choices<'_>) -> String {
    let workspace = match choices.in_workspace {
        true => "\n# A project of its own, though its folder lies in another one.\n[workspace]\n",
        false => "",
    };
    include_str!("../../templates/manifest.toml")
        .replace("{{name}}", choices.name)
        .replace("{{workspace}}", workspace)
        .replace("{{loopwright}}", &dependency(choices))
}

/// What stands behind `loopwright =`.
fn dependency(choices: &Choices<'_>) -> String {
    let mut table = InlineTable::new();
    match &choices.dependency {
        Dependency::Version => table.insert("version", env!("CARGO_PKG_VERSION").into()),
        Dependency::Path(path) => table.insert("path", path.display().to_string().into()),
    };
    // SQLite is on by itself; who has another database need not compile it.
    if choices.database != Connector::Sqlite {
        table.insert("default-features", false.into());
        let mut features = Array::new();
        features.push("explorer");
        if let Some(feature) = choices.database.feature() {
            features.push(feature);
        }
        table.insert("features", features.into());
    }
    match (table.len(), table.get("version")) {
        (1, Some(version)) => version.to_string().trim().to_owned(),
        _ => Value::InlineTable(table).to_string().trim().to_owned(),
    }
}

fn config(choices: &Choices<'_>) -> String {
    let connector = choices.database;
    let text = |text: &str| Value::from(text).to_string();
    let about = match connector {
        Connector::Memory => {
            "# It is gone with the program; `memory://data.json` keeps it in a file.\n"
        }
        Connector::Sqlite => "",
        _ => {
            "# A password does not belong into this file: set the whole URL in the environment, as DATABASE_URL.\n"
        }
    };
    let more = match (connector, choices.template) {
        (Connector::Sqlite | Connector::Postgres | Connector::Mysql | Connector::Mongodb, _) => {
            "# A start adds what the tables lack. In production say `false`, and run `migrate apply` when you mean to.\n\
             autoupdate = true\n"
        }
        _ => "",
    };
    let models = match choices.template {
        Template::HelloWorld => include_str!("../../templates/hello-world/loopwright.toml"),
        _ => "",
    };
    include_str!("../../templates/loopwright.toml")
        .replace("{{url}}", &text(&connector.url(choices.name)))
        .replace("{{about}}", about)
        .replace("{{more}}", more)
        .replace("{{models}}", models)
        .replace("{{title}}", &text(choices.title))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn text(choices: &Choices<'_>, path: &str) -> String {
        let files = files(choices);
        let file = files
            .into_iter()
            .find(|(known, _)| *known == std::path::Path::new(path));
        file.unwrap().1
    }

    fn choices(template: Template, database: Connector) -> Choices<'static> {
        Choices {
            name: "my-api",
            title: "Ann's \"API\"",
            template,
            database,
            dependency: Dependency::Version,
            in_workspace: false,
        }
    }

    #[test]
    fn what_a_database_needs_of_cargo() {
        let line = |database| {
            let manifest = text(&choices(Template::Notes, database), "Cargo.toml");
            let mut lines = manifest.lines();
            lines
                .find(|line| line.starts_with("loopwright"))
                .unwrap()
                .to_owned()
                + "\n"
        };
        let all = Connector::DATABASES.into_iter();
        let lines: String = all.map(line).collect();
        let version = env!("CARGO_PKG_VERSION");
        expect![[r#"
            loopwright = "VERSION"
            loopwright = { version = "VERSION", default-features = false, features = ["explorer", "postgres"] }
            loopwright = { version = "VERSION", default-features = false, features = ["explorer", "mysql"] }
            loopwright = { version = "VERSION", default-features = false, features = ["explorer", "mongodb"] }
            loopwright = { version = "VERSION", default-features = false, features = ["explorer"] }
        "#]].assert_eq(&lines.replace(version, "VERSION"));
    }

    #[test]
    fn a_configuration() {
        let config = text(&choices(Template::HelloWorld, Connector::Postgres), CONFIG);
        expect![[r##"
            # How the application is configured. The environment goes over this file: HOST, PORT, DATABASE_URL, and every other key by its
            # own name, such as LOOPWRIGHT_BODY_LIMIT.

            # What the OpenAPI document calls the application.
            title = """Ann's "API""""

            # Where it listens. 127.0.0.1 is reached from this machine alone; 0.0.0.0 is every address.
            host = "127.0.0.1"
            port = 3000

            # The path that the models are served below.
            rest_api_root = "/api"

            # Where the data is. Models are attached to `db` unless it is said otherwise.
            # A password does not belong into this file: set the whole URL in the environment, as DATABASE_URL.
            [data_sources.db]
            url = "postgres://localhost/my_api"
            # A start adds what the tables lack. In production say `false`, and run `migrate apply` when you mean to.
            autoupdate = true

            # A data source that keeps nothing, for what is only said.
            [data_sources.transient]
            url = "transient:"

            [models.Message]
            data_source = "transient"
        "##]].assert_eq(&config);
    }

    /// Nothing of a template is left unfilled, and what should be TOML or Rust is.
    #[test]
    fn every_combination() {
        for template in Template::value_variants() {
            for database in Connector::DATABASES {
                for in_workspace in [false, true] {
                    let mut choices = choices(*template, database);
                    choices.in_workspace = in_workspace;
                    choices.dependency = Dependency::Path("a \"b\"\\c".into());
                    for (path, text) in files(&choices) {
                        assert!(!text.contains("{{"), "{}: {text}", path.display());
                        match path.extension().and_then(|extension| extension.to_str()) {
                            Some("toml") => drop(text.parse::<toml_edit::DocumentMut>().unwrap()),
                            Some("rs") => drop(syn::parse_file(&text).unwrap()),
                            _ => {}
                        }
                    }
                }
            }
        }
    }
}

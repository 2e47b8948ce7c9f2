//! The files of a LoopBack application (contract *boot.md* §1, §3, §7).

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use super::config;
use super::environment::Environment;
use super::merge::merge;
use super::middleware;
use super::problem::Problems;
use super::source::{Member, Node, Place};

/// What a LoopBack application says of its models, and of itself.
pub(super) struct Folder {
    /// The folder of `model-config.json` and its like.
    pub server: PathBuf,
    /// What `config.json` says.
    pub config: Option<Node>,
    /// What `component-config.json` says.
    pub components: Option<Node>,
    /// What `middleware.json` says.
    pub middleware: Option<Node>,
    /// The entries of `datasources.json`.
    pub data_sources: Vec<Member>,
    /// The entries of `model-config.json`, in its order.
    pub listed: Vec<Member>,
    /// The definition files by the name of the model.
    pub definitions: BTreeMap<String, DefinitionFile>,
    /// What `remoting.sharedMethods` says of the methods of every model.
    pub shared_methods: Vec<Member>,
}

/// A model's JSON file, and what is beside it.
pub(super) struct DefinitionFile {
    pub node: Node,
    /// The JavaScript file of the same name, if it does anything.
    pub script: Option<PathBuf>,
}

impl Folder {
    /// Reads the folder of an application, or of its server.
    pub fn read(folder: &Path, environment: &Environment, problems: &mut Problems) -> Option<Self> {
        let places = [folder.join("server"), folder.to_owned()];
        let has_config = |server: &&PathBuf| server.join("model-config.json").is_file();
        let Some(server) = places.iter().find(has_config) else {
            problems.mistake(
                &Place::start(folder),
                "there is no `server/model-config.json` and no `model-config.json`; name the folder of a LoopBack application",
            );
            return None;
        };
        let mut layered = |name, merge| layered(server, name, environment, merge, problems);
        let models = layered("model-config", merge as Merge);
        let config = layered("config", merge);
        let data_sources = layered("datasources", merge);
        let components = layered("component-config", merge);
        let middleware = layered("middleware", middleware::merge);
        let models = models?;
        let members = models.members("the list of models", problems);
        let meta = models.get("_meta");
        let listed = members.iter().filter(|member| !member.key.starts_with('_'));
        scripts(server, environment, problems);
        Some(Folder {
            listed: listed.cloned().collect(),
            definitions: definitions(server, meta, problems),
            data_sources: match &data_sources {
                Some(node) => node.members("the list of data sources", problems).to_vec(),
                None => Vec::new(),
            },
            shared_methods: config::shared_methods(config.as_ref()),
            server: server.clone(),
            config,
            components,
            middleware,
        })
    }

    /// The folder that LoopBack is started in, where the paths of its data sources begin.
    pub fn root(&self, folder: &Path) -> PathBuf {
        match self.server == folder.join("server") {
            true => folder.to_owned(),
            // The server's own folder is named, which may be within that of the application.
            false if self.server.file_name().is_some_and(|name| name == "server") => {
                joined(&self.server, "..")
            }
            false => self.server.clone(),
        }
    }
}

/// What puts a file over another one.
pub(super) type Merge = fn(&mut Node, Node, &mut Problems);

/// A JSON file of the server's folder with what `.local` and the environment's file put over it; nothing if there is none.
pub(super) fn layered(
    server: &Path,
    name: &str,
    environment: &Environment,
    merge: Merge,
    problems: &mut Problems,
) -> Option<Node> {
    let main = server.join(format!("{name}.json"));
    let mut node = match main.exists() {
        true => Some(Node::read(&main, problems)?),
        false => None,
    };
    for layer in ["local", environment.name()] {
        let json = server.join(format!("{name}.{layer}.json"));
        let script = json.with_extension("js");
        let is_script = script.is_file();
        let file = if is_script { &script } else { &json };
        if !is_script && !json.exists() {
            continue;
        }
        let Some(node) = &mut node else {
            problems.note(
                &Place::start(file),
                format!("WARNING: Main config file \"{name}.json\" is missing"),
            );
            continue;
        };
        if is_script {
            problems.missing(
                &Place::start(&script),
                "JavaScript is not run; write what it exports as a `.json` file",
            );
        } else if let Some(over) = Node::read(&json, problems) {
            merge(node, over, problems);
        }
    }
    node
}

/// Reports the boot scripts, in the order in which LoopBack runs them.
fn scripts(server: &Path, environment: &Environment, problems: &mut Problems) {
    let boot = server.join("boot");
    for folder in [boot.join(environment.name()), boot] {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for file in entries.flatten().map(|entry| entry.path()) {
            let is_script = file.extension().is_some_and(|extension| extension == "js");
            let name = file.file_name().and_then(|name| name.to_str());
            let skipped = name.is_none_or(|name| name.starts_with('_') || name == "index.js");
            if is_script && !skipped && does_something(&file) {
                problems.note(
                    &Place::start(&file),
                    "JavaScript is not run: what the boot script does is to be written in Rust, with `App::boot` or \
                     `App::routes`",
                );
            }
        }
    }
}

fn definitions(
    server: &Path,
    meta: Option<&Node>,
    problems: &mut Problems,
) -> BTreeMap<String, DefinitionFile> {
    let mut definitions = BTreeMap::new();
    let sources = meta.and_then(|meta| meta.get("sources"));
    let folders: Vec<PathBuf> = match sources {
        Some(sources) => sources
            .items()
            .iter()
            .filter_map(|source| {
                let folder = source.as_str().filter(|folder| {
                    // LoopBack's own models are not read from its package.
                    !folder.starts_with("loopback/")
                })?;
                if !folder.starts_with('.') {
                    problems.missing(
                        &source.place,
                        "a folder within a package is not found; write its path, beginning with `./` or `../`",
                    );
                    return None;
                }
                Some(joined(server, folder))
            })
            .collect(),
        None => vec![server.join("models")],
    };
    for folder in folders {
        // A folder that is missing is left out, as in LoopBack.
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        files.sort();
        for file in files {
            let stem = file.file_stem().and_then(|stem| stem.to_str());
            let is_json = file
                .extension()
                .is_some_and(|extension| extension == "json");
            let Some(stem) = stem.filter(|stem| is_json && !stem.starts_with('_')) else {
                continue;
            };
            let Some(node) = Node::read(&file, problems) else {
                continue;
            };
            let name = node.get("name").and_then(Node::as_str);
            let name = name.map_or_else(|| pascal_case(stem), str::to_owned);
            let script = Some(file.with_extension("js")).filter(|script| does_something(script));
            definitions.insert(name, DefinitionFile { node, script });
        }
    }
    definitions
}

/// The path with as few steps as it can have, since messages name it.
pub(super) fn joined(server: &Path, folder: &str) -> PathBuf {
    let mut path = server.to_owned();
    for step in Path::new(folder).components() {
        match step {
            Component::CurDir => {}
            Component::ParentDir if path.file_name().is_some() => {
                path.pop();
            }
            step => path.push(step),
        }
    }
    path
}

/// `coffee-shop` is the file of `CoffeeShop`.
fn pascal_case(stem: &str) -> String {
    let words = stem.split(['-', '_', '.', ' ']);
    words
        .map(|word| {
            let mut letters = word.chars();
            let first = letters
                .next()
                .map(|letter| letter.to_uppercase().to_string());
            first.unwrap_or_default() + letters.as_str()
        })
        .collect()
}

/// Is there more in the JavaScript file than the empty function that LoopBack's generator writes?
fn does_something(script: &Path) -> bool {
    let Ok(text) = std::fs::read_to_string(script) else {
        return false;
    };
    let lines = text.lines().map(str::trim);
    let code: String = lines
        .filter(|line| {
            !line.starts_with("//") && !["'use strict';", "\"use strict\";"].contains(line)
        })
        .collect::<String>()
        .split_whitespace()
        .collect();
    let empty = code
        .strip_prefix("module.exports=function(")
        .and_then(|rest| rest.split_once(')'))
        .is_some_and(|(_, body)| ["{};", "{}"].contains(&body));
    !code.is_empty() && !empty
}

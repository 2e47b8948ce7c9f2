//! The files of a LoopBack application (contract *boot.md* §1, §3, §7).

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use super::merge::merge;
use super::problem::Problems;
use super::source::{Member, Node, Place};

/// What a LoopBack application says of its models.
pub(super) struct Folder {
    /// The entries of `model-config.json`, in its order.
    pub listed: Vec<Member>,
    /// The definition files by the name of the model.
    pub definitions: BTreeMap<String, DefinitionFile>,
    /// The connector of each data source; nothing else is looked at in `datasources.json`, which has passwords.
    #[cfg(feature = "discovery")]
    pub connectors: BTreeMap<String, String>,
}

/// A model's JSON file, and what is beside it.
pub(super) struct DefinitionFile {
    pub node: Node,
    /// The JavaScript file of the same name, if it does anything.
    pub script: Option<PathBuf>,
}

impl Folder {
    /// Reads the folder of an application, or of its server.
    pub fn read(folder: &Path, problems: &mut Problems) -> Option<Self> {
        let places = [folder.join("server"), folder.to_owned()];
        let has_config = |server: &&PathBuf| server.join("model-config.json").is_file();
        let Some(server) = places.iter().find(has_config) else {
            problems.mistake(
                &Place::start(folder),
                "there is no `server/model-config.json` and no `model-config.json`; name the folder of a LoopBack application",
            );
            return None;
        };
        let config = layered(server, "model-config", problems)?;
        let members = config.members("the list of models", problems);
        let meta = config.get("_meta");
        let listed = members.iter().filter(|member| !member.key.starts_with('_'));
        Some(Folder {
            listed: listed.cloned().collect(),
            definitions: definitions(server, meta, problems),
            #[cfg(feature = "discovery")]
            connectors: connectors(server, problems),
        })
    }
}

/// A JSON file of the server's folder with what `.local` and the environment's file put over it.
fn layered(server: &Path, name: &str, problems: &mut Problems) -> Option<Node> {
    let mut node = Node::read(&server.join(format!("{name}.json")), problems)?;
    let environment = std::env::var("NODE_ENV").unwrap_or_else(|_| "development".to_owned());
    for layer in ["local", &environment] {
        let json = server.join(format!("{name}.{layer}.json"));
        let script = json.with_extension("js");
        if script.is_file() {
            problems.missing(
                &Place::start(&script),
                "JavaScript is not run; write what it exports as a `.json` file",
            );
        } else if json.is_file()
            && let Some(over) = Node::read(&json, problems)
        {
            merge(&mut node, over, problems);
        }
    }
    Some(node)
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

#[cfg(feature = "discovery")]
fn connectors(server: &Path, problems: &mut Problems) -> BTreeMap<String, String> {
    if !server.join("datasources.json").is_file() {
        return BTreeMap::new();
    }
    let Some(node) = layered(server, "datasources", problems) else {
        return BTreeMap::new();
    };
    let members = node.members("the list of data sources", problems).iter();
    let connectors = members.filter_map(|member| {
        let connector = member.node.get("connector")?.as_str()?;
        let connector = connector
            .strip_prefix("loopback-connector-")
            .unwrap_or(connector);
        Some((member.key.clone(), connector.to_owned()))
    });
    connectors.collect()
}

/// The path with as few steps as it can have, since messages name it.
fn joined(server: &Path, folder: &str) -> PathBuf {
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

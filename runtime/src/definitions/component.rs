//! `component-config.json`: what is plugged into an application (contract *boot.md* §10, *components.md* §5).

use serde_json::Value as Json;

use super::config::api_info;
use super::layer::Layer;
use super::problem::Problems;
use super::source::{Member, Node};
use super::substitution::Variables;

/// The one that comes along.
const EXPLORER: &str = "loopback-component-explorer";

/// Reads the file, of which `root` is the value. An application without the explorer in its file has none.
pub(super) fn read(
    root: &Node,
    variables: &Variables<'_>,
    layer: &mut Layer,
    problems: &mut Problems,
) {
    let members = root.members("the list of components", problems).to_vec();
    // What is false, null, 0 or empty is not even loaded.
    let used: Vec<_> = members
        .iter()
        .filter(|member| member.node.is_truthy())
        .collect();
    if !used.iter().any(|member| member.key == EXPLORER) {
        let off = members.iter().find(|member| member.key == EXPLORER);
        let place = off.map_or(&root.place, |member| &member.place);
        layer.set(place, "explorer", false);
    }
    for Member { key, place, node } in used {
        if key != EXPLORER {
            problems.missing(
                place,
                format!("the component `{key}` is JavaScript; write what it does in Rust, or `null` in its place"),
            );
            continue;
        }
        if let Some(options) = variables.substitute(node, problems) {
            explorer(&options, layer, problems);
        }
    }
}

fn explorer(options: &Node, layer: &mut Layer, problems: &mut Problems) {
    // `true` is every default.
    if options.as_bool() == Some(true) {
        layer.set(&options.place, "explorer", "/explorer");
        return;
    }
    let mut path: Json = "/explorer".into();
    for Member { key, place, node } in options.members("what is said of the explorer", problems) {
        match key.as_str() {
            "mountPath" => match node.as_str() {
                Some(mount) => {
                    let mount = mount.trim_matches('/');
                    path = format!("/{mount}").into();
                }
                None => {
                    problems.mistake(&node.place, "`mountPath` is a path, such as \"/explorer\"")
                }
            },
            // The document says itself where the models are, by which protocol it was asked, and what new instances are.
            "basePath" | "protocol" | "resourcePath" | "generateOperationScopedModels" => {}
            "apiInfo" => api_info(node, layer),
            "version" => {
                if let Some(version) = node.as_str() {
                    layer.set(&node.place, "version", version);
                }
            }
            "swaggerUI" if !node.is_truthy() => path = false.into(),
            "swaggerUI" => {}
            _ if !node.is_truthy() => {}
            other => problems.missing(
                place,
                format!("the option `{other}` of the explorer is not there yet; remove it"),
            ),
        }
    }
    layer.set(&options.place, "explorer", path);
}

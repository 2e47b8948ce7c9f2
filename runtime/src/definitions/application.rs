//! What the files of an application say of it, besides its models.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use heck::{ToLowerCamelCase, ToUpperCamelCase};

use super::environment::Environment;
use super::folder::Folder;
use super::layer::Layer;
use super::middleware::{Middleware, middleware};
use super::problem::Problems;
use super::source::{Member, Node, Place, Value};
use super::substitution::Variables;
use super::{component, config, data_source, passed};

/// What the program and its own configuration say, so that files need not.
pub(crate) struct Known {
    /// The data sources whose places are known.
    pub data_sources: BTreeSet<String>,
    /// The data sources that are asked for by other things than the files' models.
    pub attached: BTreeSet<String>,
    /// The data sources of models that are not where the files say.
    pub moved: BTreeMap<String, String>,
    /// The models whose access is decided elsewhere, too.
    pub ruled: BTreeSet<String>,
    /// Does the environment say where to listen?
    pub addressed: bool,
}

/// Moves models to where the configuration says, and leads LoopBack's other names of a data source to the one that it has.
/// Whether there is such a data source, it is told elsewhere.
pub(super) fn relocate(folder: &mut Folder, known: &Known) {
    let sources = folder.data_sources.iter().map(|source| &source.key);
    let sources: BTreeSet<_> = sources.chain(&known.data_sources).cloned().collect();
    for entry in &mut folder.listed {
        let moved = known.moved.get(&entry.key).map(String::as_str);
        let said = entry.node.get("dataSource").and_then(Node::as_str);
        // `my-db` is `MyDb` and `myDb`, too.
        let is_called = |source: &&String, name: &str| {
            source.to_upper_camel_case() == name || source.to_lower_camel_case() == name
        };
        let other = said.filter(|name| !sources.contains(*name));
        let other = other.and_then(|name| sources.iter().find(|source| is_called(source, name)));
        let moved = moved.filter(|name| sources.contains(*name));
        let Some(name) = moved.map(str::to_owned).or(other.cloned()) else {
            continue;
        };
        let Value::Object(members) = &mut entry.node.value else {
            continue;
        };
        let place = entry.place.clone();
        members.retain(|member| member.key != "dataSource");
        members.push(Member {
            key: "dataSource".to_owned(),
            node: Node::of(name.into(), &place),
            place,
        });
    }
}

/// What the files in `folder` say, which was called `named`.
pub(super) fn layer(
    folder: &Folder,
    named: &Path,
    known: &Known,
    environment: &Environment,
    problems: &mut Problems,
) -> (Layer, BTreeSet<String>) {
    let mut layer = Layer::default();
    config::read(folder.config.as_ref(), &mut layer, problems);
    if known.addressed {
        let place = match &folder.config {
            Some(config) => config.place.clone(),
            None => Place::start(&folder.server),
        };
        config::address(environment, &place, &mut layer, problems);
    }
    let variables = Variables {
        environment,
        settings: &config::known(folder.config.as_ref(), environment),
    };
    if let Some(components) = &folder.components {
        component::read(components, &variables, &mut layer, problems);
    }
    let passed: Vec<Middleware> = match &folder.middleware {
        Some(root) => middleware(root, &folder.server, &variables, problems),
        None => Vec::new(),
    };
    passed::read(&passed, &mut layer, problems);
    let listed = folder.listed.iter();
    let listed = listed.filter_map(|entry| entry.node.get("dataSource")?.as_str());
    let mut attached: BTreeSet<_> = listed.map(str::to_owned).collect();
    attached.extend(known.attached.iter().cloned());
    let data_sources = data_source::read(
        &folder.data_sources,
        &folder.root(named),
        (&known.data_sources, &attached),
        &|node: &Node, problems: &mut Problems| variables.substitute(node, problems),
        problems,
    );
    if let Some((node, mail)) = data_sources.mail {
        layer.set(&node.place, "mail", mail);
    }
    layer.data_sources = data_sources.sections.into_iter().collect();
    (layer, data_sources.named)
}

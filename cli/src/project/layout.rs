//! Where a project has its models, and where a new one goes.

use std::collections::BTreeMap;
use std::path::Path;

use syn::{Item, Visibility};

use super::{Edits, Project, Scope, Source};
use crate::change::{ChangeSet, Insertion};
use crate::error::Result;
use crate::name::snake;

/// The folders in which projects have their models.
const FOLDERS: [&str; 2] = ["models", "model"];

/// A model, or another struct beside the models, that is to be.
#[derive(Debug)]
pub(crate) struct NewModel {
    pub(crate) name: String,
    /// The struct, and what stands behind it, without imports.
    pub(crate) text: String,
    /// The other structs that it names, beside those of the prelude.
    pub(crate) needs: Vec<String>,
}

/// Where a new model goes.
#[derive(Debug)]
enum Home<'a> {
    /// A file of its own, in the folder that belongs to a module.
    Folder {
        /// The module's own file, if there is one.
        index: Option<&'a Source>,
        folder: &'static str,
    },
    /// The end of the one file that has them all.
    File(&'a Source),
}

impl Project {
    /// Where a new model goes: where the others are.
    fn home(&self) -> Home<'_> {
        let file = |path: &str| {
            self.sources
                .iter()
                .find(|source| source.path == Path::new(path))
        };
        for folder in FOLDERS {
            if let Some(index) = file(&format!("src/{folder}/mod.rs")) {
                return Home::Folder {
                    index: Some(index),
                    folder,
                };
            }
            if let Some(source) = file(&format!("src/{folder}.rs")) {
                let split = source
                    .file
                    .items
                    .iter()
                    .any(|item| matches!(item, Item::Mod(module) if module.content.is_none()));
                let holds = self
                    .models()
                    .iter()
                    .any(|model| model.source.path == source.path);
                return match split || !holds {
                    true => Home::Folder {
                        index: Some(source),
                        folder,
                    },
                    false => Home::File(source),
                };
            }
        }
        Home::Folder {
            index: None,
            folder: FOLDERS[0],
        }
    }

    /// Declares the module `folder` where the application is put together.
    fn declare_folder<'a>(&'a self, folder: &str, edits: &mut Edits<'a>) -> Result<()> {
        if let Some(root) = self.application_root()? {
            let visible = match root.path.ends_with("lib.rs") {
                true => "pub ",
                false => "",
            };
            let line = format!("{visible}mod {folder};");
            edits.add(root, declare(root, &line, folder));
        }
        Ok(())
    }

    /// Puts a file with `text` into the module `folder`, which is about what `about` says, and says how the application names
    /// the function `function` in it.
    ///
    /// # Errors
    /// No application is put together, or several are.
    pub(crate) fn settle_file<'a>(
        &'a self,
        (folder, about): (&str, &str),
        name: &str,
        function: &str,
        text: String,
        edits: &mut Edits<'a>,
        changes: &mut ChangeSet,
    ) -> Result<String> {
        let file = name.trim_start_matches("r#");
        changes.create(format!("src/{folder}/{file}.rs"), text);
        let index = self.sources.iter().find(|source| {
            source.path == Path::new(&format!("src/{folder}/mod.rs"))
                || source.path == Path::new(&format!("src/{folder}.rs"))
        });
        let line = format!("pub mod {name};");
        match index {
            Some(index) => edits.add(index, declare(index, &line, name)),
            None => {
                let text = format!("//! {about}\n\n{line}\n");
                changes.create(format!("src/{folder}/mod.rs"), text);
            }
        }
        let mut roots = self.sources.iter().filter(|source| source.is_root());
        if !roots.any(|root| root.declares(folder)) {
            self.declare_folder(folder, edits)?;
        }
        let (application, _) = self.application_end()?;
        let module = [folder.to_owned(), name.to_owned()];
        Ok(self.path_from(application, &module, function))
    }

    /// Puts the structs of new models where they belong, and says by their names from which modules they are reached.
    ///
    /// # Errors
    /// No application is put together, or several are.
    pub(crate) fn settle<'a>(
        &'a self,
        mut models: Vec<NewModel>,
        edits: &mut Edits<'a>,
        changes: &mut ChangeSet,
    ) -> Result<BTreeMap<String, Vec<String>>> {
        // Lines at one place stand in the order in which they are inserted.
        models.sort_by_key(|model| snake(&model.name));
        match self.home() {
            Home::File(source) => {
                let scope = Scope::whole(source);
                let mut blank = match source.text.ends_with('\n') {
                    true => "\n",
                    false => "\n\n",
                };
                if !scope.has_prelude() {
                    edits.add(source, [scope.insert_use("loopwright::prelude::*")]);
                }
                let end = source.text.len();
                let mut modules = BTreeMap::new();
                for NewModel { name, text, .. } in models {
                    edits.add(source, [Insertion::new(end, format!("{blank}{text}"))]);
                    blank = "\n";
                    modules.insert(name, scope.module.clone());
                }
                Ok(modules)
            }
            Home::Folder { index, folder } => {
                // As the other models of the folder.
                let has = |is: fn(&Item) -> bool| {
                    index.is_some_and(|index| index.file.items.iter().any(is))
                };
                let exports = has(|item| matches!(item, Item::Use(item) if is_visible(&item.vis)));
                let open = has(
                    |item| matches!(item, Item::Mod(module) if module.content.is_none() && is_visible(&module.vis)),
                );
                let apart = open && !exports;
                let new: Vec<_> = models.iter().map(|model| model.name.clone()).collect();
                let mut modules = BTreeMap::new();
                let mut lines = (Vec::new(), Vec::new());
                for model in models {
                    let module = snake(&model.name);
                    let file = raw(&module);
                    let imports = self.imports(&model, &new, apart);
                    let text = format!("use loopwright::prelude::*;\n\n{imports}{}", model.text);
                    changes.create(format!("src/{folder}/{module}.rs"), text);
                    let mut path = vec![folder.to_owned()];
                    match (apart, index) {
                        (true, Some(index)) => {
                            edits.add(index, declare(index, &format!("pub mod {file};"), &module));
                            path.push(module);
                        }
                        (_, Some(index)) => {
                            edits.add(index, declare(index, &format!("mod {file};"), &module));
                            lines.1.push(format!("pub use {file}::{};", model.name));
                        }
                        (_, None) => {
                            lines.0.push(format!("mod {file};"));
                            lines.1.push(format!("pub use {file}::{};", model.name));
                        }
                    }
                    modules.insert(model.name, path);
                }
                match index {
                    Some(index) => edits.add(index, exported(index, &lines.1)),
                    None => {
                        let (modules, exports) = (lines.0.join("\n"), lines.1.join("\n"));
                        changes.create(
                            format!("src/{folder}/mod.rs"),
                            format!("//! The models, one to a file.\n\n{modules}\n\n{exports}\n"),
                        );
                        self.declare_folder(folder, edits)?;
                    }
                }
                Ok(modules)
            }
        }
    }

    /// The imports of what a new model names, as a block with a blank line behind it.
    fn imports(&self, model: &NewModel, new: &[String], apart: bool) -> String {
        let mut needs: Vec<_> = model
            .needs
            .iter()
            .filter(|name| **name != model.name)
            .collect();
        needs.sort();
        needs.dedup();
        let (beside, others): (Vec<_>, Vec<_>) =
            needs.into_iter().partition(|name| new.contains(name));
        let mut lines: Vec<_> = others
            .iter()
            .filter_map(|name| self.model(name).ok())
            .map(|known| {
                let module = known.reached_from(self);
                format!(
                    "use {};",
                    super::scope::join("crate", &module, &known.name())
                )
            })
            .collect();
        match (apart, beside.as_slice()) {
            (_, []) => {}
            (true, beside) => lines.extend(
                beside
                    .iter()
                    .map(|name| format!("use super::{}::{name};", raw(&snake(name)))),
            ),
            (false, [one]) => lines.push(format!("use super::{one};")),
            (false, beside) => lines.push(among_braces(beside)),
        }
        match lines.is_empty() {
            true => String::new(),
            false => format!("{}\n\n", lines.join("\n")),
        }
    }
}

/// An import of several names, filled into lines as rustfmt has it.
fn among_braces(names: &[&String]) -> String {
    let all: Vec<_> = names.iter().map(|name| name.as_str()).collect();
    let line = format!("use super::{{{}}};", all.join(", "));
    if line.chars().count() <= LINE {
        return line;
    }
    let mut text = "use super::{\n   ".to_owned();
    let mut column = 3;
    for name in all {
        if column + name.len() + 2 > LINE {
            text.push_str("\n   ");
            column = 3;
        }
        text.push_str(&format!(" {name},"));
        column += name.len() + 2;
    }
    text + "\n};"
}

/// As long as a line may be.
const LINE: usize = 100;

/// A declaration of the module `name`, unless it is there, among the others in the order of the alphabet.
fn declare(source: &Source, line: &str, name: &str) -> Option<Insertion> {
    let is_module = |item: &Item| matches!(item, Item::Mod(module) if module.content.is_none());
    (!source.declares(name)).then(|| among(source, line, is_module))
}

/// Re-exports among the others.
fn exported(source: &Source, lines: &[String]) -> Vec<Insertion> {
    let is_export = |item: &Item| matches!(item, Item::Use(item) if is_visible(&item.vis));
    let scope = Scope::whole(source);
    if scope.items.iter().any(is_export) {
        return lines
            .iter()
            .map(|line| among(source, line, is_export))
            .collect();
    }
    if lines.is_empty() {
        return Vec::new();
    }
    // Behind the modules that they take from.
    let lines = lines.join("\n");
    let last = scope
        .items
        .iter()
        .rfind(|item| matches!(item, Item::Mod(_)));
    vec![match last {
        Some(last) => {
            let end = source.after_comment(source.range(last).end);
            Insertion::new(end, format!("\n\n{lines}"))
        }
        None => scope.before_items(&lines),
    }]
}

/// `line` among the items of its kind, in the order of the alphabet.
fn among(source: &Source, line: &str, is_alike: impl Fn(&Item) -> bool) -> Insertion {
    let scope = Scope::whole(source);
    let alike: Vec<_> = scope
        .items
        .iter()
        .filter(|item| is_alike(item))
        .map(|item| source.range(item))
        .collect();
    let text = |range: &std::ops::Range<usize>| source.text.get(range.clone()).unwrap_or_default();
    match alike.iter().find(|range| text(range) > line) {
        Some(range) => Insertion::new(range.start, format!("{line}\n")),
        None => match alike.last() {
            Some(last) => Insertion::new(source.after_comment(last.end), format!("\n{line}")),
            None => scope.before_items(line),
        },
    }
}

fn is_visible(visibility: &Visibility) -> bool {
    !matches!(visibility, Visibility::Inherited)
}

/// The module's name in Rust: a keyword is written raw, and its file is called without that.
fn raw(module: &str) -> String {
    match syn::parse_str::<syn::Ident>(module) {
        Ok(_) => module.to_owned(),
        Err(_) => format!("r#{module}"),
    }
}

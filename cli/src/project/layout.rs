//! Where a project has its models, and where a new one goes.

use std::path::Path;

use syn::{Item, Visibility};

use super::{Edits, Project, Scope, Source};
use crate::change::{ChangeSet, Insertion};
use crate::error::Result;
use crate::name::snake;

/// The folders in which projects have their models.
const FOLDERS: [&str; 2] = ["models", "model"];

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

    /// Puts the struct of a new model where it belongs, and says from which module it is reached. `struct_` is without
    /// imports; those it needs beside the prelude are `imports`.
    ///
    /// # Errors
    /// The project has neither library nor program.
    pub(crate) fn settle<'a>(
        &'a self,
        name: &str,
        struct_: &str,
        edits: &mut Edits<'a>,
        changes: &mut ChangeSet,
    ) -> Result<Vec<String>> {
        match self.home() {
            Home::File(source) => {
                let scope = Scope::whole(source);
                let blank = match source.text.ends_with('\n') {
                    true => "\n",
                    false => "\n\n",
                };
                if !scope.has_prelude() {
                    edits.add(source, [scope.insert_use("loopwright::prelude::*")]);
                }
                let end = source.text.len();
                edits.add(source, [Insertion::new(end, format!("{blank}{struct_}"))]);
                Ok(scope.module)
            }
            Home::Folder { index, folder } => {
                let module = snake(name);
                let text = format!("use loopwright::prelude::*;\n\n{struct_}");
                changes.create(format!("src/{folder}/{module}.rs"), text);
                let file = raw(&module);
                let Some(index) = index else {
                    changes.create(
                        format!("src/{folder}/mod.rs"),
                        format!("//! The models, one to a file.\n\nmod {file};\n\npub use {file}::{name};\n"),
                    );
                    self.declare_folder(folder, edits)?;
                    return Ok(vec![folder.to_owned()]);
                };
                // As the other models of the folder.
                let exports = index
                    .file
                    .items
                    .iter()
                    .any(|item| matches!(item, Item::Use(item) if is_visible(&item.vis)));
                let modules = index.file.items.iter().any(|item| {
                    matches!(item, Item::Mod(module) if module.content.is_none() && is_visible(&module.vis))
                });
                if modules && !exports {
                    edits.add(index, declare(index, &format!("pub mod {file};"), &module));
                    return Ok(vec![folder.to_owned(), module]);
                }
                edits.add(index, declare(index, &format!("mod {file};"), &module));
                edits.add(index, export(index, &format!("pub use {file}::{name};")));
                Ok(vec![folder.to_owned()])
            }
        }
    }
}

/// A declaration of the module `name`, unless it is there, among the others in the order of the alphabet.
fn declare(source: &Source, line: &str, name: &str) -> Option<Insertion> {
    let is_module = |item: &Item| matches!(item, Item::Mod(module) if module.content.is_none());
    (!source.declares(name)).then(|| among(source, line, is_module))
}

/// A re-export among the others.
fn export(source: &Source, line: &str) -> Option<Insertion> {
    let is_export = |item: &Item| matches!(item, Item::Use(item) if is_visible(&item.vis));
    let scope = Scope::whole(source);
    match scope.items.iter().any(is_export) {
        true => Some(among(source, line, is_export)),
        // Behind the modules that it takes from.
        false => {
            let last = scope
                .items
                .iter()
                .rfind(|item| matches!(item, Item::Mod(_)));
            Some(match last {
                Some(last) => {
                    let end = source.after_comment(source.range(last).end);
                    Insertion::new(end, format!("\n\n{line}"))
                }
                None => scope.before_items(line),
            })
        }
    }
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

//! A project as it is: its sources, the models in them, and what one module can name.

mod application;
mod chain;
mod layout;
mod manifest;
mod model;
mod scope;
mod source;

use std::fs;
use std::path::{Path, PathBuf};

pub(crate) use layout::NewModel;
pub(crate) use manifest::Manifest;
pub(crate) use model::{Field, Model, Placed, built_in, docs};
pub(crate) use scope::Scope;
pub(crate) use source::Source;

use crate::change::{ChangeSet, Insertion, insert};
use crate::error::{Error, Result, instead};

/// The configuration of a project.
pub(crate) const CONFIG: &str = "loopwright.toml";

/// A cargo package whose models are structs.
#[derive(Debug)]
pub(crate) struct Project {
    /// Where it is.
    pub(crate) folder: PathBuf,
    pub(crate) manifest: Manifest,
    /// In the order of their paths.
    pub(crate) sources: Vec<Source>,
}

impl Project {
    /// The project that `folder` is in.
    ///
    /// # Errors
    /// There is none, or a source of it is no Rust.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        let start = folder.canonicalize().map_err(|error| {
            Error::undone(format!(
                "the folder {} can't be opened: {error}",
                folder.display()
            ))
        })?;
        let found = start
            .ancestors()
            .find(|folder| folder.join("Cargo.toml").is_file());
        let folder = found.ok_or_else(|| {
            Error::undone(format!(
                "there is no Cargo.toml in {} or above it; go to a project's folder or name it with `--project`, or start \
                 one with `loopwright new`",
                start.display()
            ))
        })?;
        let manifest = Manifest::read(read(folder, Path::new("Cargo.toml"))?)?;
        let mut paths = Vec::new();
        collect(folder, Path::new("src"), &mut paths)?;
        paths.sort();
        let sources = paths
            .into_iter()
            .map(|path| {
                let text = read(folder, &path)?;
                Source::parse(path, text)
            })
            .collect::<Result<_>>()?;
        Ok(Project {
            folder: folder.to_owned(),
            manifest,
            sources,
        })
    }

    /// The models of the project, in the order of their files.
    pub(crate) fn models(&self) -> Vec<Model<'_>> {
        let sources = self.sources.iter();
        sources.flat_map(model::models).collect()
    }

    /// The names of the models.
    pub(crate) fn model_names(&self) -> Vec<String> {
        let models = self.models();
        models.iter().map(Model::name).collect()
    }

    /// The model called `name`.
    ///
    /// # Errors
    /// There is none, but perhaps one that is called nearly so; or there are two.
    pub(crate) fn model(&self, name: &str) -> Result<Model<'_>> {
        let mut models = self.models();
        let named = models.iter().filter(|model| model.name() == name).count();
        match models.iter().position(|model| model.name() == name) {
            Some(at) if named == 1 => Ok(models.swap_remove(at)),
            Some(_) => {
                let files: Vec<_> = models
                    .iter()
                    .filter(|model| model.name() == name)
                    .map(|model| model.source.path.display().to_string())
                    .collect();
                Err(Error::undone(format!(
                    "there are several models called `{name}`, in {}; rename all but one, or edit them by hand",
                    files.join(" and ")
                )))
            }
            None => {
                let names = self.model_names();
                let names: Vec<_> = names.iter().map(String::as_str).collect();
                let cure = match names.as_slice() {
                    [] => "; `loopwright add model` makes one".to_owned(),
                    names => instead(name, names),
                };
                Err(Error::undone(format!("there is no model `{name}`{cure}")))
            }
        }
    }

    /// The text of the configuration, if there is any.
    pub(crate) fn config(&self) -> Result<Option<String>> {
        match self.folder.join(CONFIG).is_file() {
            true => read(&self.folder, Path::new(CONFIG)).map(Some),
            false => Ok(None),
        }
    }
}

/// Insertions into the sources of a project.
#[derive(Debug, Default)]
pub(crate) struct Edits<'a> {
    edits: Vec<(&'a Source, Vec<Insertion>)>,
}

impl<'a> Edits<'a> {
    /// Inserts into `source`. What is inserted twice at one place is inserted once: two fields may need one import.
    pub(crate) fn add(
        &mut self,
        source: &'a Source,
        insertions: impl IntoIterator<Item = Insertion>,
    ) {
        let at = self
            .edits
            .iter()
            .position(|(known, _)| known.path == source.path);
        let known = match at {
            Some(at) => &mut self.edits[at].1,
            None => {
                self.edits.push((source, Vec::new()));
                let last = self.edits.len() - 1;
                &mut self.edits[last].1
            }
        };
        for insertion in insertions {
            if !known.contains(&insertion) {
                known.push(insertion);
            }
        }
    }

    /// The files as they are to be.
    pub(crate) fn into_changes(self, changes: &mut ChangeSet) {
        for (source, insertions) in self.edits {
            let after = insert(&source.text, &insertions);
            if after != source.text {
                changes.change(source.path.clone(), source.text.clone(), after);
            }
        }
    }
}

fn read(folder: &Path, path: &Path) -> Result<String> {
    fs::read_to_string(folder.join(path))
        .map_err(|error| Error::undone(format!("{} can't be read: {error}", path.display())))
}

/// The Rust files below `folder`. Links to folders are not followed: they may lead in a circle.
fn collect(project: &Path, folder: &Path, paths: &mut Vec<PathBuf>) -> Result<()> {
    let unreadable = |error: std::io::Error| {
        Error::undone(format!(
            "the folder {} can't be read: {error}; is this a project?",
            folder.display()
        ))
    };
    for entry in fs::read_dir(project.join(folder)).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let path = folder.join(entry.file_name());
        if entry.file_type().map_err(unreadable)?.is_dir() {
            collect(project, &path, paths)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
    Ok(())
}

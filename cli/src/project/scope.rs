//! What a module of a source can name, and how it comes to name more.

use quote::ToTokens as _;
use syn::{Item, ItemUse, UseTree};

use super::Source;
use crate::change::Insertion;

/// The items of one module: those of a file, or of a `mod` within it.
#[derive(Debug, Clone)]
pub(crate) struct Scope<'a> {
    pub(crate) source: &'a Source,
    /// The modules that lead here from the crate's root.
    pub(crate) module: Vec<String>,
    pub(crate) items: &'a [Item],
}

impl Scope<'_> {
    /// Does the module have or import something called `name`?
    fn has(&self, name: &str) -> bool {
        let defined = self.items.iter().any(|item| {
            let ident = match item {
                Item::Struct(item) => &item.ident,
                Item::Enum(item) => &item.ident,
                Item::Type(item) => &item.ident,
                _ => return false,
            };
            ident == name
        });
        defined
            || self
                .imports()
                .iter()
                .any(|path| path.last().is_some_and(|last| last == name))
    }

    /// Everything that is imported: paths whose last part is the name here, or `*`.
    fn imports(&self) -> Vec<Vec<String>> {
        let mut paths = Vec::new();
        for item in self.uses() {
            leaves(&item.tree, &mut Vec::new(), &mut paths);
        }
        paths
    }

    fn uses(&self) -> impl Iterator<Item = &ItemUse> {
        self.items.iter().filter_map(|item| match item {
            Item::Use(item) => Some(item),
            _ => None,
        })
    }

    /// How the module names what loopwright's prelude has.
    pub(crate) fn prelude(&self, name: &str) -> String {
        match self.has_prelude() || self.has(name) {
            true => name.to_owned(),
            false => format!("loopwright::prelude::{name}"),
        }
    }

    /// Does the module import the whole of loopwright's prelude?
    pub(crate) fn has_prelude(&self) -> bool {
        self.imports()
            .iter()
            .any(|path| path.join("::") == "loopwright::prelude::*")
    }

    /// A type as the module names it: what the prelude has may have to be said in full.
    pub(crate) fn qualified(&self, ty: &str) -> String {
        const PRELUDE: [&str; 6] = [
            "DateTime",
            "Decimal",
            "GeoPoint",
            "NaiveDate",
            "Utc",
            "Uuid",
        ];
        let mut words = String::new();
        let mut word = String::new();
        let mut qualified = false;
        for letter in ty.chars().chain(['\0']) {
            if letter.is_alphanumeric() || letter == '_' {
                word.push(letter);
                continue;
            }
            match !qualified && PRELUDE.contains(&word.as_str()) {
                true => words.push_str(&self.prelude(&word)),
                false => words.push_str(&word),
            }
            word.clear();
            qualified = letter == ':';
            words.push(letter);
        }
        words.trim_end_matches('\0').to_owned()
    }

    /// What makes `name` of the module `from` known here: nothing if it is, else an import.
    pub(crate) fn import(&self, from: &[String], name: &str) -> Option<Insertion> {
        if self.module == from || self.has(name) || self.has_all_of(from) {
            return None;
        }
        let path = match self.module.split_last() {
            Some((_, parent)) if parent == from => format!("super::{name}"),
            _ => join("crate", from, name),
        };
        Some(self.insert_use(&path))
    }

    /// An import of something in another crate, unless it is there.
    pub(crate) fn import_foreign(&self, path: &str) -> Option<Insertion> {
        let name = path.rsplit("::").next().unwrap_or(path);
        (!self.has(name)).then(|| self.insert_use(path))
    }

    fn has_all_of(&self, module: &[String]) -> bool {
        self.imports().iter().any(|path| {
            let Some(("*", path)) = path.split_last().map(|(last, path)| (last.as_str(), path))
            else {
                return false;
            };
            match path.split_first() {
                Some((first, rest)) if first == "crate" => rest == module,
                Some((first, [])) if first == "super" => self
                    .module
                    .split_last()
                    .is_some_and(|(_, parent)| parent == module),
                _ => false,
            }
        })
    }

    /// Imports stand in the order of their words, those of a kind together.
    pub(crate) fn insert_use(&self, path: &str) -> Insertion {
        let line = format!("use {path};");
        let first = |path: &str| path.split("::").next().unwrap_or_default().to_owned();
        let all: Vec<_> = self
            .uses()
            .map(|item| (words(&item.tree), self.source.range(item)))
            .collect();
        let mut alike = all.iter().filter(|(text, _)| first(text) == first(path));
        if let Some((_, range)) = alike.clone().find(|(text, _)| text.as_str() > path) {
            let indentation = self.source.indentation(range.start);
            return Insertion::new(range.start, format!("{line}\n{indentation}"));
        }
        let (blank, last) = match (alike.next_back(), all.last()) {
            (Some((_, range)), _) => ("\n", range),
            (None, Some((_, range))) => ("\n\n", range),
            (None, None) => return self.before_items(&line),
        };
        let indentation = self.source.indentation(last.start);
        let end = self.source.after_comment(last.end);
        Insertion::new(end, format!("{blank}{indentation}{line}"))
    }

    /// Before everything but the attributes of the module itself.
    pub(crate) fn before_items(&self, line: &str) -> Insertion {
        match self.items.first() {
            Some(item) => {
                let start = self.source.range(item).start;
                let indentation = self.source.indentation(start);
                Insertion::new(start, format!("{line}\n\n{indentation}"))
            }
            None => {
                let end = self.source.text.len();
                let blank = match self.source.text.trim().is_empty() {
                    true => "",
                    false if self.source.text.ends_with('\n') => "\n",
                    false => "\n\n",
                };
                Insertion::new(end, format!("{blank}{line}\n"))
            }
        }
    }
}

/// `crate::models::Note`
pub(super) fn join(start: &str, module: &[String], name: &str) -> String {
    let mut path = vec![start];
    path.extend(module.iter().map(String::as_str));
    path.push(name);
    path.join("::")
}

/// A tree of imports as it is written, without spaces.
fn words(tree: &UseTree) -> String {
    tree.to_token_stream().to_string().replace(' ', "")
}

/// The paths that a tree of imports stands for.
fn leaves(tree: &UseTree, path: &mut Vec<String>, paths: &mut Vec<Vec<String>>) {
    let mut leaf = |path: &[String], last: String| {
        let mut whole = path.to_vec();
        whole.push(last);
        paths.push(whole);
    };
    match tree {
        UseTree::Path(tree) => {
            path.push(tree.ident.to_string());
            leaves(&tree.tree, path, paths);
            path.pop();
        }
        UseTree::Name(tree) => leaf(path, tree.ident.to_string()),
        UseTree::Rename(tree) => leaf(path, tree.rename.to_string()),
        UseTree::Glob(_) => leaf(path, "*".to_owned()),
        UseTree::Group(group) => {
            for tree in &group.items {
                leaves(tree, path, paths);
            }
        }
    }
}

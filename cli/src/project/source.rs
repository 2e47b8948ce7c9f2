//! One Rust file, and where in it things stand.

use std::ops::Range;
use std::path::{Path, PathBuf};

use syn::spanned::Spanned;

use crate::error::{Error, Result};

/// A source as text and as a syntax tree, whose places are bytes of the text.
#[derive(Debug)]
pub(crate) struct Source {
    /// Below the project's folder.
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    pub(crate) file: syn::File,
    /// How much of the text the parser has passed over: a byte order mark, and a line for the shell.
    start: usize,
}

impl Source {
    /// Reads `text`, the file at `path`.
    ///
    /// # Errors
    /// It is no Rust.
    pub(crate) fn parse(path: impl Into<PathBuf>, text: String) -> Result<Self> {
        let path = path.into();
        let start = passed_over(&text);
        let file = syn::parse_str(text.get(start..).unwrap_or_default()).map_err(|error| {
            let place = error.span().start();
            let lines = text.get(..start).map_or(0, |text| text.matches('\n').count());
            Error::undone(format!(
                "{}:{}:{}: this is no Rust: {error}; mend it first (`cargo check` tells more); nothing was written",
                path.display(),
                place.line + lines,
                place.column + 1
            ))
        })?;
        Ok(Source {
            path,
            text,
            file,
            start,
        })
    }

    /// The bytes of something in this file.
    pub(crate) fn range(&self, node: &impl Spanned) -> Range<usize> {
        self.span(node.span())
    }

    /// The bytes of a span in this file.
    pub(crate) fn span(&self, span: proc_macro2::Span) -> Range<usize> {
        let range = span.byte_range();
        range.start + self.start..range.end + self.start
    }

    /// The white space before the line of the byte `at`.
    pub(crate) fn indentation(&self, at: usize) -> &str {
        let before = self.text.get(..at).unwrap_or_default();
        let line = before.rfind('\n').map_or(0, |end| end + 1);
        let line = self.text.get(line..).unwrap_or_default();
        let end = line
            .find(|letter: char| letter != ' ' && letter != '\t')
            .unwrap_or(line.len());
        line.get(..end).unwrap_or_default()
    }

    /// The end of the line of the byte `at`, if nothing but a comment stands between; otherwise `at` itself. What follows a
    /// line goes behind the comment that is about it.
    pub(crate) fn after_comment(&self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        let line = rest
            .find('\n')
            .map_or(rest, |end| rest.get(..end).unwrap_or_default());
        let line = line.strip_suffix('\r').unwrap_or(line);
        let comment = line.trim();
        let whole = comment.starts_with("/*") && comment.find("*/") == comment.len().checked_sub(2);
        match comment.is_empty() || comment.starts_with("//") || whole {
            true => at + line.trim_end().len(),
            false => at,
        }
    }

    /// Does the range reach over several lines?
    pub(crate) fn is_long(&self, range: Range<usize>) -> bool {
        self.text.get(range).is_some_and(|text| text.contains('\n'))
    }

    /// The modules that lead to this file: `src/models/note.rs` is `models`, `note`. A program of its own in `src/bin` has its
    /// path alone.
    pub(crate) fn module(&self) -> Vec<String> {
        let inside = self.path.strip_prefix("src").unwrap_or(&self.path);
        if self.is_own_program() {
            return Vec::new();
        }
        let mut module: Vec<_> = inside
            .with_extension("")
            .components()
            .map(|part| part.as_os_str().to_string_lossy().into_owned())
            .collect();
        let last = module.last().map(String::as_str);
        if last == Some("mod") || (module.len() == 1 && matches!(last, Some("main" | "lib"))) {
            module.pop();
        }
        module
    }

    /// Is it the start of a library or of the program?
    pub(crate) fn is_root(&self) -> bool {
        self.path == Path::new("src/lib.rs") || self.path == Path::new("src/main.rs")
    }

    /// Is it another program beside the main one?
    pub(crate) fn is_own_program(&self) -> bool {
        self.path.starts_with("src/bin")
    }

    /// Does the file declare the module `name`?
    pub(crate) fn declares(&self, name: &str) -> bool {
        self.file
            .items
            .iter()
            .any(|item| matches!(item, syn::Item::Mod(module) if module.ident == name))
    }
}

/// What `syn::parse_file` passes over, too.
fn passed_over(text: &str) -> usize {
    const MARK: &str = "\u{feff}";
    let mark = if text.starts_with(MARK) {
        MARK.len()
    } else {
        0
    };
    let rest = text.get(mark..).unwrap_or_default();
    let shell =
        rest.starts_with("#!") && !rest.trim_start_matches("#!").trim_start().starts_with('[');
    match shell {
        true => mark + rest.find('\n').unwrap_or(rest.len()),
        false => mark,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bytes_of_the_text() {
        for before in [
            "",
            "\u{feff}",
            "#!/usr/bin/env run-cargo-script\n",
            "// größer\n",
            "\u{feff}#!x\n",
        ] {
            let text = format!("{before}fn größe() {{}}\nfn b() {{}}\n");
            let source = Source::parse("src/main.rs", text.clone()).unwrap();
            let range = source.range(&source.file.items[1]);
            assert_eq!(&text[range], "fn b() {}", "{before:?}");
        }
    }

    #[test]
    fn what_is_no_rust_is_told_with_its_place() {
        let error = Source::parse("src/a.rs", "fn a() {}\nfn b( {}\n".into()).unwrap_err();
        assert!(error.to_string().starts_with("src/a.rs:2:"), "{error}");
    }

    #[test]
    fn modules_of_files() {
        for (path, module) in [
            ("src/main.rs", ""),
            ("src/lib.rs", ""),
            ("src/models/mod.rs", "models"),
            ("src/models.rs", "models"),
            ("src/models/note.rs", "models::note"),
            ("src/a/main.rs", "a::main"),
            ("src/bin/x.rs", ""),
        ] {
            let source = Source::parse(path, String::new()).unwrap();
            assert_eq!(source.module().join("::"), module, "{path}");
        }
    }
}

//! All that one command changes.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use similar::TextDiff;

use super::write::write_all;
use crate::error::{Error, Result};

/// The files that a command makes or changes: all of them, or none.
#[derive(Debug, Default)]
pub(crate) struct ChangeSet {
    files: Vec<Changed>,
}

/// One file.
#[derive(Debug)]
pub(super) struct Changed {
    /// Below the project's folder.
    pub(super) path: PathBuf,
    /// Nothing, if there was none.
    pub(super) before: Option<String>,
    pub(super) after: String,
}

impl ChangeSet {
    /// A file that is not there yet.
    pub(crate) fn create(&mut self, path: impl Into<PathBuf>, text: String) {
        self.files.push(Changed {
            path: path.into(),
            before: None,
            after: text,
        });
    }

    /// A file that is there, with another text.
    pub(crate) fn change(&mut self, path: impl Into<PathBuf>, before: String, after: String) {
        self.files.push(Changed {
            path: path.into(),
            before: Some(before),
            after,
        });
    }

    /// Refuses a Rust source that is none any more. What users say goes into sources, and no rule foresees everything.
    pub(crate) fn check(&self) -> Result<()> {
        let sources = self.files.iter().filter(|file| {
            file.path
                .extension()
                .is_some_and(|extension| extension == "rs")
        });
        for file in sources {
            syn::parse_file(&file.after).map_err(|error| {
                Error::undone(format!(
                    "{} would not be Rust any more ({error}); nothing was written; check the arguments, or edit it by hand",
                    file.path.display()
                ))
            })?;
        }
        Ok(())
    }

    /// What would change, as a unified diff. Passwords in URLs are left out.
    pub(crate) fn diff(&self) -> String {
        let mut diff = String::new();
        for file in &self.files {
            let path = file.path.display().to_string().replace('\\', "/");
            let old = match file.before {
                Some(_) => format!("a/{path}"),
                None => "/dev/null".to_owned(),
            };
            let before = file.before.as_deref().unwrap_or_default();
            let text = TextDiff::from_lines(before, &file.after);
            let mut unified = text.unified_diff();
            unified.header(&old, &format!("b/{path}"));
            // Writing to a text can't fail.
            let _ = write!(diff, "{unified}");
        }
        diff.split_inclusive('\n').map(without_password).collect()
    }

    /// Writes all of it into the project in `folder`, and names the files.
    pub(crate) fn write(&self, folder: &Path) -> Result<Vec<String>> {
        write_all(folder, &self.files)?;
        let names = self.files.iter().map(|file| {
            let done = match file.before {
                Some(_) => "changed",
                None => "created",
            };
            format!("{done} {}", file.path.display())
        });
        Ok(names.collect())
    }

    /// The text that the file at `path` gets.
    #[cfg(test)]
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        let file = self
            .files
            .iter()
            .find(|file| file.path == Path::new(path))?;
        Some(&file.after)
    }

    /// All files, as one text.
    #[cfg(test)]
    pub(crate) fn listing(&self) -> String {
        let mut files: Vec<_> = self.files.iter().collect();
        files.sort_by(|left, right| left.path.cmp(&right.path));
        let files = files
            .iter()
            .map(|file| format!("--- {}\n{}", file.path.display(), file.after));
        files.collect()
    }

    /// Removes nothing but what was inserted: each line of what was there is still there, in its order.
    #[cfg(test)]
    pub(crate) fn assert_only_inserted(&self) {
        for file in &self.files {
            let before = file.before.as_deref().unwrap_or_default();
            let diff = TextDiff::from_chars(before, &file.after);
            let removed = diff
                .iter_all_changes()
                .any(|change| change.tag() == similar::ChangeTag::Delete);
            assert!(!removed, "{}", file.path.display());
        }
    }
}

/// A line without what stands before the host of a URL.
fn without_password(line: &str) -> String {
    let Some((before, rest)) = line.split_once("://") else {
        return line.to_owned();
    };
    let end = rest
        .find(['/', '"', '\'', '?', ' ', '\n'])
        .unwrap_or(rest.len());
    let (authority, after) = rest.split_at(end);
    match authority.rsplit_once('@') {
        // A password may hold what usually ends an authority.
        _ if after.contains('@') => format!("{before}://…\n"),
        Some((_, host)) => format!("{before}://…@{host}{after}"),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_names_files_and_lines() {
        let mut changes = ChangeSet::default();
        changes.create("src/new.rs", "fn new() {}\n".into());
        changes.change(
            "a.toml",
            "x = 1\n".into(),
            "x = 1\nurl = \"postgres://me:tiger@host/db\"\n".into(),
        );
        let diff = changes.diff();
        assert!(diff.contains("--- /dev/null\n+++ b/src/new.rs\n"), "{diff}");
        assert!(diff.contains("+url = \"postgres://…@host/db\"\n"), "{diff}");
        assert!(!diff.contains("tiger"), "{diff}");
    }

    #[test]
    fn passwords_are_not_shown() {
        for url in [
            "postgres://me:ti/ger@host/db",
            "mysql://me:tiger@host",
            "redis://:t?iger@h",
        ] {
            assert!(
                !without_password(&format!("url = \"{url}\"\n")).contains("iger"),
                "{url}"
            );
        }
        assert_eq!(
            without_password("see http://host/x\n"),
            "see http://host/x\n"
        );
    }
}

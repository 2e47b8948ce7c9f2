//! A folder that appears whole, or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// What a folder may hold and still be empty: a repository is made before its contents are.
const KEPT: &str = ".git";

/// The folder in full, if it is not there or empty.
///
/// # Errors
/// It holds something, is no folder, or has none to be in.
pub(super) fn free(dir: &Path) -> Result<PathBuf> {
    let unusable = |error: io::Error| {
        Error::undone(format!(
            "the folder {} can't be used: {error}; choose another with `--dir`",
            dir.display()
        ))
    };
    let target = std::path::absolute(dir).map_err(unusable)?;
    match fs::read_dir(&target) {
        Ok(mut entries) => {
            let first = entries.find(|entry| {
                entry
                    .as_ref()
                    .map_or(true, |entry| entry.file_name() != KEPT)
            });
            match first {
                None => Ok(target),
                Some(entry) => {
                    let entry = entry.map_err(unusable)?;
                    Err(Error::undone(format!(
                        "the folder {} is not empty: {} is in it; choose another folder with `--dir`, or empty it; \
                         `loopwright add` adds to a project that is there",
                        dir.display(),
                        entry.file_name().to_string_lossy()
                    )))
                }
            }
        }
        Err(error)
            if error.kind() == io::ErrorKind::NotFound
                && fs::symlink_metadata(&target).is_err() =>
        {
            match target.parent().is_some_and(Path::is_dir) {
                true => Ok(target),
                false => Err(Error::undone(format!(
                    "there is no folder for {} to be in; make it first, or choose another with `--dir`",
                    dir.display()
                ))),
            }
        }
        Err(error) => Err(unusable(error)),
    }
}

/// Writes the files into the folder `target`: all of them, or none.
pub(super) fn create(target: &Path, files: &[(PathBuf, String)]) -> Result<()> {
    put(target, files).map_err(|error| {
        Error::undone(format!(
            "the folder {} can't be written: {error}; nothing was written; choose another with `--dir`",
            target.display()
        ))
    })
}

fn put(target: &Path, files: &[(PathBuf, String)]) -> io::Result<()> {
    let is_there = target.is_dir();
    // Beside the folder or in it, since what is renamed must stay on one disk.
    let place = match target.parent() {
        Some(parent) if !is_there => parent,
        _ => target,
    };
    let stage = tempfile::Builder::new()
        .prefix(".loopwright-")
        .tempdir_in(place)?;
    // The stage is for its owner alone; the project is as any other folder.
    let project = stage.path().join("project");
    fs::create_dir(&project)?;
    for (path, text) in files {
        let path = project.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, text)?;
    }
    if !is_there {
        return fs::rename(project, target);
    }
    let mut moved = Vec::new();
    for entry in fs::read_dir(&project)? {
        let from = entry?.path();
        let Some(name) = from.file_name() else {
            continue;
        };
        let to = target.join(name);
        if let Err(error) = fs::rename(&from, &to) {
            take_back(&moved);
            return Err(error);
        }
        moved.push(to);
    }
    Ok(())
}

fn take_back(moved: &[PathBuf]) {
    for path in moved {
        // It was put there a moment ago; why the rest could not be is what the user has to know.
        let _ = match path.is_dir() {
            true => fs::remove_dir_all(path),
            false => fs::remove_file(path),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Vec<(PathBuf, String)> {
        vec![
            ("Cargo.toml".into(), "x".into()),
            ("src/main.rs".into(), "y".into()),
        ]
    }

    #[test]
    fn a_new_folder_and_an_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["new", "empty", "repository"] {
            let target = folder.path().join(name);
            if name != "new" {
                fs::create_dir(&target).unwrap();
            }
            if name == "repository" {
                fs::create_dir(target.join(KEPT)).unwrap();
            }
            let target = free(&target).unwrap();
            create(&target, &files()).unwrap();
            assert_eq!(fs::read_to_string(target.join("src/main.rs")).unwrap(), "y");
            assert!(free(&target).unwrap_err().to_string().contains("not empty"));
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }

    #[test]
    fn what_can_be_no_folder() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        for name in ["file", "file/below", "not/there"] {
            assert!(free(&folder.path().join(name)).is_err(), "{name}");
        }
    }

    #[test]
    fn all_or_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("half");
        let mut files = files();
        // A file and a folder of one name.
        files.push(("Cargo.toml/x".into(), String::new()));
        assert!(create(&target, &files).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        fs::create_dir(&target).unwrap();
        assert!(create(&target, &files).is_err());
        assert_eq!(fs::read_dir(&target).unwrap().count(), 0);
    }
}

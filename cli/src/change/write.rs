//! Files that appear at once.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use super::change_set::Changed;
use crate::error::{Error, Result};

/// Writes every file, or none: each is prepared beside its place first, and what has been put there is taken back when a
/// later one fails.
pub(super) fn write_all(folder: &Path, files: &[Changed]) -> Result<()> {
    let mut made = Made::default();
    let mut prepared = Vec::new();
    for file in files {
        let (path, ready) =
            prepare(folder, file, &mut made).map_err(|error| refused(&file.path, &error))?;
        prepared.push((file, path, ready));
    }
    for (file, path, ready) in prepared {
        ready
            .persist(&path)
            .map_err(|error| refused(&file.path, &error.error))?;
        made.files.push((path, file.before.clone()));
    }
    made.stays();
    Ok(())
}

/// What was made so far; taken back unless it stays.
#[derive(Default)]
struct Made {
    folders: Vec<PathBuf>,
    files: Vec<(PathBuf, Option<String>)>,
}

impl Made {
    fn stays(mut self) {
        self.folders.clear();
        self.files.clear();
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        // What can't be taken back was written a moment ago; the error that led here is what the user has to know.
        for (path, before) in self.files.drain(..).rev() {
            let _ = match before {
                Some(text) => fs::write(path, text),
                None => fs::remove_file(path),
            };
        }
        for folder in self.folders.drain(..).rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// The file beside its place, ready to be put there.
fn prepare(folder: &Path, file: &Changed, made: &mut Made) -> io::Result<(PathBuf, NamedTempFile)> {
    let path = folder.join(&file.path);
    let there = fs::symlink_metadata(&path);
    let (path, permissions) = match (&file.before, there) {
        (Some(before), Ok(_)) => {
            // Where a link leads, not the link.
            let path = path.canonicalize()?;
            let permissions = fs::metadata(&path)?.permissions();
            if permissions.readonly() {
                return Err(io::Error::other("the file may not be written"));
            }
            if fs::read(&path)? != before.as_bytes() {
                return Err(io::Error::other("the file has changed meanwhile"));
            }
            (path, Some(permissions))
        }
        (Some(_), Err(error)) => return Err(error),
        (None, Ok(_)) => return Err(io::ErrorKind::AlreadyExists.into()),
        (None, Err(_)) => (path, None),
    };
    let parent = path.parent().unwrap_or(folder).to_owned();
    create_folder(&parent, made)?;
    let mut builder = Builder::new();
    builder.prefix(".loopwright-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any new file, less what the user's mask takes away.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut ready = builder.tempfile_in(&parent)?;
    ready.write_all(file.after.as_bytes())?;
    if let Some(permissions) = permissions {
        ready.as_file().set_permissions(permissions)?;
    }
    ready.as_file().sync_all()?;
    Ok((path, ready))
}

/// Makes a folder and those above it, and remembers them.
fn create_folder(folder: &Path, made: &mut Made) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent() {
        create_folder(parent, made)?;
    }
    fs::create_dir(folder)?;
    made.folders.push(folder.to_owned());
    Ok(())
}

fn refused(path: &Path, error: &io::Error) -> Error {
    let path = path.display();
    Error::undone(match error.kind() {
        io::ErrorKind::AlreadyExists => {
            format!("{path} already exists; nothing was written; rename it, or choose another name")
        }
        _ => format!(
            "{path} can't be written: {error}; nothing was written; change that and try again"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(path: &str, before: Option<&str>, after: &str) -> Changed {
        Changed {
            path: path.into(),
            before: before.map(ToOwned::to_owned),
            after: after.into(),
        }
    }

    fn entries(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn all_or_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        fs::write(folder.join("a"), "old").unwrap();
        fs::write(folder.join("file"), "no folder").unwrap();
        let good = || changed("a", Some("old"), "new");
        for bad in [
            changed("file/x", None, "below a file"),
            changed("a", None, "is there"),
            changed("gone", Some("was"), "not there"),
            changed("a", Some("other"), "changed meanwhile"),
        ] {
            let new = changed("deep/er/b", None, "b");
            assert!(write_all(folder, &[good(), new, bad]).is_err());
            assert_eq!(fs::read_to_string(folder.join("a")).unwrap(), "old");
            assert_eq!(entries(folder), ["a", "file"]);
        }
        write_all(folder, &[good(), changed("deep/b", None, "b")]).unwrap();
        assert_eq!(fs::read_to_string(folder.join("a")).unwrap(), "new");
        assert_eq!(entries(folder), ["a", "deep", "file"]);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        fs::write(folder.join("real"), "old").unwrap();
        fs::set_permissions(folder.join("real"), fs::Permissions::from_mode(0o640)).unwrap();
        symlink("real", folder.join("link")).unwrap();
        write_all(folder, &[changed("link", Some("old"), "new")]).unwrap();
        assert!(folder.join("link").is_symlink());
        assert_eq!(fs::read_to_string(folder.join("real")).unwrap(), "new");
        let mode = fs::metadata(folder.join("real"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o640);
    }

    #[test]
    fn a_file_that_may_not_be_written_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "old").unwrap();
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();
        let error = write_all(folder.path(), &[changed("a", Some("old"), "new")]).unwrap_err();
        assert!(error.to_string().contains("may not be written"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    }
}

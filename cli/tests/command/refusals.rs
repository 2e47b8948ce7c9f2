//! What nobody should have typed, and folders as nobody would have them: refused with what to do, and nothing is written.

use std::fs;
use std::path::Path;

use crate::support::{TestResult, done, files, loopwright, refused, runtime, said};

const LIBRARY: &str = "use loopwright::prelude::*;\n\n#[derive(Model)]\n#[acl(open)]\npub struct Note {\n    #[model(id, generated)]\n    pub id: i64,\n}\n\npub fn app() -> App {\n    App::new().models::<(Note,)>()\n}\n";

/// A project in which nothing is compiled.
fn project(folder: &Path) -> TestResult {
    fs::create_dir(folder.join("src"))?;
    fs::write(
        folder.join("Cargo.toml"),
        "[package]\nname = \"x\"\n\n[dependencies]\nloopwright = \"0.1\"\n",
    )?;
    fs::write(folder.join("src/lib.rs"), LIBRARY)?;
    Ok(())
}

#[test]
fn names_of_projects() -> TestResult {
    let folder = tempfile::tempdir()?;
    for name in [
        "../up",
        "a/b",
        "a\\b",
        ".hidden",
        "fn",
        "größe",
        "a b",
        "node_modules",
        "loopwright",
        "test",
        "/abs",
    ] {
        let (code, message) = refused(folder.path(), &["new", name])?;
        assert_eq!(code, Some(2), "{name}: {message}");
        assert!(
            message.starts_with("error: a project can't be called"),
            "{message}"
        );
    }
    assert_eq!(refused(folder.path(), &["new"])?.0, Some(2));
    assert_eq!(files(folder.path())?, []);
    Ok(())
}

#[test]
fn folders_that_are_not_empty() -> TestResult {
    let folder = tempfile::tempdir()?;
    fs::create_dir(folder.path().join("api"))?;
    fs::write(folder.path().join("api/notes.txt"), "mine")?;
    let before = files(folder.path())?;
    let (code, message) = refused(folder.path(), &["new", "api"])?;
    assert_eq!(code, Some(1));
    assert!(
        message.contains("not empty: notes.txt is in it; choose another folder with `--dir`"),
        "{message}"
    );
    let (code, _) = refused(folder.path(), &["new", "api", "--dir", "api/notes.txt"])?;
    assert_eq!(code, Some(1));
    let (code, _) = refused(folder.path(), &["new", "api", "--dir", "there/is/none"])?;
    assert_eq!(code, Some(1));
    let (code, message) = refused(folder.path(), &["new", "other", "--loopwright-path", "api"])?;
    assert_eq!(code, Some(2));
    assert!(message.contains("no crate `loopwright`"), "{message}");
    assert_eq!(files(folder.path())?, before);
    done(
        folder.path(),
        &["new", "--dir", "other", "--loopwright-path", &runtime()],
    )?;
    let manifest = fs::read_to_string(folder.path().join("other/Cargo.toml"))?;
    assert!(
        manifest.contains("name = \"other\"") && !manifest.contains("[workspace]"),
        "{manifest}"
    );
    Ok(())
}

#[test]
fn where_there_is_no_project() -> TestResult {
    let folder = tempfile::tempdir()?;
    let (code, message) = refused(folder.path(), &["add", "model", "Note"])?;
    assert_eq!(code, Some(1));
    assert!(message.contains("`loopwright new`"), "{message}");
    fs::write(folder.path().join("Cargo.toml"), "[workspace]\n")?;
    let (code, message) = refused(folder.path(), &["add", "model", "Note"])?;
    assert_eq!(code, Some(1));
    assert!(message.contains("workspace"), "{message}");
    Ok(())
}

#[test]
fn what_is_there_and_what_does_not_parse() -> TestResult {
    let folder = tempfile::tempdir()?;
    project(folder.path())?;
    // A file that belongs to no module is in the way all the same.
    fs::create_dir(folder.path().join("src/models"))?;
    fs::write(folder.path().join("src/models/tag.rs"), "")?;
    let before = files(folder.path())?;
    let (code, message) = refused(folder.path(), &["add", "model", "Tag"])?;
    assert_eq!(code, Some(1));
    assert!(message.contains("tag.rs already exists"), "{message}");
    assert_eq!(files(folder.path())?, before);

    fs::write(folder.path().join("src/models/tag.rs"), "pub struct {\n")?;
    let before = files(folder.path())?;
    let (code, message) = refused(
        folder.path(),
        &["add", "property", "Note", "city", "string"],
    )?;
    assert_eq!(code, Some(1));
    assert!(
        message.contains("tag.rs:1:12: this is no Rust"),
        "{message}"
    );
    assert_eq!(files(folder.path())?, before);
    Ok(())
}

#[test]
fn a_dry_run_writes_nothing() -> TestResult {
    let folder = tempfile::tempdir()?;
    project(folder.path())?;
    let before = files(folder.path())?;
    let diff = done(
        folder.path(),
        &["add", "property", "Note", "city", "string", "--dry-run"],
    )?;
    assert!(
        diff.starts_with("--- a/src/lib.rs\n+++ b/src/lib.rs\n@@"),
        "{diff}"
    );
    assert!(
        diff.contains("\n+    pub city: Option<String>,\n"),
        "{diff}"
    );
    let url = "postgres://me:tiger@host/db";
    let arguments = [
        "add",
        "datasource",
        "shop",
        "--connector",
        "postgres",
        "--url",
        url,
    ];
    let diff = done(folder.path(), &[&arguments[..], &["--dry-run"]].concat())?;
    assert!(
        diff.contains("[data_sources.shop]") && !diff.contains("tiger"),
        "{diff}"
    );
    assert_eq!(files(folder.path())?, before);

    let output = loopwright(folder.path(), &arguments).output()?;
    assert!(
        output.status.success() && !said(&output).contains("tiger"),
        "{}",
        said(&output)
    );
    assert!(said(&output).contains("LOOPWRIGHT_DATA_SOURCES__SHOP__URL"));
    assert!(fs::read_to_string(folder.path().join("loopwright.toml"))?.contains(url));
    // From a folder within the project, too.
    done(
        &folder.path().join("src"),
        &["add", "property", "Note", "city", "string"],
    )?;
    Ok(())
}

/// The program as somebody for whom permissions hold.
#[cfg(unix)]
#[test]
fn folders_that_may_not_be_written() -> TestResult {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;

    let folder = tempfile::tempdir()?;
    let permit = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode));
    permit(folder.path(), 0o755)?;
    let program = folder.path().join("loopwright");
    fs::copy(env!("CARGO_BIN_EXE_loopwright"), &program)?;
    let closed = folder.path().join("closed");
    fs::create_dir(&closed)?;
    project(&closed)?;
    for path in [closed.join("src"), closed.clone()] {
        permit(&path, 0o555)?;
    }
    let is_root = fs::write(closed.join("probe"), "").is_ok();
    if is_root {
        fs::remove_file(closed.join("probe"))?;
    }
    let before = files(&closed)?;
    for arguments in [
        vec!["new", "api"],
        vec!["add", "model", "Tag"],
        vec!["add", "property", "Note", "city", "string"],
        vec!["add", "datasource", "log", "--connector", "memory"],
    ] {
        let mut command = std::process::Command::new(&program);
        command.current_dir(&closed).args(&arguments);
        if is_root {
            // Nobody, by the number that every Unix has for them.
            command.uid(65534).gid(65534);
        }
        let output = command.output()?;
        assert_eq!(
            output.status.code(),
            Some(1),
            "{arguments:?}: {}",
            said(&output)
        );
        assert!(
            said(&output).contains("nothing was written"),
            "{}",
            said(&output)
        );
    }
    assert_eq!(files(&closed)?, before);
    permit(&closed, 0o755)?;
    permit(&closed.join("src"), 0o755)?;
    Ok(())
}

#[test]
fn help_version_and_completions() -> TestResult {
    let folder = tempfile::tempdir()?;
    let help = done(folder.path(), &["--help"])?;
    for word in ["new", "add", "completions", "Ends with 0"] {
        assert!(help.contains(word), "{help}");
    }
    for what in [
        "model",
        "property",
        "relation",
        "acl",
        "datasource",
        "method",
        "boot-script",
        "middleware",
        "swagger",
    ] {
        assert!(done(folder.path(), &["add", what, "--help"])?.contains("Examples:"));
    }
    let version = done(folder.path(), &["--version"])?;
    assert_eq!(
        version.trim_end(),
        concat!("loopwright ", env!("CARGO_PKG_VERSION"))
    );
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        assert!(done(folder.path(), &["completions", shell])?.contains("loopwright"));
    }
    // The shell itself has no complaint.
    let script = done(folder.path(), &["completions", "bash"])?;
    fs::write(folder.path().join("script"), script)?;
    if let Ok(output) = std::process::Command::new("bash")
        .arg("-n")
        .arg(folder.path().join("script"))
        .output()
    {
        assert!(output.status.success(), "{}", said(&output));
    }
    Ok(())
}

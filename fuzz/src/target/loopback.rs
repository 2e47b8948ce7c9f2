use std::path::Path;

use loopwright::definitions::Definitions;
use loopwright::{App, Config, discovery};

/// The files of a LoopBack application, each behind a line such as `=== server/config.json`: what is wrong with them is told,
/// or they are models, whose Rust is Rust.
///
/// # Panics
/// They are not.
pub fn loopback(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let folder = tempfile::tempdir().unwrap();
    for file in text.split("=== ").skip(1).take(12) {
        let (name, text) = file.split_once('\n').unwrap_or((file, ""));
        write(folder.path(), name.trim(), text);
    }
    let definitions = Definitions::folder(folder.path())
        .open_by_default()
        .allow_missing()
        .environment("production");
    let mut config = Config::default();
    config.data_sources.clear();
    let app = App::new().config(config).definitions(definitions.clone());
    match app.access_matrix() {
        Ok(matrix) => {
            let rows = matrix.rows;
            assert!(rows.iter().all(|row| !row.method.is_empty()));
        }
        Err(error) => assert!(!error.message().is_empty()),
    }
    match discovery::definitions(&definitions) {
        Ok(text) => super::discovery::compiles(&text),
        Err(error) => super::discovery::understood(&error),
    }
}

/// Writes a file of those that an application has.
fn write(folder: &Path, name: &str, text: &str) {
    let usual = |byte: u8| byte.is_ascii_alphanumeric() || b"-./".contains(&byte);
    if !name.ends_with(".json")
        || !name.bytes().all(usual)
        || name.contains("..")
        || name.starts_with('/')
    {
        return;
    }
    let file = folder.join(name);
    let made = file.parent().map(std::fs::create_dir_all);
    if matches!(made, Some(Ok(()))) {
        let _ = std::fs::write(file, text);
    }
}

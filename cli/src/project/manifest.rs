//! The project's Cargo.toml.

use toml_edit::{Array, DocumentMut, InlineTable, Item, TableLike, Value};

use crate::error::{Error, Result};

/// The text of a manifest, and the document that it is.
#[derive(Debug)]
pub(crate) struct Manifest {
    pub(crate) text: String,
    document: DocumentMut,
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// It is no TOML, or that of a workspace without a package.
    pub(crate) fn read(text: String) -> Result<Self> {
        let document: DocumentMut = text.parse().map_err(|error| {
            Error::undone(format!(
                "Cargo.toml is no TOML: {error}mend it first; nothing was written"
            ))
        })?;
        if document.get("package").is_none() {
            return Err(Error::undone(
                "Cargo.toml has no `[package]`: it is a workspace; go to the folder of one of its packages, or name it with \
                 `--project`",
            ));
        }
        Ok(Manifest { text, document })
    }

    /// What the library is called in Rust.
    pub(crate) fn library(&self) -> String {
        let name = |table: &str| self.document.get(table)?.get("name")?.as_str();
        name("lib")
            .or_else(|| name("package"))
            .unwrap_or_default()
            .replace('-', "_")
    }

    /// The manifest's text with a feature of loopwright switched on, or nothing if it is on already.
    ///
    /// # Errors
    /// The project does not depend on loopwright.
    pub(crate) fn with_feature(&self, feature: &str) -> Result<Option<String>> {
        let mut document = self.document.clone();
        let dependency = dependency(&mut document)?;
        if let Some(version) = dependency
            .as_value()
            .filter(|value| value.is_str())
            .cloned()
        {
            let mut table = InlineTable::new();
            let decor = version.decor().clone();
            let mut version = version;
            version.decor_mut().clear();
            table.insert("version", version);
            let mut table = Value::InlineTable(table);
            // A comment behind the version stays there.
            *table.decor_mut() = decor;
            *dependency = Item::Value(table);
        }
        let table = dependency.as_table_like_mut().ok_or_else(no_dependency)?;
        let defaults = table
            .get("default-features")
            .and_then(Item::as_bool)
            .unwrap_or(true);
        if defaults && matches!(feature, "sqlite" | "explorer") {
            return Ok(None);
        }
        let features = features(table)?;
        if features.iter().any(|known| known.as_str() == Some(feature)) {
            return Ok(None);
        }
        features.push(feature);
        // A key that was the last one has kept the space before the brace.
        if let Some(table) = dependency.as_inline_table_mut() {
            table.fmt();
        }
        Ok(Some(document.to_string()))
    }

    /// The manifest's text with a dependency that comes from the registry, or nothing if it is there already.
    pub(crate) fn with_dependency(
        &self,
        name: &str,
        requirement: impl Into<Value>,
    ) -> Option<String> {
        let mut document = self.document.clone();
        let dependencies = document.get_mut("dependencies")?.as_table_like_mut()?;
        if dependencies.contains_key(name) {
            return None;
        }
        dependencies.insert(name, toml_edit::value(requirement));
        Some(document.to_string())
    }
}

fn dependency(document: &mut DocumentMut) -> Result<&mut Item> {
    let dependencies = document
        .get_mut("dependencies")
        .and_then(Item::as_table_like_mut);
    dependencies
        .and_then(|dependencies| dependencies.get_mut("loopwright"))
        .ok_or_else(no_dependency)
}

fn features(table: &mut dyn TableLike) -> Result<&mut Array> {
    if !table.contains_key("features") {
        table.insert("features", toml_edit::value(Array::new()));
    }
    let features = table.get_mut("features").and_then(Item::as_array_mut);
    features.ok_or_else(|| {
        Error::undone(
            "the features of `loopwright` in Cargo.toml are no list; write `features = []` there",
        )
    })
}

fn no_dependency() -> Error {
    Error::undone("Cargo.toml has no dependency `loopwright`; `cargo add loopwright` adds it")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(dependency: &str, feature: &str) -> Option<String> {
        let text = format!(
            "# mine\n[package]\nname = \"my-api\"\n\n[dependencies]\na = \"1\" # needed\n{dependency}\n"
        );
        let manifest = Manifest::read(text.clone()).unwrap();
        assert_eq!(manifest.library(), "my_api");
        let changed = manifest.with_feature(feature).unwrap()?;
        let start = text.find("loopwright").unwrap();
        assert_eq!(changed[..start], text[..start]);
        Some(changed[start..].trim_end().to_owned())
    }

    #[test]
    fn features_are_switched_on() {
        for (before, after) in [
            (
                "loopwright = \"0.1\"",
                "loopwright = { version = \"0.1\", features = [\"redis\"] }",
            ),
            (
                "loopwright = \"0.1\" # the framework",
                "loopwright = { version = \"0.1\", features = [\"redis\"] } # the framework",
            ),
            (
                "loopwright = { path = \"../x\" } # the framework",
                "loopwright = { path = \"../x\", features = [\"redis\"] } # the framework",
            ),
            (
                "loopwright = { path = \"../x\", features = [\"mysql\"] } # the framework",
                "loopwright = { path = \"../x\", features = [\"mysql\", \"redis\"] } # the framework",
            ),
            (
                "loopwright.workspace = true",
                "loopwright.workspace = true\nloopwright.features = [\"redis\"]",
            ),
        ] {
            assert_eq!(with(before, "redis").as_deref(), Some(after));
        }
        assert_eq!(
            with(
                "loopwright = { version = \"0.1\", features = [\"redis\"] }",
                "redis"
            ),
            None
        );
        assert_eq!(with("loopwright = \"0.1\"", "sqlite"), None);
        assert!(
            with(
                "loopwright = { version = \"0.1\", default-features = false }",
                "sqlite"
            )
            .is_some()
        );
    }

    #[test]
    fn what_is_no_project_is_refused() {
        for text in ["[workspace]\n", "[package\n"] {
            assert!(Manifest::read(text.into()).is_err(), "{text}");
        }
        let other = Manifest::read("[package]\nname = \"x\"\n".into()).unwrap();
        assert!(other.with_feature("redis").is_err());
    }
}

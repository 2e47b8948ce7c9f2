//! loopwright.toml, edited without touching what else is in it.

use toml_edit::{DocumentMut, Item, Table, TableLike};

use crate::error::{Error, Result};
use crate::project::CONFIG;

/// Reads the text of a configuration.
///
/// # Errors
/// It is no TOML. Its lines are not repeated: they may hold a password.
pub(crate) fn parse(text: &str) -> Result<DocumentMut> {
    text.parse().map_err(|error: toml_edit::TomlError| {
        let start = error.span().map_or(0, |span| span.start);
        let line = text
            .get(..start)
            .map_or(0, |before| before.matches('\n').count())
            + 1;
        Error::undone(format!(
            "{CONFIG}:{line}: this is no TOML: {}; mend it first; nothing was written",
            error.message()
        ))
    })
}

/// The names of the data sources.
pub(crate) fn data_sources(document: &DocumentMut) -> Vec<String> {
    let table = document.get("data_sources").and_then(Item::as_table_like);
    table.map_or_else(Vec::new, |table| {
        table.iter().map(|(name, _)| name.to_owned()).collect()
    })
}

/// Sets `[first.second] third = value`, in the way in which the tables are written.
///
/// # Errors
/// One of the keys is there and no table, or the value is there already.
pub(crate) fn set(document: &mut DocumentMut, keys: [&str; 3], value: &str) -> Result<()> {
    let [first, second, third] = keys;
    let no_table = |name: &str| {
        Error::undone(format!(
            "`{name}` in {CONFIG} is no table; make it one by hand"
        ))
    };
    let mut outer = Table::new();
    outer.set_implicit(true);
    let outer = document.entry(first).or_insert(Item::Table(outer));
    let outer: &mut dyn TableLike = outer.as_table_like_mut().ok_or_else(|| no_table(first))?;
    let inner = outer.entry(second).or_insert(Item::Table(Table::new()));
    let inner = inner
        .as_table_like_mut()
        .ok_or_else(|| no_table(&format!("{first}.{second}")))?;
    if inner.contains_key(third) {
        return Err(Error::undone(format!(
            "`{first}.{second}.{third}` already exists in {CONFIG}; change it by hand"
        )));
    }
    inner.insert(third, toml_edit::value(value));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_stay() {
        let before =
            "# the port\nport = 80 # web\n\n[data_sources.db] # main\nurl = \"memory:\"\n# end\n";
        let mut document = parse(before).unwrap();
        set(&mut document, ["data_sources", "log", "url"], "memory:").unwrap();
        assert_eq!(data_sources(&document), ["db", "log"]);
        let after = document.to_string();
        for line in before.lines() {
            assert!(after.contains(line), "{after}");
        }
        let again = set(&mut document, ["data_sources", "log", "url"], "memory:");
        assert!(again.unwrap_err().to_string().contains("already exists"));
    }

    #[test]
    fn mistakes_are_told_by_line_and_not_repeated() {
        let error = parse("a = 1\nurl = \"postgres://me:tiger@host\n")
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("loopwright.toml:2: "), "{error}");
        assert!(!error.contains("tiger"), "{error}");
        let mut odd = parse("data_sources = 3").unwrap();
        assert!(set(&mut odd, ["data_sources", "log", "url"], "memory:").is_err());
    }
}

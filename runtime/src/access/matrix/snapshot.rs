//! A file that says who may call what, and that what is said by the program is held against.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{AccessMatrix, AccessRow};

/// What accepts the matrix as it is.
const ACCEPT: &str = "LOOPWRIGHT_ACCEPT";

/// By model and method.
type Snapshot = BTreeMap<String, BTreeMap<String, Callers>>;

/// Who may call one method, and who may not. Both are said: who is in neither list is `authenticated` like others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Callers {
    allowed: BTreeSet<String>,
    denied: BTreeSet<String>,
}

/// What has changed between two states of an [`AccessMatrix`], in sentences.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccessChanges {
    /// What is allowed now and was not before.
    pub widened: Vec<String>,
    /// What was allowed before and is not any more.
    pub narrowed: Vec<String>,
}

impl AccessMatrix {
    /// Asserts that nobody may call more than the file at `path` says, for a test that stands beside the application.
    ///
    /// The file is committed, and a line of it changes with each method whose callers change: whoever reviews a change sees
    /// whom it lets in. It is written by the first run where there is none, unless the environment variable `CI` is set.
    /// After that, only a run with `LOOPWRIGHT_ACCEPT=1` writes it.
    ///
    /// A matrix that allows less than the file passes: nothing is open that nobody has agreed to. It is said on standard
    /// error, so that the file is brought up to date: until then, what has been closed could be opened again unnoticed.
    ///
    /// ```
    /// use loopwright::Config;
    /// use loopwright::prelude::*;
    ///
    /// #[derive(Model)]
    /// #[acl(allow(find), to = authenticated)]
    /// struct Order {
    ///     #[model(id, generated)]
    ///     id: i64,
    /// }
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("access.json");
    /// let app = App::new().config(Config::default()).models::<(Order,)>();
    /// let matrix = app.access_matrix()?;
    /// // In a test of your own it is written for you, at a path such as "tests/access.json".
    /// let agreed = r#"{"Order": {"find": {"allowed": ["authenticated"], "denied": ["anonymous"]}}}"#;
    /// std::fs::write(&path, agreed)?;
    /// matrix.assert_not_wider_than(&path);
    ///
    /// // Nobody has agreed to this one.
    /// std::fs::write(&path, agreed.replace("find", "count"))?;
    /// let outcome = std::panic::catch_unwind(|| matrix.assert_not_wider_than(&path));
    /// assert!(outcome.is_err());
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    /// Somebody may call what the file does not say, with every such case and the rule that allows it; there is no file, in
    /// CI; it can't be read or written.
    #[track_caller]
    pub fn assert_not_wider_than(&self, path: impl AsRef<Path>) {
        match self.compared_with(path.as_ref(), is_set(ACCEPT), is_set("CI")) {
            Ok(said) if said.is_empty() => {}
            // Not `eprintln!`: the test harness keeps what that prints to itself. A standard error that is closed is
            // nothing that a test could do anything about.
            Ok(said) => drop(writeln!(io::stderr(), "{said}")),
            Err(complaint) => panic!("{complaint}"),
        }
    }

    /// What is to be said about the difference to the file at `path`, or what speaks against it.
    pub(super) fn compared_with(
        &self,
        path: &Path,
        accept: bool,
        ci: bool,
    ) -> Result<String, String> {
        let shown = path.display();
        let known = match fs::read_to_string(path) {
            Ok(known) => Some(known),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(format!("can't read {shown}: {error}")),
        };
        let write = || {
            let written = fs::write(path, text(&self.snapshot()));
            written.map_err(|error| format!("can't write {shown}: {error}"))
        };
        let known = match known {
            _ if accept => {
                write()?;
                return Ok(String::new());
            }
            None if ci => {
                return Err(format!(
                    "{shown} is missing; run the test without CI, which writes it, and commit the file"
                ));
            }
            None => {
                write()?;
                return Ok(format!(
                    "{shown} is new: it says who may call what; commit it"
                ));
            }
            Some(known) => known,
        };
        let known: Snapshot = serde_json::from_str(&known).map_err(|error| {
            format!(
                "{shown} says no callers ({error}); run the test with {ACCEPT}=1 to write it anew"
            )
        })?;
        let AccessChanges { widened, narrowed } = self.since(&known);
        if !widened.is_empty() {
            return Err(format!(
                "more is allowed than {shown} says:\n  {}\nIf that is meant, run the test with {ACCEPT}=1, which writes the \
                 file, and commit it",
                widened.join("\n  ")
            ));
        }
        Ok(match narrowed.is_empty() {
            true => String::new(),
            false => format!(
                "less is allowed than {shown} says; run the test with {ACCEPT}=1, so that it stays so:\n  {}",
                narrowed.join("\n  ")
            ),
        })
    }

    /// What has changed since the matrix was `before`.
    ///
    /// ```
    /// use loopwright::Config;
    /// use loopwright::prelude::*;
    ///
    /// mod before {
    ///     # use loopwright::prelude::*;
    ///     #[derive(Model)]
    ///     #[acl(allow(find), to = role("admin"))]
    ///     pub struct Order {
    ///         #[model(id, generated)]
    ///         pub id: i64,
    ///     }
    /// }
    ///
    /// mod now {
    ///     # use loopwright::prelude::*;
    ///     #[derive(Model)]
    ///     #[acl(allow(find), to = everyone)]
    ///     pub struct Order {
    ///         #[model(id, generated)]
    ///         pub id: i64,
    ///     }
    /// }
    ///
    /// let app = || App::new().config(Config::default());
    /// let before = app().models::<(before::Order,)>().access_matrix()?;
    /// let now = app().models::<(now::Order,)>().access_matrix()?;
    /// assert_eq!(
    ///     now.changes_since(&before).widened,
    ///     ["Order.find: anonymous, authenticated, owner, related by `allow(find), to = everyone`"]
    /// );
    /// assert!(now.changes_since(&now).is_empty());
    /// # Ok::<_, Error>(())
    /// ```
    pub fn changes_since(&self, before: &AccessMatrix) -> AccessChanges {
        self.since(&before.snapshot())
    }

    fn since(&self, before: &Snapshot) -> AccessChanges {
        let nobody = Callers::default();
        let mut changes = AccessChanges::default();
        for row in &self.rows {
            let known = before.get(&row.model);
            let known = known.and_then(|methods| methods.get(&row.method));
            let (now, then) = (callers(row), known.unwrap_or(&nobody));
            let what = format!("{}.{}", row.model, row.method);
            let more = now.allowed_beyond(then);
            if !more.is_empty() {
                let new = match known {
                    Some(_) => "",
                    None => ", which is new",
                };
                let widened = format!("{what}{new}: {}", by_rule(row, &more));
                changes.widened.push(widened);
            }
            let less = then.allowed_beyond(&now);
            if !less.is_empty() {
                changes
                    .narrowed
                    .push(format!("{what}: {}", less.join(", ")));
            }
        }
        let methods = before
            .iter()
            .flat_map(|(model, methods)| methods.keys().map(move |method| (model, method)));
        for (model, method) in methods.filter(|(model, method)| self.row(model, method).is_none()) {
            if !is_limit(method) {
                changes.narrowed.push(format!("{model}.{method} is gone"));
            }
        }
        self.limits_since(before, &mut changes);
        changes
    }

    /// What is limited less than before, or more. Where nobody is named, nobody is kept out.
    fn limits_since(&self, before: &Snapshot, changes: &mut AccessChanges) {
        let now = self.snapshot();
        let none = Callers::default();
        let of = |snapshot: &Snapshot| {
            let models = snapshot.iter();
            let subjects = models.flat_map(|(model, methods)| {
                let limits = methods.keys().filter(|method| is_limit(method));
                limits.map(|limit| (model.clone(), limit.clone()))
            });
            subjects.collect::<BTreeSet<_>>()
        };
        let find = |snapshot: &Snapshot, (model, subject): &(String, String)| {
            let found = snapshot.get(model).and_then(|limits| limits.get(subject));
            found.cloned()
        };
        for limit in of(&now).union(&of(before)) {
            // What the file does not know at all says nothing of its limits: its methods are new.
            if !before.contains_key(&limit.0) {
                continue;
            }
            let known = find(&now, limit);
            let (now, then) = (known.unwrap_or_default(), find(before, limit));
            let Some(then) = then else {
                changes
                    .narrowed
                    .push(format!("{}, {} is limited", limit.0, limit.1));
                continue;
            };
            let more = now.allowed.difference(&then.allowed);
            let more: Vec<_> = more.map(String::as_str).collect();
            let opened = now == none || !more.is_empty() || !now.denied.is_superset(&then.denied);
            if opened {
                let whom = match (now == none, more.is_empty()) {
                    (true, _) => "it is not limited any more".to_owned(),
                    (false, true) => "less is denied".to_owned(),
                    (false, false) => more.join(", "),
                };
                changes
                    .widened
                    .push(format!("{}, {}: {whom}", limit.0, limit.1));
            } else if now != then {
                changes.narrowed.push(format!("{}, {}", limit.0, limit.1));
            }
        }
    }

    fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot::new();
        for row in &self.rows {
            let methods = snapshot.entry(row.model.clone()).or_default();
            methods.insert(row.method.clone(), callers(row));
        }
        for limit in &self.limits {
            let limits = snapshot.entry(limit.model.clone()).or_default();
            let callers = Callers {
                allowed: limit.allowed.clone(),
                denied: limit.denied.clone(),
            };
            limits.insert(limit.subject.clone(), callers);
        }
        snapshot
    }
}

impl Callers {
    fn allows(&self, caller: &str) -> bool {
        self.allowed.contains(caller)
            || !self.denied.contains(caller) && self.allowed.contains("authenticated")
    }

    /// Those who are allowed here, and not by `other`.
    fn allowed_beyond<'a>(&'a self, other: &'a Callers) -> Vec<&'a str> {
        let lists = [&self.allowed, &self.denied, &other.allowed, &other.denied];
        let all: BTreeSet<_> = lists.into_iter().flatten().map(String::as_str).collect();
        let mut all: Vec<_> = all.into_iter().collect();
        all.retain(|caller| self.allows(caller) && !other.allows(caller));
        all
    }
}

impl AccessChanges {
    /// Has nothing changed?
    pub fn is_empty(&self) -> bool {
        self.widened.is_empty() && self.narrowed.is_empty()
    }
}

/// A line for each change.
impl fmt::Display for AccessChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for change in &self.widened {
            writeln!(f, "wider: {change}")?;
        }
        for change in &self.narrowed {
            writeln!(f, "narrower: {change}")?;
        }
        Ok(())
    }
}

/// Is it a limit, such as `rows: read`, and no method?
fn is_limit(name: &str) -> bool {
    name.contains(": ")
}

fn callers(row: &AccessRow) -> Callers {
    let of = |allowed| {
        let cells = row.cells.iter().filter(move |cell| cell.allowed == allowed);
        cells.map(|cell| cell.caller.clone()).collect()
    };
    Callers {
        allowed: of(true),
        denied: of(false),
    }
}

/// Callers who may call the method, with the rules that say so.
fn by_rule(row: &AccessRow, callers: &[&str]) -> String {
    let mut rules: Vec<(&str, Vec<&str>)> = Vec::new();
    for caller in callers {
        let rule = row.cell(caller).and_then(|cell| cell.rule.as_deref());
        let rule = rule.unwrap_or_default();
        match rules.iter_mut().find(|(known, _)| *known == rule) {
            Some((_, callers)) => callers.push(caller),
            None => rules.push((rule, vec![caller])),
        }
    }
    let rules = rules.iter();
    let rules = rules.map(|(rule, callers)| format!("{} by `{rule}`", callers.join(", ")));
    rules.collect::<Vec<_>>().join("; ")
}

/// The file: a method is a line, so that a change of its callers is the change of one line.
fn text(snapshot: &Snapshot) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let mut file = String::from("{");
    for (number, (model, methods)) in snapshot.iter().enumerate() {
        let comma = if number > 0 { "," } else { "" };
        // Writing to a `String` can't fail.
        let _ = write!(file, "{comma}\n  {}: {{", quoted(model));
        for (number, (method, callers)) in methods.iter().enumerate() {
            let comma = if number > 0 { "," } else { "" };
            let callers = serde_json::json!(callers);
            let _ = write!(file, "{comma}\n    {}: {callers}", quoted(method));
        }
        file += "\n  }";
    }
    file + "\n}\n"
}

/// Is the variable set to anything but an empty word, `0` or `false`?
fn is_set(variable: &str) -> bool {
    std::env::var(variable).is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"))
}

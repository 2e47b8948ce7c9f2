//! `loopwright add middleware`.

use clap::Args;
use proc_macro2::Literal;
use toml_edit::{DocumentMut, InlineTable, Item};

use super::path::path;
use super::{Done, file_name};
use crate::ask::{Argument, Ask};
use crate::change::ChangeSet;
use crate::config;
use crate::error::{Error, Result, instead};
use crate::project::{Edits, Project, docs};

pub(super) const EXAMPLES: &str = "\
Examples:
  loopwright add middleware audit --phase auth:after --path /api
  loopwright add middleware tenant --phase tenants --before routes

Requests pass the phases initial, session, auth, parse, routes, files and final, each with `:before` and `:after`, until something \
answers; the models do in `routes`. `[middleware.own.audit]` in loopwright.toml switches it off or moves it.";

/// The folder of middleware, and what its module says of itself.
const FOLDER: (&str, &str) = (
    "middleware",
    "What requests pass on their way, one middleware to a file.",
);

/// LoopBack's phases, in their order.
const PHASES: [&str; 7] = [
    "initial", "session", "auth", "parse", "routes", "files", "final",
];

/// Behind all phases.
const LAST: &str = "last";

#[derive(Args)]
pub(crate) struct AddMiddleware {
    /// What it is called, such as `audit`
    name: Option<String>,
    /// When requests pass it: a phase, such as `auth`, `auth:before` or `auth:after`
    #[arg(long)]
    phase: Option<String>,
    /// For a phase of one's own: the phase that it stands before, or `last`
    #[arg(long, value_name = "PHASE")]
    before: Option<String>,
    /// Only requests below this path pass it; repeatable
    #[arg(long)]
    path: Vec<String>,
    /// What the documentation says of it
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

/// A phase, and what stands behind its name.
struct Phase {
    name: String,
    suffix: &'static str,
}

impl Phase {
    fn read(text: &str) -> Result<Self> {
        let wrong = || {
            Error::usage(format!(
                "`{}` is no phase; write one of {}, or a name of your own, with `:before` or `:after` behind it if you like",
                text.escape_debug(),
                PHASES.join(", ")
            ))
        };
        let (name, suffix) = match text.split_once(':') {
            None => (text, ""),
            Some((name, "before")) => (name, ":before"),
            Some((name, "after")) => (name, ":after"),
            Some(_) => return Err(wrong()),
        };
        let fits = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
        match !name.is_empty() && name.chars().all(fits) {
            true => Ok(Phase {
                name: name.to_owned(),
                suffix,
            }),
            false => Err(wrong()),
        }
    }
}

impl AddMiddleware {
    pub(super) fn run(self, project: &Project, ask: Ask) -> Result<Done> {
        let asked = self.name.is_none() || self.phase.is_none();
        let name = ask.text(
            self.name.as_deref(),
            "The middleware's name:",
            "the middleware's name",
            None,
            |name| file_name("a middleware", name),
        )?;
        let phase = ask.text(
            self.phase.as_deref(),
            "Its phase (initial, session, auth, parse, routes, files, final or one of your own, with `:before` or `:after`):",
            "the phase (`--phase`)",
            None,
            Phase::read,
        )?;
        let mut calls = Vec::new();
        match (known(project)?.contains(&phase.name), &self.before) {
            (true, None) => {}
            (true, Some(_)) => {
                return Err(Error::usage(format!(
                    "the phase `{}` has its place already; leave out `--before`",
                    phase.name
                )));
            }
            (false, before) => calls.push(placed(&phase.name, before.clone(), ask)?),
        }
        let mut paths = self
            .path
            .iter()
            .map(|text| path(text, "/api"))
            .collect::<Result<Vec<_>>>()?;
        if asked && paths.is_empty() {
            while let Some(text) = ask.optional(None, "Only below a path (empty when done):")? {
                match path(&text, "/api") {
                    Ok(path) => paths.push(path),
                    Err(error) => crate::say(&error.to_string()),
                }
            }
        }
        let mut changes = ChangeSet::default();
        let mut edits = Edits::default();
        let description = self.description.as_deref();
        let text = text(&name, &phase, &paths, description);
        let function =
            project.settle_file(FOLDER, &name, "middleware", text, &mut edits, &mut changes)?;
        calls.push(format!(".middleware({function}())"));
        let (source, insertions) = project.insert_calls("middleware", &calls)?;
        edits.add(source, insertions);
        edits.into_changes(&mut changes);
        let manifest = &project.manifest;
        let mut axum = InlineTable::new();
        axum.insert("version", "0.8".into());
        axum.insert("default-features", false.into());
        if let Some(after) = manifest.with_dependency("axum", axum) {
            changes.change("Cargo.toml", manifest.text.clone(), after);
        }
        let hints = vec![format!(
            "`[middleware.own.{}]` in loopwright.toml switches it off or moves it",
            name.trim_start_matches("r#")
        )];
        Ok(Done { changes, hints })
    }
}

/// The phases that there are: LoopBack's, and those that the program and its configuration have besides.
fn known(project: &Project) -> Result<Vec<String>> {
    let mut known: Vec<_> = PHASES.map(ToOwned::to_owned).into();
    known.extend(project.phases()?);
    let document: DocumentMut = config::parse(&project.config()?.unwrap_or_default())?;
    let configured = document.get("phases").and_then(Item::as_array);
    let configured = configured.into_iter().flatten();
    known.extend(configured.filter_map(|name| name.as_str().map(ToOwned::to_owned)));
    Ok(known)
}

/// The call that gives a phase of one's own its place: before another one of LoopBack's, or behind all.
fn placed(phase: &str, before: Option<String>, ask: Ask) -> Result<String> {
    let mut options: Vec<_> = PHASES.map(ToOwned::to_owned).into();
    options.push(LAST.to_owned());
    let missing =
        format!("where the phase `{phase}` stands (`--before <PHASE>`, or `--before {LAST}`)");
    let before = ask.choice(
        before,
        "Which phase does it stand before?",
        Argument::Required(&missing),
        options,
    )?;
    let text = Literal::string;
    if before == LAST {
        return Ok(format!(".phases([\"final\", {}])", text(phase)));
    }
    let at = PHASES.iter().position(|known| *known == before);
    let at = at.ok_or_else(|| {
        Error::usage(format!(
            "LoopBack has no phase `{}`{}; `--before {LAST}` is behind all",
            before.escape_debug(),
            instead(&before, &PHASES)
        ))
    })?;
    // A new name stands behind the one before it.
    let first = at.checked_sub(1).and_then(|first| PHASES.get(first));
    let names = first.into_iter().copied().chain([phase, &before]);
    let names: Vec<_> = names.map(|name| text(name).to_string()).collect();
    Ok(format!(".phases([{}])", names.join(", ")))
}

fn text(name: &str, phase: &Phase, paths: &[String], description: Option<&str>) -> String {
    let place = Literal::string(&format!("{}{}", phase.name, phase.suffix));
    let named = Literal::string(name.trim_start_matches("r#"));
    let mut calls = format!("Middleware::new({place}, from_fn(pass))\n        .named({named})");
    if !paths.is_empty() {
        let paths: Vec<_> = paths
            .iter()
            .map(|path| Literal::string(path).to_string())
            .collect();
        calls.push_str(&format!("\n        .paths([{}])", paths.join(", ")));
    }
    // As rustfmt has what is short enough for one line.
    let line = calls.replace("\n        ", "");
    if line.chars().count() <= 60 {
        calls = line;
    }
    let about = description.unwrap_or("What happens to a request before what comes later answers it, and to the answer after that.");
    format!(
        "use axum::extract::Request;\nuse axum::middleware::{{Next, from_fn}};\nuse axum::response::Response;\nuse \
         loopwright::boot::Middleware;\n\n/// When requests pass it, and which ones.\npub fn middleware() -> Middleware {{\n    \
         {calls}\n}}\n\n{}\nasync fn pass(request: Request, next: Next) -> Response {{\n    next.run(request).await\n}}\n",
        docs(Some(about)).join("\n")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases() {
        for (text, suffix) in [
            ("auth", ""),
            ("auth:before", ":before"),
            ("own:after", ":after"),
        ] {
            assert_eq!(Phase::read(text).unwrap().suffix, suffix);
        }
        for text in [
            "",
            ":before",
            "auth:",
            "auth:during",
            "a b",
            "a\"b",
            "a:before:after",
        ] {
            assert!(Phase::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_phase_of_ones_own_has_a_place() {
        for (before, call) in [
            ("initial", r#".phases(["own", "initial"])"#),
            ("routes", r#".phases(["parse", "own", "routes"])"#),
            ("last", r#".phases(["final", "own"])"#),
        ] {
            let made = placed("own", Some(before.into()), Ask::new(true)).unwrap();
            assert_eq!(made, call);
        }
        let error = placed("own", Some("rutes".into()), Ask::new(true)).unwrap_err();
        assert!(
            error.to_string().contains("did you mean `routes`?"),
            "{error}"
        );
        assert!(placed("own", None, Ask::new(true)).is_err());
    }
}

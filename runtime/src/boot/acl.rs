//! The command `acl`: who may call what, and why.

use std::fmt::Write;

use clap::{Args, ValueEnum};

use super::App;
use super::command::print;
use super::description::{Description, ROWS_ARE_UNKNOWN};
use crate::access::{CallerKind, Decision, MethodAccess, Subject, refusal_status};
use crate::model::{ModelDef, Verb};
use crate::remoting::{self, Place, Route};
use crate::{Error, Result};

// Doc comments here are the words of `--help`.
#[derive(Args)]
pub(super) struct Acl {
    /// What the access matrix is printed as
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Say which rule decides about a request, such as 'POST /api/Orders' or 'GET /api/Orders/{id}'
    #[arg(long, value_name = "REQUEST", conflicts_with = "format")]
    explain: Option<String>,
    /// Who sends the request: `anonymous`, `authenticated`, `user:<id>`, `app:<id>`, `role:<name>`, or several of these,
    /// with commas between them or each with an `--as` of its own
    #[arg(
        long = "as",
        value_name = "CALLER",
        value_delimiter = ',',
        requires = "explain",
        value_parser = caller
    )]
    callers: Vec<CallerKind>,
    /// The instances that the request's path names belong to the caller
    #[arg(long, requires = "explain")]
    owner: bool,
    /// A relation of the instances that the request's path names leads to the caller
    #[arg(long, requires = "explain")]
    related: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Aligned tables
    Text,
    /// With the rule that decides in each case
    Json,
    /// Tables
    Markdown,
}

fn caller(text: &str) -> std::result::Result<CallerKind, String> {
    CallerKind::parse(text).ok_or_else(|| {
        "write `anonymous`, `authenticated`, `user:<id>`, `app:<id>` or `role:<name>`".to_owned()
    })
}

/// Prints what `arguments` ask for. No data source is connected.
pub(super) fn run(app: App, arguments: &Acl) -> Result<()> {
    let (app, config) = app.configured()?;
    let description = app.description(&config);
    if let Some(request) = &arguments.explain {
        let kinds = arguments.kinds()?;
        return print(explanation(&description, request, &kinds)?.trim_end());
    }
    let matrix = description.access_matrix();
    match arguments.format {
        Format::Text => print(matrix.to_string().trim_end()),
        Format::Markdown => print(&matrix.to_markdown()),
        Format::Json => {
            let text = serde_json::to_string_pretty(&matrix).map_err(|error| {
                Error::internal("the access matrix can't be written").with_source(error)
            })?;
            print(&text)
        }
    }
}

impl Acl {
    /// Whom the explanation is about: somebody who is all of these.
    fn kinds(&self) -> Result<Vec<CallerKind>> {
        let mut kinds = self.callers.clone();
        kinds.extend(self.owner.then_some(CallerKind::Owner));
        kinds.extend(self.related.then_some(CallerKind::Related));
        if kinds.len() > 1 && kinds.contains(&CallerKind::Anonymous) {
            return Err(Error::internal(
                "who is anonymous has no id and no role, and owns nothing; give `--as anonymous` alone",
            ));
        }
        Ok(kinds)
    }
}

/// Which rules a request passes of somebody who is of all these `kinds`, and which decides.
fn explanation(description: &Description, request: &str, kinds: &[CallerKind]) -> Result<String> {
    let config = &description.config;
    let subject = Subject::new(kinds);
    let route = route(description, request)?;
    let mut text = String::new();
    // Writing to a `String` can't fail.
    let _ = writeln!(
        text,
        "{} {} calls {}.{} ({})",
        route.endpoint.verb.as_str(),
        route.address(&config.rest_api_root),
        route.access.model().name,
        route.method,
        route.access.access().as_str()
    );
    let mut refused: Option<&ModelDef> = None;
    for (access, place) in route.checks() {
        let allowed = explain(&mut text, access, place, &subject);
        if !allowed {
            refused.get_or_insert(access.model());
        }
    }
    let _ = match refused {
        None => writeln!(text, "\nallowed"),
        Some(def) => writeln!(
            text,
            "\nrefused by the rules of {}, with status {}",
            def.name,
            match subject.caller().is_authenticated() {
                true => refusal_status(def, config.auth.acl_error_status),
                false => 401,
            }
        ),
    };
    let known = remoting::callers([&route]);
    for kind in kinds.iter().filter(|kind| !known.contains(kind)) {
        if let CallerKind::Role(role) = kind {
            let _ = writeln!(text, "\nNo rule here names the role {role}.");
        }
    }
    for role in description.decided_roles() {
        if known.contains(&CallerKind::Role(role.to_owned())) {
            let _ = writeln!(
                text,
                "\nWho has the role {role}, the program itself decides."
            );
        }
    }
    if description.has_rules_in_rows() {
        let _ = writeln!(text, "\n{ROWS_ARE_UNKNOWN}");
    }
    Ok(text)
}

/// What one set of rules decides, and how.
fn explain(text: &mut String, access: &MethodAccess, place: Place, subject: &Subject) -> bool {
    let subject = remoting::standing(subject, place);
    let Decision { allowed, .. } = access.judge(&subject);
    let outcome = if allowed { "allowed" } else { "denied" };
    let about = match place {
        Place::Collection => "no instance is named, so nobody is its owner",
        Place::Id => "about the instance {id}",
        Place::ForeignKey => "about the instance {fk}",
        Place::MiddleKey => "about the instance {nk}",
        Place::Owned => "about instances whose owner is {id}",
    };
    let method = format!("{}.{}", access.model().name, access.method());
    let _ = writeln!(text, "\n{method}: {outcome} ({about})");
    let mut decided = false;
    for rule in access.rules() {
        let word = match (decided, subject.is(rule.principal)) {
            (false, true) => "decides",
            (true, true) => "weaker than the one that decides",
            (_, false) => "not about this caller",
        };
        decided |= subject.is(rule.principal);
        let mark = if word == "decides" { '>' } else { ' ' };
        let rule = rule.to_string();
        let _ = writeln!(text, "{mark} {rule:width$}  {word}", width = width(access));
    }
    if !decided {
        let _ = writeln!(text, "> no rule is about this caller, which is a refusal");
    }
    allowed
}

fn width(access: &MethodAccess) -> usize {
    let rules = access.rules().map(|rule| rule.to_string().chars().count());
    rules.max().unwrap_or(0)
}

/// The route of a request such as `POST /api/Orders`.
fn route(description: &Description, request: &str) -> Result<Route> {
    let root = &description.config.rest_api_root;
    let written = request.trim().split_once(char::is_whitespace);
    let verb = written.and_then(|(verb, _)| Verb::parse(&verb.to_uppercase()));
    let (Some((_, path)), Some(verb)) = (written, verb) else {
        return Err(Error::internal(format!(
            "`{request}` is no request; write a verb and a path, as in 'GET {}/Orders'",
            root.trim_end_matches('/')
        )));
    };
    let path = path.trim();
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    let found = remoting::find(&description.models, root, verb, path)?;
    found.ok_or_else(|| {
        Error::internal(format!(
            "no method answers `{request}`; `acl` without `--explain` lists those that there are"
        ))
    })
}

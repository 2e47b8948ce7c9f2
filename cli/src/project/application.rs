//! Where an application lists its models: `.models::<(Note, Review)>()`.

use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Expr, ExprCall, ExprMethodCall, GenericArgument, Type};

use super::{Project, Scope, Source};
use crate::change::Insertion;
use crate::error::{Error, Result};

/// As many models as one list can have.
const MOST: usize = 16;

/// What was found in one source.
#[derive(Default)]
struct Found<'a> {
    lists: Vec<&'a ExprMethodCall>,
    news: Vec<&'a ExprCall>,
}

impl Found<'_> {
    /// The byte behind the last list, or else behind the first `App::new()`.
    fn end(&self, source: &Source) -> Result<usize> {
        match (self.lists.last(), self.news.first()) {
            (Some(call), _) => Ok(source.span(call.paren_token.span.close()).end),
            (None, Some(call)) => Ok(source.range(*call).end),
            (None, None) => Err(Error::undone(
                "no application is put together in src/; write `App::new()`",
            )),
        }
    }
}

impl<'a> Visit<'a> for Found<'a> {
    fn visit_expr_method_call(&mut self, call: &'a ExprMethodCall) {
        if call.method == "models" && call.turbofish.is_some() {
            self.lists.push(call);
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_call(&mut self, call: &'a ExprCall) {
        if is_new(call) {
            self.news.push(call);
        }
        visit::visit_expr_call(self, call);
    }
}

/// Is it `App::new()`, or that by a longer path?
pub(super) fn is_new(call: &ExprCall) -> bool {
    let Expr::Path(function) = &*call.func else {
        return false;
    };
    let last = function.path.segments.iter().rev().take(2);
    last.map(|part| part.ident.to_string()).eq(["new", "App"])
}

impl Project {
    /// Where the application is put together.
    fn application(&self) -> Result<(&Source, Found<'_>)> {
        let mut listing = Vec::new();
        let mut starting = Vec::new();
        for source in self
            .sources
            .iter()
            .filter(|source| !source.is_own_program())
        {
            let mut found = Found::default();
            found.visit_file(&source.file);
            match (found.lists.is_empty(), found.news.is_empty()) {
                (false, _) => listing.push((source, found)),
                (true, false) => starting.push((source, found)),
                (true, true) => {}
            }
        }
        let mut found = match listing.is_empty() {
            true => starting,
            false => listing,
        };
        match (found.pop(), found.as_slice()) {
            (Some(found), []) => Ok(found),
            (None, _) => Err(Error::undone(
                "no application is put together in src/: there is neither `.models::<(…)>()` nor `App::new()`; write one",
            )),
            (Some((last, _)), others) => {
                let mut files: Vec<_> = others
                    .iter()
                    .map(|(source, _)| source.path.display().to_string())
                    .collect();
                files.push(last.path.display().to_string());
                Err(Error::undone(format!(
                    "several applications are put together, in {}; list the model in one of them by hand, or leave one",
                    files.join(" and ")
                )))
            }
        }
    }

    /// Lists the model `name`, which is reached from the module `module`.
    ///
    /// # Errors
    /// Nothing is listed anywhere, or in several places.
    pub(crate) fn list_model(&self, module: &[String], name: &str) -> Result<(&Source, Insertion)> {
        let (source, mut found) = self.application()?;
        let path = self.path_from(source, module, name);
        found
            .lists
            .sort_by_key(|call| source.span(call.method.span()).start);
        for call in &found.lists {
            if let Some(insertion) = into_list(source, call, &path) {
                return Ok((source, insertion));
            }
        }
        // Each list is full, or a name for one.
        let start = found.end(source)?;
        Ok((source, Insertion::new(start, chained(source, start, &path))))
    }

    /// Lists several models, each with the module that it is reached from, in lists of their own.
    ///
    /// # Errors
    /// As [`list_model`](Self::list_model).
    pub(crate) fn list_models(
        &self,
        models: &[(Vec<String>, String)],
    ) -> Result<(&Source, Vec<Insertion>)> {
        let (source, _) = self.application_end()?;
        let paths: Vec<_> = models
            .iter()
            .map(|(module, name)| self.path_from(source, module, name))
            .collect();
        let lists = paths.chunks(MOST).map(|paths| match paths {
            [one] => format!(".models::<({one},)>()"),
            several => format!(".models::<({})>()", several.join(", ")),
        });
        self.insert_calls("models", &lists.collect::<Vec<_>>())
    }

    /// Where the application is put together, and the byte behind its last list of models, or else behind `App::new()`.
    ///
    /// # Errors
    /// No application is put together, or several are.
    pub(super) fn application_end(&self) -> Result<(&Source, usize)> {
        let (source, mut found) = self.application()?;
        found
            .lists
            .sort_by_key(|call| source.span(call.method.span()).start);
        let end = found.end(source)?;
        Ok((source, end))
    }

    /// The start of the crate in which the application is put together: of the library, or of the program.
    ///
    /// # Errors
    /// As [`application_end`](Self::application_end).
    pub(super) fn application_root(&self) -> Result<Option<&Source>> {
        let (source, _) = self.application()?;
        if source.is_root() {
            return Ok(Some(source));
        }
        let module = source.module();
        let mut roots = self.sources.iter().filter(|source| source.is_root());
        let declares = |root: &&Source| module.first().is_some_and(|first| root.declares(first));
        Ok(roots.clone().find(declares).or_else(|| roots.next()))
    }

    /// How `source` names what is reached from `module`.
    pub(super) fn path_from(&self, source: &Source, module: &[String], name: &str) -> String {
        let here = source.module();
        let library = self
            .sources
            .iter()
            .find(|known| known.path.ends_with("lib.rs") && known.is_root());
        let first = module.first().map_or("", String::as_str);
        let in_library =
            library.is_some_and(|library| module.is_empty() || library.declares(first));
        let program = source.path.ends_with("main.rs") && source.is_root();
        if program && in_library && !source.declares(first) && library.is_some() {
            return super::scope::join(&self.manifest.library(), module, name);
        }
        match module.strip_prefix(here.as_slice()) {
            Some(rest) => {
                let mut path = rest.to_vec();
                path.push(name.to_owned());
                path.join("::")
            }
            None => super::scope::join("crate", module, name),
        }
    }
}

/// Puts `path` at the end of the list, if there is one with room.
fn into_list(source: &Source, call: &ExprMethodCall, path: &str) -> Option<Insertion> {
    let turbofish = call.turbofish.as_ref()?;
    let Some(GenericArgument::Type(Type::Tuple(tuple))) = turbofish.args.first() else {
        return None;
    };
    if tuple.elems.len() >= MOST {
        return None;
    }
    let Some(last) = tuple.elems.last() else {
        let open = source.span(tuple.paren_token.span.open()).end;
        return Some(Insertion::new(open, format!("{path},")));
    };
    let comma = tuple
        .elems
        .pairs()
        .next_back()
        .and_then(|pair| pair.punct().map(|comma| comma.span()));
    let end = comma.map_or_else(|| source.range(last).end, |comma| source.span(comma).end);
    let start = source.range(last).start;
    let open = source.span(tuple.paren_token.span.open()).end;
    Some(match (source.is_long(open..start), comma.is_some()) {
        (true, true) => {
            let indentation = source.indentation(start);
            Insertion::new(source.after_comment(end), format!("\n{indentation}{path},"))
        }
        // `(Note,)` has its comma already.
        (false, true) => Insertion::new(end, format!(" {path}")),
        (_, false) => Insertion::new(end, format!(", {path}")),
    })
}

/// A list of its own, behind what ends at `end`.
fn chained(source: &Source, end: usize, path: &str) -> String {
    let call = format!(".models::<({path},)>()");
    let rest = source.text.get(end..).unwrap_or_default();
    // In a chain with a line for each call it gets a line, too.
    let next = rest.trim_start();
    match rest.starts_with(['\n', '\r']) && next.starts_with('.') {
        true => {
            let start = end + (rest.len() - next.len());
            format!("\n{}{call}", source.indentation(start))
        }
        false => call,
    }
}

impl Scope<'_> {
    /// The whole of `source`.
    pub(crate) fn whole(source: &Source) -> Scope<'_> {
        Scope {
            source,
            module: source.module(),
            items: &source.file.items,
        }
    }
}

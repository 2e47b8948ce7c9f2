//! The chain of calls that puts the application together: `App::new().models::<(Note,)>().run().await`.

use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Expr, ExprArray, Lit};

use super::{Project, Source};
use crate::change::Insertion;
use crate::error::Result;

/// What rustfmt lets stand in one line: a chain of several calls, and anything at all.
const CHAIN: usize = 60;
const LINE: usize = 100;

/// One call of a chain.
struct Link {
    /// Its method, or nothing for `.await` and fields.
    name: Option<String>,
    /// The byte of its dot, and the one behind it.
    dot: usize,
    end: usize,
}

/// The calls behind an `App::new()`, in their order.
struct Chain {
    start: usize,
    /// The byte behind `App::new()`.
    new: usize,
    links: Vec<Link>,
}

/// The chains of one source, and the names of phases in them.
struct Chains<'a> {
    source: &'a Source,
    chains: Vec<Chain>,
    phases: Vec<String>,
}

impl<'a> Visit<'a> for Chains<'a> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        // The longest one comes first; those within it have the same start.
        if let Some(chain) = self.chain(expr)
            && !self.chains.iter().any(|known| known.start == chain.start)
        {
            self.chains.push(chain);
        }
        if let Expr::MethodCall(call) = expr
            && call.method == "phases"
            && let Some(Expr::Array(names)) = call.args.first()
        {
            self.phases.extend(texts(names));
        }
        visit::visit_expr(self, expr);
    }
}

impl Chains<'_> {
    fn chain(&self, expr: &Expr) -> Option<Chain> {
        let mut links = Vec::new();
        let mut rest = expr;
        loop {
            let end = self.source.range(rest).end;
            let (name, dot, receiver) = match rest {
                Expr::MethodCall(call) => {
                    let name = call.method.to_string();
                    (Some(name), call.dot_token.span(), &*call.receiver)
                }
                Expr::Await(call) => (None, call.dot_token.span(), &*call.base),
                Expr::Field(field) => (None, field.dot_token.span(), &*field.base),
                Expr::Try(tried) => {
                    rest = &tried.expr;
                    continue;
                }
                Expr::Call(call) if super::application::is_new(call) => break,
                _ => return None,
            };
            let dot = self.source.span(dot).start;
            links.push(Link { name, dot, end });
            rest = receiver;
        }
        links.reverse();
        let new = self.source.range(rest);
        Some(Chain {
            start: new.start,
            new: new.end,
            links,
        })
    }
}

fn texts(array: &ExprArray) -> impl Iterator<Item = String> {
    array.elems.iter().filter_map(|name| match name {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    })
}

impl Project {
    /// Puts calls of the method `name`, such as `.boot(load)`, behind those of that name which the application has, or else
    /// behind its list of models.
    ///
    /// # Errors
    /// No application is put together, or several are.
    pub(crate) fn insert_calls(
        &self,
        name: &str,
        calls: &[String],
    ) -> Result<(&Source, Vec<Insertion>)> {
        let (source, end) = self.application_end()?;
        let mut chains = Chains::of(source);
        let insertions = match chains.chains.pop() {
            Some(chain) => chain.insert(source, name, calls),
            // What holds the application is a variable, or a function of the project's own.
            None => vec![Insertion::new(end, calls.concat())],
        };
        Ok((source, insertions))
    }

    /// The names of phases that the application's own code has.
    ///
    /// # Errors
    /// As [`insert_calls`](Self::insert_calls).
    pub(crate) fn phases(&self) -> Result<Vec<String>> {
        let (source, _) = self.application_end()?;
        Ok(Chains::of(source).phases)
    }
}

impl<'a> Chains<'a> {
    fn of(source: &'a Source) -> Self {
        let mut chains = Chains {
            source,
            chains: Vec::new(),
            phases: Vec::new(),
        };
        chains.visit_file(&source.file);
        // The one that lists models is the application's.
        chains
            .chains
            .sort_by_key(|chain| chain.last("models").is_some());
        chains
    }
}

impl Chain {
    fn last(&self, name: &str) -> Option<&Link> {
        let named = |link: &&Link| link.name.as_deref() == Some(name);
        self.links.iter().rfind(named)
    }

    fn insert(&self, source: &Source, name: &str, calls: &[String]) -> Vec<Insertion> {
        let before = self.last(name).or_else(|| self.last("models"));
        let end = before.map_or(self.new, |link| link.end);
        let whole = self.links.last().map_or(self.new, |link| link.end);
        let deeper = format!("{}    ", source.indentation(self.start));
        let lines: String = calls
            .iter()
            .map(|call| format!("\n{deeper}{call}"))
            .collect();
        // Every call has a line of its own already.
        if let Some(link) = self.links.iter().find(|link| {
            let before = source.text.get(..link.dot).unwrap_or_default();
            before.trim_end_matches([' ', '\t']).ends_with('\n')
        }) {
            let indentation = source.indentation(link.dot);
            let lines = lines.replace(&deeper, indentation);
            return vec![Insertion::new(source.after_comment(end), lines)];
        }
        let length: usize = calls.iter().map(|call| call.chars().count()).sum();
        let length = length
            + source
                .text
                .get(self.start..whole)
                .map_or(0, |text| text.chars().count());
        let most = match self.links.len() + calls.len() {
            1 => LINE - deeper.len(),
            _ => CHAIN,
        };
        if length <= most {
            return vec![Insertion::new(end, calls.concat())];
        }
        let mut insertions = vec![Insertion::new(end, lines)];
        let dots = self
            .links
            .iter()
            .map(|link| Insertion::new(link.dot, format!("\n{deeper}")));
        insertions.extend(dots);
        insertions
    }
}

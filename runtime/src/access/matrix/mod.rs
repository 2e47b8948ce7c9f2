//! Who may call what, as data.

mod limit;
mod snapshot;
mod table;

use serde::Serialize;

pub use limit::AccessLimit;
pub use snapshot::AccessChanges;

use crate::model::AccessType;

/// Who may call what: for every method that is served, what the access rules of the program decide about each kind of caller.
///
/// The table is read from the decisions that the router asks, so it can't say anything else than what happens.
/// [`App::access_matrix`](crate::App::access_matrix) gives it without connecting a data source, the command `acl` of an
/// application prints it. What only a request can tell is not in it: rules that are rows of the database, and whether a
/// function of the program ([`App::role`](crate::App::role)) takes somebody for a member of a role. Who is several of its
/// callers at once, an owner with a role say, may be let in by a relation where none of them is alone. What a filter
/// includes needs no row of its own: it asks the rules of its model as a call would.
///
/// ```
/// use loopwright::Config;
/// use loopwright::prelude::*;
///
/// /// What somebody has ordered.
/// #[derive(Model)]
/// #[acl(allow(read), to = authenticated)]
/// #[acl(allow(delete_by_id), to = role("admin"))]
/// struct Order {
///     #[model(id, generated)]
///     id: i64,
/// }
///
/// let app = App::new().config(Config::default()).models::<(Order,)>();
/// let matrix = app.access_matrix()?;
/// let delete = matrix.row("Order", "deleteById").unwrap();
/// assert_eq!(delete.routes, ["DELETE /api/Orders/{id}"]);
/// assert!(delete.allows("role:admin"));
/// assert!(!delete.allows("authenticated"));
/// # Ok::<_, loopwright::Error>(())
/// ```
///
/// Its [`Display`](std::fmt::Display) is an aligned text, and it is serialised as the command prints it as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AccessMatrix {
    /// The methods, in the order of the models and of their routes.
    pub rows: Vec<AccessRow>,
    /// What holds besides for those who may call: which rows they reach, and who reads or writes which property. What is not
    /// named here is not limited.
    pub limits: Vec<AccessLimit>,
    /// What the rows can't tell, in sentences.
    pub notes: Vec<String>,
}

/// Who may call one method.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AccessRow {
    /// The name of the model.
    pub model: String,
    /// The name of the method, as rules know it: `findById`, `__get__reviews`.
    pub method: String,
    /// What the method does to the data: `READ`, `WRITE` or `EXECUTE`.
    pub access: String,
    /// The ways to call it: `GET /api/Orders/{id}`.
    pub routes: Vec<String>,
    /// One for each kind of caller. All rows of a model have the same ones, in the same order.
    pub cells: Vec<AccessCell>,
}

/// May one kind of caller call a method?
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AccessCell {
    /// `anonymous`, `authenticated`, `owner` (of the instances that the path names), `related` to them, `role:<name>`,
    /// `user:<id>` or `app:<id>`; whoever is not anonymous is logged in and nothing else besides.
    pub caller: String,
    /// May they?
    pub allowed: bool,
    /// The rule that decides, as it is written; none when no rule is about the caller, which is a refusal.
    pub rule: Option<String>,
    /// The model whose rule it is, where that is one that the method's relation leads to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

impl AccessMatrix {
    pub(crate) fn new(rows: Vec<AccessRow>, limits: Vec<AccessLimit>, notes: Vec<String>) -> Self {
        AccessMatrix {
            rows,
            limits,
            notes,
        }
    }

    /// The row of a method, such as `findById`, if the model is served and has it.
    pub fn row(&self, model: &str, method: &str) -> Option<&AccessRow> {
        let mut rows = self.rows.iter();
        rows.find(|row| row.model == model && row.method == method)
    }
}

impl AccessRow {
    pub(crate) fn new(
        model: &str,
        method: &str,
        access: AccessType,
        route: String,
        cells: Vec<AccessCell>,
    ) -> Self {
        AccessRow {
            model: model.to_owned(),
            method: method.to_owned(),
            access: access.as_str().to_owned(),
            routes: vec![route],
            cells,
        }
    }

    /// Adds a way to call the method, and what is decided about those who go it.
    pub(crate) fn add_route(&mut self, route: String, cells: Vec<AccessCell>) {
        self.routes.push(route);
        for (known, cell) in self.cells.iter_mut().zip(cells) {
            // Whoever finds one way open may call the method.
            if cell.allowed && !known.allowed {
                *known = cell;
            }
        }
    }

    /// May such a caller call the method? Whom no rule of the model or its relations names is `authenticated` like others.
    pub fn allows(&self, caller: &str) -> bool {
        self.cell(caller).is_some_and(|cell| cell.allowed)
    }

    /// What decides about such a caller.
    fn cell(&self, caller: &str) -> Option<&AccessCell> {
        let cell = |caller| self.cells.iter().find(|cell| cell.caller == caller);
        cell(caller).or_else(|| cell("authenticated"))
    }
}

impl AccessCell {
    pub(crate) fn new(
        caller: String,
        allowed: bool,
        rule: Option<String>,
        model: Option<&str>,
    ) -> Self {
        AccessCell {
            caller,
            allowed,
            rule,
            model: model.map(str::to_owned),
        }
    }
}

#[cfg(test)]
mod tests;

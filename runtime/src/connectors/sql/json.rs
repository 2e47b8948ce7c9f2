//! JSON columns in each database's own words.
//!
//! JSON is handed on as JSON (`jsonb`, or text that holds it) until a scalar is taken out of it. A scalar of another type
//! than the one that is asked for is null, as is what isn't there.

use sea_orm::DbBackend;
use sea_orm::sea_query::{Alias, Expr, Value as Bound};
use serde_json::{Map, Value as Json};

use crate::model::PropertyType;
use crate::query::Step;

/// An expression that is JSON.
#[derive(Clone)]
pub(super) struct JsonExpr {
    backend: DbBackend,
    expr: Expr,
}

impl JsonExpr {
    pub fn new(backend: DbBackend, expr: Expr) -> Self {
        JsonExpr { backend, expr }
    }

    pub fn backend(&self) -> DbBackend {
        self.backend
    }

    fn with(&self, expr: Expr) -> Self {
        JsonExpr::new(self.backend, expr)
    }

    /// An expression with the JSON for each `?`.
    pub fn words(&self, sql: &'static str) -> Expr {
        let holes = sql.matches('?').count();
        self.words_and(sql, vec![self.expr.clone(); holes])
    }

    /// An expression with one of `parts` for each `?`.
    fn words_and(&self, sql: &'static str, parts: Vec<Expr>) -> Expr {
        let mut words = String::from("(");
        let mut pieces = sql.split('?');
        words.push_str(pieces.next().unwrap_or_default());
        for (number, piece) in (1..).zip(pieces) {
            match self.backend {
                // Numbered there.
                DbBackend::Postgres => words.push_str(&format!("${number}")),
                _ => words.push('?'),
            }
            words.push_str(piece);
        }
        words.push(')');
        Expr::cust_with_exprs(words, parts)
    }

    /// What one step leads to: the member of an object, the item of a list. Nothing when the database has no words for
    /// the step.
    pub fn at(&self, step: &Step) -> Option<Self> {
        match (self.backend, step) {
            (DbBackend::Postgres, step) => {
                // A number that counts from the end is a member's name here.
                let name = step.to_string();
                let item = matches!(step, Step::Index(_));
                if name.contains('\0') {
                    return None;
                }
                let parts = vec![self.expr.clone(), Expr::val(name)];
                let words = if item {
                    "jsonb_extract_path(?, ?)"
                } else {
                    "? -> ?"
                };
                Some(self.with(self.words_and(words, parts)))
            }
            (_, Step::Member(name)) => self.member(name),
            (_, Step::Index(index)) => {
                // One path would do, but MySQL takes what is no list for a list of one.
                let item = self.path(format!("$[{index}]"));
                let member = self.member(&index.to_string())?;
                let words = "CASE WHEN ? THEN ? ELSE ? END";
                let parts = vec![self.is_list(), item.expr, member.expr];
                Some(self.with(self.words_and(words, parts)))
            }
        }
    }

    /// The object, or a new one in the place of null, with these members. Nothing when the database has no words for the
    /// name of one.
    pub fn with_members(&self, members: &Map<String, Json>) -> Option<Expr> {
        if self.backend == DbBackend::Postgres {
            let members = Bound::Json(Some(Box::new(Json::Object(members.clone()))));
            let parts = vec![self.expr.clone(), Expr::val(members)];
            return Some(self.words_and("COALESCE(?, '{}'::jsonb) || ?", parts));
        }
        let words = match self.backend {
            DbBackend::MySql => "JSON_SET(?, ?, JSON_EXTRACT(?, '$'))",
            _ => "json_set(?, ?, json(?))",
        };
        let object = self.words("COALESCE(?, '{}')");
        members.iter().try_fold(object, |object, (name, json)| {
            let parts = vec![
                object,
                Expr::val(member_path(name)?),
                Expr::val(json.to_string()),
            ];
            Some(self.words_and(words, parts))
        })
    }

    fn member(&self, name: &str) -> Option<Self> {
        member_path(name).map(|path| self.path(path))
    }

    fn path(&self, path: String) -> Self {
        let words = match self.backend {
            DbBackend::MySql => "JSON_EXTRACT(?, ?)",
            _ => "? -> ?",
        };
        self.with(self.words_and(words, vec![self.expr.clone(), Expr::val(path)]))
    }

    /// The scalar as a column of the type `ty`; nothing when it would not compare as one.
    pub fn scalar(&self, ty: PropertyType) -> Option<Expr> {
        use PropertyType::{Boolean, Decimal, Float, Integer, String};

        let words = match (self.backend, ty) {
            (DbBackend::Postgres, Boolean) => {
                "CASE WHEN jsonb_typeof(?) = 'boolean' THEN (? #>> '{}')::boolean END"
            }
            (DbBackend::Postgres, Integer { .. } | Float) => {
                "CASE WHEN jsonb_typeof(?) = 'number' THEN (? #>> '{}')::numeric END"
            }
            (DbBackend::Postgres, Decimal) => {
                "CASE WHEN jsonb_typeof(?) = 'string' THEN (? #>> '{}')::numeric END"
            }
            (DbBackend::Postgres, String) => {
                "CASE WHEN jsonb_typeof(?) = 'string' THEN ? #>> '{}' END COLLATE \"C\""
            }
            (DbBackend::MySql, Boolean) => {
                "CASE WHEN JSON_TYPE(?) = 'BOOLEAN' THEN JSON_UNQUOTE(?) = 'true' END"
            }
            (DbBackend::MySql, Integer { .. }) => {
                "CASE WHEN JSON_TYPE(?) = 'INTEGER' THEN CAST(JSON_UNQUOTE(?) AS SIGNED) END"
            }
            (DbBackend::MySql, Float) => {
                "CASE WHEN JSON_TYPE(?) NOT IN ('STRING', 'BOOLEAN', 'NULL', 'OBJECT', 'ARRAY') \
                 THEN CAST(JSON_UNQUOTE(?) AS DOUBLE) END"
            }
            (DbBackend::MySql, Decimal) => {
                "CASE WHEN JSON_TYPE(?) = 'STRING' THEN CAST(JSON_UNQUOTE(?) AS DECIMAL(57, 28)) END"
            }
            (DbBackend::MySql, String) => {
                "CASE WHEN JSON_TYPE(?) = 'STRING' THEN JSON_UNQUOTE(?) END COLLATE utf8mb4_bin"
            }
            (_, Boolean) => "CASE json_type(?) WHEN 'true' THEN 1 WHEN 'false' THEN 0 END",
            (_, Integer { .. } | Float) => {
                "CASE WHEN json_type(?) IN ('integer', 'real') THEN ? ->> '$' END"
            }
            (_, Decimal | String) => "CASE json_type(?) WHEN 'text' THEN ? ->> '$' END",
            _ => return None,
        };
        Some(self.words(words))
    }

    /// Is it null, or not there?
    pub fn is_null(&self) -> Expr {
        self.words(match self.backend {
            DbBackend::Postgres => "COALESCE(jsonb_typeof(?), 'null') = 'null'",
            DbBackend::MySql => "COALESCE(JSON_TYPE(?), 'NULL') = 'NULL'",
            _ => "COALESCE(json_type(?), 'null') = 'null'",
        })
    }

    fn is_list(&self) -> Expr {
        self.words(match self.backend {
            DbBackend::Postgres => "jsonb_typeof(?) = 'array'",
            DbBackend::MySql => "JSON_TYPE(?) = 'ARRAY'",
            _ => "json_type(?) = 'array'",
        })
    }

    /// Is it a list without items?
    pub fn is_empty_list(&self) -> Expr {
        self.words(match self.backend {
            DbBackend::Postgres => {
                "CASE WHEN jsonb_typeof(?) = 'array' THEN jsonb_array_length(?) END = 0"
            }
            DbBackend::MySql => "CASE WHEN JSON_TYPE(?) = 'ARRAY' THEN JSON_LENGTH(?) END = 0",
            _ => "CASE json_type(?) WHEN 'array' THEN json_array_length(?) END = 0",
        })
    }

    /// Is it a list, and does `test` hold for one of its items? `level` tells lists within lists apart.
    pub fn any(&self, level: usize, test: impl FnOnce(JsonExpr) -> Option<Expr>) -> Option<Expr> {
        let name = format!("item{level}");
        let column =
            |column: &'static str| Expr::col((Alias::new(name.clone()), Alias::new(column)));
        let (item, words) = match self.backend {
            DbBackend::Postgres => (
                column("value"),
                "EXISTS (SELECT 1 FROM jsonb_array_elements(CASE WHEN jsonb_typeof(?) = 'array' THEN ? END) \
                 AS ?(value) WHERE ?)",
            ),
            DbBackend::MySql => (
                column("value"),
                "EXISTS (SELECT 1 FROM JSON_TABLE(CASE WHEN JSON_TYPE(?) = 'ARRAY' THEN ? END, \
                 '$[*]' COLUMNS (value JSON PATH '$')) AS ? WHERE ?)",
            ),
            _ => (
                // The text of an item's number is not always that of its JSON.
                self.words_and(
                    "? -> ('$[' || ? || ']')",
                    vec![self.expr.clone(), column("key")],
                ),
                "EXISTS (SELECT 1 FROM json_each(CASE json_type(?) WHEN 'array' THEN ? END) AS ? WHERE ?)",
            ),
        };
        let test = test(self.with(item))?;
        let alias = Expr::col(Alias::new(name));
        let parts = vec![self.expr.clone(), self.expr.clone(), alias, test];
        Some(self.words_and(words, parts))
    }
}

/// The path to a member of an object, if every database reads it alike.
fn member_path(name: &str) -> Option<String> {
    let strange = |character: char| character.is_control() || matches!(character, '"' | '\\');
    // MariaDB finds no member whose name begins with `-`.
    let known = !name.contains(strange) && !name.starts_with('-');
    known.then(|| format!("$.\"{name}\""))
}

//! What a live schema lacks, has in another form, or has beyond the models: a pure comparison of two catalogues.

use sea_orm::DbBackend;

use super::wanted;
use crate::connectors::sql::catalogue::{Column, ColumnKind, ForeignKey, Index, Table};
use crate::model::{ModelDef, PropertyDef, PropertyType, Rule};

/// One difference between a table and its model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    /// Named when it is the model that asks for the change.
    pub(super) model: Option<&'static str>,
    pub(super) table: String,
    pub(super) action: Action,
}

/// What ends a difference, in the order in which it is done: what a step needs comes before it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[rustfmt::skip]
pub(super) enum Phase { Create, Replace, Alter, Index, Key, Comment, Drop }

/// What ends a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Action {
    CreateTable(Table),
    AddColumn(Column),
    ChangeType {
        from: Column,
        to: Column,
    },
    /// With the default that stands in for null.
    SetNotNull(Column),
    DropNotNull(Column),
    AddIndex(Index),
    AddForeignKey(ForeignKey),
    /// From the columns of one primary key to those of another: for a person to do, since others refer to it.
    ChangeKey {
        from: Vec<String>,
        to: Vec<String>,
    },
    CommentTable(String),
    CommentColumn(Column),
    DropForeignKey(ForeignKey),
    DropIndex(Index),
    DropColumn(Column),
    DropTable,
}

impl Change {
    pub(super) fn phase(&self) -> Phase {
        match &self.action {
            // What takes its place comes later.
            Action::DropForeignKey(_) => Phase::Replace,
            Action::DropIndex(_) if self.model.is_some() => Phase::Replace,
            Action::CreateTable(_) => Phase::Create,
            Action::AddColumn(_)
            | Action::ChangeType { .. }
            | Action::SetNotNull(_)
            | Action::DropNotNull(_)
            | Action::ChangeKey { .. } => Phase::Alter,
            Action::AddIndex(_) => Phase::Index,
            Action::AddForeignKey(_) => Phase::Key,
            Action::CommentTable(_) | Action::CommentColumn(_) => Phase::Comment,
            Action::DropIndex(_) | Action::DropColumn(_) | Action::DropTable => Phase::Drop,
        }
    }
}

/// Are these the same name? Only PostgreSQL minds the case of a quoted one.
pub(super) fn same(backend: DbBackend, one: &str, other: &str) -> bool {
    match backend {
        DbBackend::Postgres => one == other,
        _ => one.eq_ignore_ascii_case(other),
    }
}

/// The table called `name`.
pub(super) fn find<'a>(backend: DbBackend, tables: &'a [Table], name: &str) -> Option<&'a Table> {
    tables.iter().find(|table| same(backend, &table.name, name))
}

/// Everything that would make the `tables` what `models` say, in the order in which it is to be done. What is beyond the
/// models comes last.
pub(super) fn differences(
    backend: DbBackend,
    models: &[&'static ModelDef],
    tables: &[Table],
) -> Vec<Change> {
    let mut state = tables.to_vec();
    let mut changes = Vec::new();
    for model in models {
        let wanted = wanted::table(backend, model, models);
        let actions = match find(backend, &state, model.table) {
            None => create(backend, &wanted),
            // A model over a view reads what it finds there.
            Some(view) if view.view => continue,
            Some(actual) => update(backend, model, &wanted, actual),
        };
        for action in actions {
            let change = Change {
                model: Some(model.name),
                table: model.table.to_owned(),
                action,
            };
            // Several models may share a table.
            simulate(backend, &mut state, &change);
            changes.push(change);
        }
    }
    changes.extend(beyond(backend, models, tables));
    changes.sort_by_key(Change::phase);
    changes
}

fn create(backend: DbBackend, wanted: &Table) -> Vec<Action> {
    let mut table = wanted.clone();
    table.indexes = Vec::new();
    table
        .columns
        .iter_mut()
        .for_each(|column| column.default = None);
    let mut actions = Vec::new();
    actions.extend(wanted.indexes.iter().cloned().map(Action::AddIndex));
    if backend != DbBackend::Sqlite {
        // The other table may come later.
        let keys = std::mem::take(&mut table.foreign_keys);
        actions.extend(keys.into_iter().map(Action::AddForeignKey));
    }
    actions.insert(0, Action::CreateTable(table));
    actions
}

fn update(
    backend: DbBackend,
    model: &'static ModelDef,
    wanted: &Table,
    actual: &Table,
) -> Vec<Action> {
    let mut actions = Vec::new();
    if !is_key(backend, actual, &wanted.primary_key) {
        actions.push(Action::ChangeKey {
            from: actual.primary_key.clone(),
            to: wanted.primary_key.clone(),
        });
    }
    for (property, column) in model.properties.iter().zip(&wanted.columns) {
        let there = |other: &&Column| same(backend, &other.name, &column.name);
        let Some(found) = actual.columns.iter().find(there) else {
            actions.extend(add_column(column));
            continue;
        };
        if !fits(backend, property, &column.kind, &found.kind) {
            let (from, to) = (found.clone(), retyped(found, column));
            actions.push(Action::ChangeType { from, to });
        }
        if !property.id && found.nullable && !column.nullable {
            actions.push(Action::SetNotNull(Column {
                name: found.name.clone(),
                ..column.clone()
            }));
        }
        if !property.id && !found.nullable && column.nullable && !is_filled_in(found) {
            actions.push(Action::DropNotNull(found.clone()));
        }
        if column.comment.is_some() && column.comment != found.comment {
            actions.push(Action::CommentColumn(Column {
                comment: column.comment.clone(),
                ..found.clone()
            }));
        }
    }
    for index in &wanted.indexes {
        let serves = |other: &Index| serves(backend, other, index);
        if actual.indexes.iter().any(serves) {
            continue;
        }
        let named = |other: &&Index| same(backend, &other.name, &index.name);
        let found = actual.indexes.iter().find(named);
        actions.extend(found.cloned().map(Action::DropIndex));
        actions.push(Action::AddIndex(index.clone()));
    }
    for key in &wanted.foreign_keys {
        let like = |other: &&ForeignKey| is_like(backend, other, key);
        let found = actual.foreign_keys.iter().find(like);
        if found.is_some_and(|found| on_delete(found) == on_delete(key)) {
            continue;
        }
        actions.extend(found.cloned().map(Action::DropForeignKey));
        actions.push(Action::AddForeignKey(key.clone()));
    }
    if let Some(comment) = &wanted.comment
        && wanted.comment != actual.comment
    {
        actions.push(Action::CommentTable(comment.clone()));
    }
    actions
}

/// Has the database a value of its own for a new row, other than a constant? What it forbids is then no obstacle to a row
/// that lacks the value.
fn is_filled_in(column: &Column) -> bool {
    let computes = |default: &str| {
        let default = default.trim_start_matches('(');
        let word = default
            .get(..8)
            .is_some_and(|word| word.eq_ignore_ascii_case("current_"));
        word || !default.starts_with('\'') && default.contains('(')
    };
    column.generated || column.default.as_deref().is_some_and(computes)
}

/// Do these columns identify a row?
fn is_key(backend: DbBackend, table: &Table, key: &[String]) -> bool {
    let unique = table.indexes.iter().filter(|index| index.unique);
    let mut keys = unique
        .map(|index| &index.columns)
        .chain([&table.primary_key]);
    keys.any(|other| {
        // In any order: that is about speed, not about what one row at most may have.
        let has = |name: &String| other.iter().any(|other| same(backend, other, name));
        other.len() == key.len() && key.iter().all(has)
    })
}

/// The rows that are there need a value: the default, or null until somebody has given them one.
fn add_column(column: &Column) -> Vec<Action> {
    if column.nullable || column.default.is_some() {
        let default = column.default.clone().filter(|_| !column.nullable);
        return vec![Action::AddColumn(Column {
            default,
            ..column.clone()
        })];
    }
    let added = Column {
        nullable: true,
        ..column.clone()
    };
    vec![Action::AddColumn(added), Action::SetNotNull(column.clone())]
}

/// The live column with the type that is wanted.
fn retyped(found: &Column, wanted: &Column) -> Column {
    Column {
        kind: wanted.kind.clone(),
        declared: wanted.declared.clone(),
        collation: None,
        ..found.clone()
    }
}

/// Does `index` do what is asked of `wanted`?
fn serves(backend: DbBackend, index: &Index, wanted: &Index) -> bool {
    let columns = |a: &[String], b: &[String]| {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(backend, a, b))
    };
    // An index is read in both directions.
    let opposite = || -> Vec<String> {
        let ascending = wanted.columns.iter();
        let ascending = ascending.filter(|column| !wanted.descending.contains(column));
        ascending.cloned().collect()
    };
    columns(&index.columns, &wanted.columns)
        && index.coordinates == wanted.coordinates
        && (index.unique || !wanted.unique)
        && (columns(&index.descending, &wanted.descending)
            || columns(&index.descending, &opposite()))
}

/// Do both keys lead from the same columns to the same place?
fn is_like(backend: DbBackend, one: &ForeignKey, other: &ForeignKey) -> bool {
    let names = |key: &ForeignKey| -> Vec<String> {
        let columns = key.columns.iter().chain(&key.target_columns);
        columns.chain([&key.target_table]).cloned().collect()
    };
    let (one, other) = (names(one), names(other));
    one.len() == other.len() && one.iter().zip(&other).all(|(a, b)| same(backend, a, b))
}

/// What happens on a delete. The two ways to refuse differ within a transaction only, and MySQL has but one.
fn on_delete(key: &ForeignKey) -> &str {
    match key.on_delete.as_str() {
        "RESTRICT" => "NO ACTION",
        other => other,
    }
}

/// What the tables have beyond the models.
fn beyond(backend: DbBackend, models: &[&'static ModelDef], tables: &[Table]) -> Vec<Change> {
    let mut changes = Vec::new();
    for actual in tables.iter().filter(|table| !table.view) {
        let mut drop = |action| {
            changes.push(Change {
                model: None,
                table: actual.name.clone(),
                action,
            });
        };
        let wanted: Vec<Table> = models
            .iter()
            .filter(|model| same(backend, model.table, &actual.name))
            .map(|model| wanted::table(backend, model, models))
            .collect();
        if wanted.is_empty() {
            drop(Action::DropTable);
            continue;
        }
        let extra = |column: &&Column| {
            let mut columns = wanted.iter().flat_map(|table| &table.columns);
            !columns.any(|other| same(backend, &other.name, &column.name))
        };
        for index in &actual.indexes {
            let mut asked = wanted.iter().flat_map(|table| &table.indexes);
            // A foreign key of MySQL needs an index, whoever made it.
            let mut keys = actual.foreign_keys.iter();
            let needed = backend == DbBackend::MySql
                && keys.any(|key| index.columns.starts_with(&key.columns));
            let has = |wanted: &Index| {
                // One of that name is replaced.
                serves(backend, index, wanted) || same(backend, &index.name, &wanted.name)
            };
            if !needed && !asked.any(has) {
                drop(Action::DropIndex(index.clone()));
            }
        }
        for key in &actual.foreign_keys {
            let mut asked = wanted.iter().flat_map(|table| &table.foreign_keys);
            if !asked.any(|wanted| is_like(backend, key, wanted)) {
                drop(Action::DropForeignKey(key.clone()));
            }
        }
        for column in actual.columns.iter().filter(extra) {
            drop(Action::DropColumn(column.clone()));
        }
    }
    changes
}

/// Can a column of the kind `actual` keep whatever the property holds, and does the connector read it? A column that is
/// wider than asked for is left alone.
fn fits(
    backend: DbBackend,
    property: &PropertyDef,
    wanted: &ColumnKind,
    actual: &ColumnKind,
) -> bool {
    use ColumnKind as Kind;

    if wanted == actual {
        return true;
    }
    let sqlite = backend == DbBackend::Sqlite;
    let text = matches!(actual, Kind::Text { length: None });
    match (property.ty, actual) {
        (PropertyType::Boolean, Kind::Integer { .. }) => backend != DbBackend::Postgres,
        (PropertyType::Integer { .. }, Kind::Integer { .. }) if sqlite => true,
        (PropertyType::Integer { min, max }, Kind::Integer { bits, unsigned }) => {
            let shift = u32::from(*bits) - u32::from(!unsigned);
            let most = 1_i64.checked_shl(shift).filter(|most| *most > 0);
            let most = most.map_or(i64::MAX, |most| most - 1);
            max <= most && (min >= 0 || (!unsigned && min >= -most - 1))
        }
        // SQLite's numbers are of all types at once.
        (PropertyType::Integer { .. } | PropertyType::Float, Kind::Decimal { .. }) => sqlite,
        (PropertyType::Decimal, Kind::Integer { .. } | Kind::Float { .. }) => sqlite,
        (PropertyType::Float, Kind::Float { .. })
        | (PropertyType::Decimal, Kind::Decimal { .. })
        | (PropertyType::DateTime, Kind::Timestamp { .. })
        | (PropertyType::Date, Kind::Date)
        | (PropertyType::Uuid, Kind::Uuid)
        | (PropertyType::Bytes, Kind::Bytes) => true,
        (PropertyType::Enum(words), Kind::Enum(labels)) => {
            let labelled = |word: &&str| labels.iter().any(|label| label == word);
            backend == DbBackend::MySql && words.iter().all(labelled)
        }
        (PropertyType::Enum(words), Kind::Text { length }) => {
            let longest = words.iter().map(|word| word.chars().count()).max();
            let longest = longest.and_then(|longest| u32::try_from(longest).ok());
            length.is_none_or(|length| longest.unwrap_or_default() <= length)
        }
        (PropertyType::String, Kind::Text { length }) => {
            let limit = match wanted {
                Kind::Text { length } => length.or(limit(property)),
                _ => limit(property),
            };
            length.is_none_or(|length| sqlite || limit.is_some_and(|limit| limit <= length))
        }
        (PropertyType::ObjectId, Kind::Text { length }) => {
            length.is_none_or(|length| sqlite || length >= 24)
        }
        (PropertyType::Uuid, Kind::Text { length }) if backend != DbBackend::Postgres => {
            length.is_none_or(|length| sqlite || length >= 36)
        }
        (ty, Kind::Json) => ty.is_structured(),
        (ty, Kind::Text { .. }) if ty.is_structured() => text && backend != DbBackend::Postgres,
        _ => false,
    }
}

/// The longest text that the property's rules let through.
fn limit(property: &PropertyDef) -> Option<u32> {
    let limits = property.binding_rules().filter_map(|rule| match rule {
        Rule::Length { max, is, .. } => is.or(*max),
        _ => None,
    });
    limits.min().and_then(|limit| u32::try_from(limit).ok())
}

/// Does every value of `from` become the same value of `to`?
pub(super) fn widens(from: &ColumnKind, to: &ColumnKind) -> bool {
    use ColumnKind as Kind;

    match (from, to) {
        (
            Kind::Integer { bits, unsigned },
            Kind::Integer {
                bits: more,
                unsigned: still,
            },
        ) => match (unsigned, still) {
            (true, true) | (false, false) => bits <= more,
            (true, false) => bits < more,
            (false, true) => false,
        },
        (Kind::Float { bits }, Kind::Float { bits: more }) => bits <= more,
        (Kind::Text { length }, Kind::Text { length: more }) => {
            more.is_none_or(|more| length.is_some_and(|length| length <= more))
        }
        (Kind::Enum(_) | Kind::Uuid, Kind::Text { length: None })
        | (Kind::Boolean, Kind::Integer { .. })
        | (
            Kind::Integer { .. },
            Kind::Decimal {
                precision: None, ..
            },
        ) => true,
        _ => false,
    }
}

/// The tables after `change`.
pub(super) fn simulate(backend: DbBackend, tables: &mut Vec<Table>, change: &Change) {
    if let Action::CreateTable(table) = &change.action {
        tables.push(table.clone());
        return;
    }
    if change.action == Action::DropTable {
        tables.retain(|table| !same(backend, &table.name, &change.table));
        return;
    }
    let there = |table: &&mut Table| same(backend, &table.name, &change.table);
    let Some(table) = tables.iter_mut().find(there) else {
        return;
    };
    let mut replace = |column: &Column, edit: &dyn Fn(&mut Column)| {
        let mut columns = table.columns.iter_mut();
        if let Some(found) = columns.find(|found| same(backend, &found.name, &column.name)) {
            edit(found);
        }
    };
    match &change.action {
        Action::CreateTable(_) | Action::DropTable | Action::ChangeKey { .. } => {}
        Action::AddColumn(column) => table.columns.push(column.clone()),
        Action::ChangeType { from, to } => replace(from, &|found| {
            found.kind = to.kind.clone();
            found.declared.clone_from(&to.declared);
            found.collation.clone_from(&to.collation);
        }),
        Action::SetNotNull(column) => replace(column, &|found| found.nullable = false),
        Action::DropNotNull(column) => replace(column, &|found| found.nullable = true),
        Action::CommentColumn(column) => replace(column, &|found| {
            found.comment.clone_from(&column.comment);
        }),
        Action::CommentTable(comment) => table.comment = Some(comment.clone()),
        Action::AddIndex(index) => table.indexes.push(index.clone()),
        Action::AddForeignKey(key) => table.foreign_keys.push(key.clone()),
        Action::DropForeignKey(key) => table.foreign_keys.retain(|other| other != key),
        Action::DropIndex(index) => table.indexes.retain(|other| other != index),
        Action::DropColumn(column) => {
            table.columns.retain(|other| other.name != column.name);
            table
                .indexes
                .retain(|index| !index.columns.contains(&column.name));
        }
    }
}

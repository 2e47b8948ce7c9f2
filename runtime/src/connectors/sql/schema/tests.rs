//! Comparisons without a database.

use expect_test::{Expect, expect};
use sea_orm::DbBackend;

use super::assess::Live;
use super::difference::{Action, Change, differences, simulate};
use super::statement::Writer;
use super::wanted;
use crate::connectors::sql::catalogue::{ColumnKind, Table};
use crate::model::ModelDef;
use crate::testing::models::{GROWN_SHOP, ITEM, SHOP, TAG, THING};

/// What is to be done to `tables`, as SQL.
fn sql(backend: DbBackend, models: &[&'static ModelDef], tables: &[Table]) -> String {
    let writer = Writer {
        backend,
        sources: &[],
    };
    let mut before = tables.to_vec();
    let mut statements = Vec::new();
    for change in differences(backend, models, tables) {
        let mut after = before.clone();
        simulate(backend, &mut after, &change);
        statements.extend(writer.statements(&change, &before, &after, false));
        before = after;
    }
    statements.join(";\n")
}

fn wanted_tables(backend: DbBackend, models: &[&'static ModelDef]) -> Vec<Table> {
    let table = |model: &&'static ModelDef| wanted::table(backend, model, models);
    models.iter().map(table).collect()
}

#[test]
fn what_is_as_wanted_has_no_differences() {
    for backend in [DbBackend::Sqlite, DbBackend::Postgres, DbBackend::MySql] {
        let models: [&ModelDef; 4] = [&THING, &ITEM, &TAG, &GROWN_SHOP];
        let tables = wanted_tables(backend, &models);
        assert_eq!(differences(backend, &models, &tables), []);
    }
}

#[test]
fn wider_columns_are_left_alone_and_narrower_ones_are_widened() {
    let backend = DbBackend::Postgres;
    let mut tables = wanted_tables(backend, &[&TAG]);
    let column = |tables: &mut [Table], length| {
        tables[0].columns[1].kind = ColumnKind::Text { length };
        tables[0].columns[1].declared = "character varying(n)".to_owned();
    };
    // The rule is ten characters.
    for wide in [None, Some(10), Some(200)] {
        column(&mut tables, wide);
        assert_eq!(differences(backend, &[&TAG], &tables), []);
    }
    column(&mut tables, Some(9));
    let changes = differences(backend, &[&TAG], &tables);
    assert!(
        matches!(
            changes.as_slice(),
            [Change {
                action: Action::ChangeType { .. },
                ..
            }]
        ),
        "{changes:?}"
    );
    let live = Live {
        backend,
        tables: &tables,
        nulls: Vec::new(),
        rigid: Vec::new(),
    };
    let difference = live.assess(&[&TAG], &changes[0], &changes);
    assert_eq!(difference.lossy, None);
    tables[0].columns[1].kind = ColumnKind::Date;
    let changes = differences(backend, &[&TAG], &tables);
    assert!(live.assess(&[&TAG], &changes[0], &changes).lossy.is_some());
}

#[test]
fn a_table_grows() {
    let check = |backend, expected: Expect| {
        let tables = wanted_tables(backend, &[&SHOP]);
        expected.assert_eq(&sql(backend, &[&GROWN_SHOP], &tables));
    };
    check(DbBackend::Postgres, expect![""]);
    check(DbBackend::MySql, expect![""]);
    check(DbBackend::Sqlite, expect![""]);
}

#[test]
fn a_column_that_goes_and_one_that_comes_may_be_a_rename() {
    let backend = DbBackend::Sqlite;
    let mut tables = wanted_tables(backend, &[&TAG]);
    tables[0].columns[1].name = "color".to_owned();
    let changes = differences(backend, &[&TAG], &tables);
    let live = Live {
        backend,
        tables: &tables,
        nulls: Vec::new(),
        rigid: Vec::new(),
    };
    let added = live.assess(&[&TAG], &changes[0], &changes);
    let hint = "if this is a rename, run instead: ALTER TABLE \"lw_tag\" RENAME COLUMN \"color\" TO \"colour\"";
    assert_eq!(added.notes, [hint]);
}

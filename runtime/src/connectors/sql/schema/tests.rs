//! Comparisons without a database.

use expect_test::{Expect, expect};
use sea_orm::DbBackend;

use super::assess::Live;
use super::difference::{Action, Change, differences, simulate};
use super::rebuild::only_in_statement;
use super::statement::Writer;
use super::wanted;
use crate::connectors::sql::catalogue::{ColumnKind, Index, Table};
use crate::model::ModelDef;
use crate::testing::models::{BENCH, GROWN_SHOP, ITEM, SEAT, SHOP, TAG, THING};

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

/// A PostgreSQL database without any rows.
fn live(tables: &[Table]) -> Live<'_> {
    Live {
        backend: DbBackend::Postgres,
        tables,
        nulls: Vec::new(),
        rigid: Vec::new(),
    }
}

fn wanted_tables(backend: DbBackend, models: &[&'static ModelDef]) -> Vec<Table> {
    let table = |model: &&'static ModelDef| wanted::table(backend, model, models);
    models.iter().map(table).collect()
}

#[test]
fn what_is_as_wanted_has_no_differences() {
    for backend in [DbBackend::Sqlite, DbBackend::Postgres, DbBackend::MySql] {
        let models: [&ModelDef; 5] = [&THING, &ITEM, &TAG, &GROWN_SHOP, &SEAT];
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
    assert_eq!(
        live(&tables).assess(&[&TAG], &changes[0], &changes).lossy,
        None
    );
    tables[0].columns[1].kind = ColumnKind::Date;
    let changes = differences(backend, &[&TAG], &tables);
    let difference = live(&tables).assess(&[&TAG], &changes[0], &changes);
    assert!(difference.lossy.is_some());
}

#[test]
fn what_the_database_fills_in_need_not_allow_null() {
    let backend = DbBackend::Postgres;
    let mut tables = wanted_tables(backend, &[&ITEM]);
    let optional = tables[0].columns.iter().position(|column| column.nullable);
    let Some(optional) = optional else {
        panic!("the model has an optional property")
    };
    let column = &mut tables[0].columns[optional];
    column.nullable = false;
    for default in ["now()", "CURRENT_TIMESTAMP", "(lower('A'))"] {
        tables[0].columns[optional].default = Some(default.to_owned());
        assert_eq!(differences(backend, &[&ITEM], &tables), [], "{default}");
    }
    for default in [None, Some("'a(b)'::text"), Some("(0)")] {
        tables[0].columns[optional].default = default.map(str::to_owned);
        let changes = differences(backend, &[&ITEM], &tables);
        let relaxed = matches!(
            changes.as_slice(),
            [Change {
                action: Action::DropNotNull(_),
                ..
            }]
        );
        assert!(relaxed, "{default:?}: {changes:?}");
    }
}

#[test]
fn a_table_grows() {
    let check = |backend, expected: Expect| {
        let tables = wanted_tables(backend, &[&SHOP]);
        expected.assert_eq(&sql(backend, &[&GROWN_SHOP], &tables));
    };
    check(
        DbBackend::Postgres,
        expect![[r#"
        ALTER TABLE "lw_shop" ADD COLUMN "city" text COLLATE "C" NOT NULL DEFAULT E'Ber\'l\\in';
        ALTER TABLE "lw_shop" ADD COLUMN "story" text COLLATE "C" NOT NULL DEFAULT 'once';
        ALTER TABLE "lw_shop" ADD COLUMN "open" boolean NOT NULL DEFAULT TRUE;
        ALTER TABLE "lw_shop" ADD COLUMN "fee" numeric NOT NULL DEFAULT 1.5;
        ALTER TABLE "lw_shop" ADD COLUMN "since" timestamp with time zone NOT NULL DEFAULT '2020-02-29 12:00:00.500000 +00:00';
        ALTER TABLE "lw_shop" ADD COLUMN "rank" bigint;
        ALTER TABLE "lw_shop" ALTER COLUMN "rank" SET NOT NULL;
        ALTER TABLE "lw_shop" ADD COLUMN "place" jsonb;
        CREATE UNIQUE INDEX "lw_shop_name_key" ON "lw_shop" ("name");
        CREATE INDEX "lw_shop_city_index" ON "lw_shop" ("city");
        CREATE INDEX "lw_shop_place_index" ON "lw_shop" ((CASE WHEN jsonb_typeof("place" -> 'lat') = 'number' THEN ("place" ->> 'lat')::double precision END), (CASE WHEN jsonb_typeof("place" -> 'lng') = 'number' THEN ("place" ->> 'lng')::double precision END))"#]],
    );
    check(
        DbBackend::MySql,
        expect![[r#"
        ALTER TABLE `lw_shop` ADD COLUMN `city` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT ('Ber\'l\\in');
        ALTER TABLE `lw_shop` ADD COLUMN `story` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT ('once');
        ALTER TABLE `lw_shop` ADD COLUMN `open` boolean NOT NULL DEFAULT (TRUE);
        ALTER TABLE `lw_shop` ADD COLUMN `fee` decimal(57, 28) NOT NULL DEFAULT (1.5);
        ALTER TABLE `lw_shop` ADD COLUMN `since` datetime(6) NOT NULL DEFAULT ('2020-02-29 12:00:00.500000');
        ALTER TABLE `lw_shop` ADD COLUMN `rank` bigint NULL;
        ALTER TABLE `lw_shop` MODIFY COLUMN `rank` bigint NOT NULL;
        ALTER TABLE `lw_shop` ADD COLUMN `place` json NULL;
        CREATE UNIQUE INDEX `lw_shop_name_key` ON `lw_shop` (`name`);
        CREATE INDEX `lw_shop_city_index` ON `lw_shop` (`city`)"#]],
    );
    check(
        DbBackend::Sqlite,
        expect![[r#"
        ALTER TABLE "lw_shop" ADD COLUMN "city" text NOT NULL DEFAULT 'Ber''l\in';
        ALTER TABLE "lw_shop" ADD COLUMN "story" text NOT NULL DEFAULT 'once';
        ALTER TABLE "lw_shop" ADD COLUMN "open" boolean NOT NULL DEFAULT TRUE;
        ALTER TABLE "lw_shop" ADD COLUMN "fee" text NOT NULL DEFAULT '1.5';
        ALTER TABLE "lw_shop" ADD COLUMN "since" text NOT NULL DEFAULT '2020-02-29T12:00:00.500+00:00';
        ALTER TABLE "lw_shop" ADD COLUMN "rank" integer;
        CREATE TABLE "lw_shop_rebuilt" (
            "id" integer NOT NULL PRIMARY KEY,
            "name" text NOT NULL,
            "city" text NOT NULL DEFAULT ('Ber''l\in'),
            "story" text NOT NULL DEFAULT ('once'),
            "open" boolean NOT NULL DEFAULT (TRUE),
            "fee" text NOT NULL DEFAULT ('1.5'),
            "since" text NOT NULL DEFAULT ('2020-02-29T12:00:00.500+00:00'),
            "rank" integer NOT NULL
        );
        INSERT INTO "lw_shop_rebuilt" ("id", "name", "city", "story", "open", "fee", "since", "rank") SELECT "id", "name", "city", "story", "open", "fee", "since", "rank" FROM "lw_shop";
        DROP TABLE "lw_shop";
        PRAGMA legacy_alter_table = ON;
        ALTER TABLE "lw_shop_rebuilt" RENAME TO "lw_shop";
        PRAGMA legacy_alter_table = OFF;
        ALTER TABLE "lw_shop" ADD COLUMN "place" text;
        CREATE UNIQUE INDEX "lw_shop_name_key" ON "lw_shop" ("name");
        CREATE INDEX "lw_shop_city_index" ON "lw_shop" ("city");
        CREATE INDEX "lw_shop_place_index" ON "lw_shop" (("place" ->> '$.lat'), ("place" ->> '$.lng'))"#]],
    );
}

#[test]
fn a_column_that_goes_and_one_that_comes_may_be_a_rename() {
    let backend = DbBackend::Postgres;
    let mut tables = wanted_tables(backend, &[&TAG]);
    tables[0].columns[1].name = "color".to_owned();
    let changes = differences(backend, &[&TAG], &tables);
    let added = live(&tables).assess(&[&TAG], &changes[0], &changes);
    let hint = "if this is a rename, run instead: ALTER TABLE \"lw_tag\" RENAME COLUMN \"color\" TO \"colour\"";
    assert_eq!(added.notes, [hint]);
}

#[test]
fn tables_that_say_more_than_the_catalogue_are_not_rebuilt() {
    for (sql, lost) in [
        (
            "CREATE TABLE t (id integer PRIMARY KEY AUTOINCREMENT, \"check\" text DEFAULT 'it''s, as is' /* STRICT */)",
            None,
        ),
        ("CREATE TABLE t (n int CHECK (n > 0))", Some("CHECK")),
        (
            "create table t (n text collate nocase) -- STRICT",
            Some("COLLATE"),
        ),
        ("CREATE TABLE [as] (n int, m AS (n * 2))", Some("AS")),
        ("CREATE TABLE `match` (n int) STRICT", Some("STRICT")),
        ("CREATE TABLE \"unfinished", None),
    ] {
        assert_eq!(only_in_statement(sql).as_deref(), lost, "{sql}");
    }
}

#[test]
fn a_wrong_primary_key_is_told_and_left_to_a_person() {
    let backend = DbBackend::Postgres;
    let mut tables = wanted_tables(backend, &[&TAG]);
    tables[0].primary_key = vec!["colour".to_owned(), "word".to_owned()];
    let changes = differences(backend, &[&TAG], &tables);
    let [change] = changes.as_slice() else {
        panic!("{changes:?}");
    };
    let live = live(&tables);
    assert!(!live.is_possible(change));
    assert_eq!(
        live.assess(&[&TAG], change, &changes).action,
        "change the primary key of \"lw_tag\" from (colour, word) to (word)"
    );
    // A unique index identifies rows too.
    let mut tables = tables.clone();
    tables[0].indexes.push(Index {
        name: "word".to_owned(),
        columns: vec!["word".to_owned()],
        descending: Vec::new(),
        coordinates: false,
        unique: true,
        constraint: false,
    });
    let changes = differences(backend, &[&TAG], &tables);
    assert!(
        matches!(
            changes.as_slice(),
            [Change {
                action: Action::DropIndex(_),
                model: None,
                ..
            }]
        ),
        "{changes:?}"
    );
}

#[test]
fn indexes_over_several_columns_are_added_and_replaced() {
    let check = |backend, expected: Expect| {
        let mut tables = wanted_tables(backend, &[&BENCH]);
        let mut other = wanted_tables(backend, &[&SEAT])[0].indexes[1].clone();
        other.descending.clear();
        tables[0].indexes.push(other);
        expected.assert_eq(&sql(backend, &[&SEAT], &tables));
    };
    check(
        DbBackend::Postgres,
        expect![[r#"
        DROP INDEX "lw_seat_dear";
        CREATE UNIQUE INDEX "lw_seat_hall_no_key" ON "lw_seat" ("hall", "no");
        CREATE INDEX "lw_seat_dear" ON "lw_seat" ("hall", "price" DESC)"#]],
    );
    check(
        DbBackend::MySql,
        expect![[r#"
        ALTER TABLE `lw_seat` DROP INDEX `lw_seat_dear`;
        CREATE UNIQUE INDEX `lw_seat_hall_no_key` ON `lw_seat` (`hall`, `no`);
        CREATE INDEX `lw_seat_dear` ON `lw_seat` (`hall`(255), `price` DESC)"#]],
    );
}

#[test]
fn an_index_is_read_in_both_directions() {
    let backend = DbBackend::Sqlite;
    let mut tables = wanted_tables(backend, &[&SEAT]);
    // Price ascending, hall descending.
    tables[0].indexes[1].descending = vec!["hall".to_owned()];
    assert_eq!(differences(backend, &[&SEAT], &tables), []);
    tables[0].indexes[1].descending = vec!["hall".to_owned(), "price".to_owned()];
    assert_eq!(differences(backend, &[&SEAT], &tables).len(), 2);
}

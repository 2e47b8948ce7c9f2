//! What a live database says about its tables, in the dialect of each.

use expect_test::{Expect, expect};
use sea_orm::{ConnectionTrait, DbBackend};

use crate::connectors::sql::SqlConnector;
use crate::connectors::sql::catalogue::Table;

/// A line for each table, column, index and key whose name begins with `lw_cat`.
fn described(tables: &[Table]) -> String {
    let mut lines = Vec::new();
    for table in tables
        .iter()
        .filter(|table| table.name.starts_with("lw_cat"))
    {
        let view = if table.view { " (view)" } else { "" };
        lines.push(format!("{}{view} {:?}", table.name, table.primary_key));
        lines.extend(
            table
                .comment
                .iter()
                .map(|comment| format!("  -- {comment}")),
        );
        for column in &table.columns {
            let mut line = format!("  {} {:?}", column.name, column.kind);
            for (is, word) in [
                (!column.nullable, " not null"),
                (column.generated, " generated"),
                (column.computed, " computed"),
            ] {
                line.push_str(if is { word } else { "" });
            }
            for (part, word) in [(&column.default, " default "), (&column.comment, " -- ")] {
                line.extend(part.iter().map(|part| format!("{word}{part}")));
            }
            lines.push(line);
        }
        for index in &table.indexes {
            let unique = if index.unique { " unique" } else { "" };
            let constraint = if index.constraint { " constraint" } else { "" };
            let (name, columns) = (&index.name, &index.columns);
            lines.push(format!("  index {name} {columns:?}{unique}{constraint}"));
        }
        for key in &table.foreign_keys {
            lines.push(format!(
                "  key {:?} -> {} {:?} {} {}",
                key.columns, key.target_table, key.target_columns, key.on_delete, key.on_update
            ));
        }
    }
    lines.join("\n") + "\n"
}

pub(super) async fn a_live_schema_is_read(db: &SqlConnector) {
    let (before, statements, after, expected) = match db.backend {
        DbBackend::Postgres => postgres(),
        DbBackend::MySql => mysql(),
        _ => sqlite(),
    };
    for sql in before {
        let _ = db.sea_orm().execute_unprepared(sql).await;
    }
    for sql in statements {
        db.sea_orm().execute_unprepared(sql).await.expect(sql);
    }
    expected.assert_eq(&described(&db.tables(None).await.unwrap()));
    for sql in after {
        db.sea_orm().execute_unprepared(sql).await.expect(sql);
    }
}

type Case = (
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
    Expect,
);

fn sqlite() -> Case {
    const CREATE: &[&str] = &[
        "CREATE TABLE lw_cat_shop (id INTEGER PRIMARY KEY, name varchar(80) NOT NULL DEFAULT 'it''s', price decimal(10, 2), \
         day date, at datetime, raw blob, odd, ratio real, meta json, double_price GENERATED ALWAYS AS (price * 2), \
         UNIQUE (name, day))",
        "CREATE INDEX lw_cat_plain ON lw_cat_shop (at, day)",
        "CREATE INDEX lw_cat_part ON lw_cat_shop (at) WHERE price > 1",
        "CREATE INDEX lw_cat_expression ON lw_cat_shop (day, lower(name))",
        "CREATE TABLE lw_cat_visit (shop INTEGER REFERENCES lw_cat_shop ON DELETE CASCADE, \"Other day\" text, \
         PRIMARY KEY (\"Other day\", shop)) WITHOUT ROWID",
        "CREATE VIEW lw_cat_view AS SELECT id, name FROM lw_cat_shop",
    ];
    const DROP: &[&str] = &[
        "DROP VIEW lw_cat_view",
        "DROP TABLE lw_cat_visit",
        "DROP TABLE lw_cat_shop",
    ];
    (
        &[],
        CREATE,
        DROP,
        expect![[r#"
        lw_cat_shop ["id"]
          id Integer { bits: 64, unsigned: false } not null generated
          name Text { length: Some(80) } not null default 'it''s'
          price Decimal { precision: Some(10), scale: Some(2) }
          day Date
          at Timestamp { zone: false }
          raw Bytes
          odd Bytes
          ratio Float { bits: 64 }
          meta Json
          double_price Bytes computed
          index lw_cat_plain ["at", "day"]
          index sqlite_autoindex_lw_cat_shop_1 ["name", "day"] unique constraint
        lw_cat_view (view) []
          id Integer { bits: 64, unsigned: false }
          name Text { length: Some(80) }
        lw_cat_visit ["Other day", "shop"]
          shop Integer { bits: 64, unsigned: false } not null
          Other day Text { length: None } not null
          key ["shop"] -> lw_cat_shop ["id"] CASCADE NO ACTION
    "#]],
    )
}

fn postgres() -> Case {
    const CREATE: &[&str] = &[
        "CREATE TYPE lw_cat_size AS ENUM ('small', 'it''s big')",
        "CREATE DOMAIN lw_cat_price AS numeric(10, 2) NOT NULL",
        "CREATE TABLE lw_cat_shop (id bigserial PRIMARY KEY, other int GENERATED ALWAYS AS IDENTITY, \
         name varchar(80) NOT NULL DEFAULT 'it''s', price lw_cat_price, size lw_cat_size, sizes lw_cat_size[], \
         day date, at timestamptz, wall timestamp(3), hour time, raw bytea, ratio real, token uuid, meta jsonb, place point, \
         tags text[], address inet, letter char(3), plain text COLLATE \"C\", \
         double_id int GENERATED ALWAYS AS (other * 2) STORED, UNIQUE (name, day))",
        "COMMENT ON TABLE lw_cat_shop IS 'Where one drinks.'",
        "COMMENT ON COLUMN lw_cat_shop.name IS 'Over the door.'",
        "CREATE INDEX lw_cat_plain ON lw_cat_shop (at DESC, day) INCLUDE (name)",
        "CREATE UNIQUE INDEX lw_cat_unique ON lw_cat_shop (token)",
        "CREATE INDEX lw_cat_part ON lw_cat_shop (at) WHERE price > 1",
        "CREATE INDEX lw_cat_expression ON lw_cat_shop (day, lower(name))",
        "CREATE INDEX lw_cat_gin ON lw_cat_shop USING gin (tags)",
        "CREATE TABLE lw_cat_visit (shop bigint REFERENCES lw_cat_shop ON DELETE CASCADE, \"Other day\" date, \
         PRIMARY KEY (\"Other day\", shop)) PARTITION BY RANGE (\"Other day\")",
        "CREATE TABLE lw_cat_visit_old PARTITION OF lw_cat_visit DEFAULT",
        "CREATE VIEW lw_cat_view AS SELECT id, name FROM lw_cat_shop",
        "CREATE TEMPORARY TABLE lw_cat_temporary (id int)",
    ];
    const DROP: &[&str] = &[
        "DROP TABLE lw_cat_shop, lw_cat_visit CASCADE",
        "DROP TYPE lw_cat_size",
        "DROP DOMAIN lw_cat_price",
    ];
    (
        DROP,
        CREATE,
        DROP,
        expect![[r#"
        lw_cat_shop ["id"]
          -- Where one drinks.
          id Integer { bits: 64, unsigned: false } not null generated default nextval('lw_cat_shop_id_seq'::regclass)
          other Integer { bits: 32, unsigned: false } not null generated
          name Text { length: Some(80) } not null default 'it''s'::character varying -- Over the door.
          price Decimal { precision: Some(10), scale: Some(2) } not null
          size Enum(["small", "it's big"])
          sizes Array(Enum(["small", "it's big"]))
          day Date
          at Timestamp { zone: true }
          wall Timestamp { zone: false }
          hour Time
          raw Bytes
          ratio Float { bits: 32 }
          token Uuid
          meta Json
          place Point
          tags Array(Text { length: None })
          address Other("inet")
          letter Text { length: Some(3) }
          plain Text { length: None }
          double_id Integer { bits: 32, unsigned: false } computed default (other * 2)
          index lw_cat_plain ["at", "day"]
          index lw_cat_shop_name_day_key ["name", "day"] unique constraint
          index lw_cat_unique ["token"] unique
        lw_cat_view (view) []
          id Integer { bits: 64, unsigned: false }
          name Text { length: Some(80) }
        lw_cat_visit ["Other day", "shop"]
          shop Integer { bits: 64, unsigned: false } not null
          Other day Date not null
          key ["shop"] -> lw_cat_shop ["id"] CASCADE NO ACTION
    "#]],
    )
}

fn mysql() -> Case {
    const CREATE: &[&str] = &[
        "CREATE TABLE lw_cat_shop (id int unsigned AUTO_INCREMENT PRIMARY KEY, \
         name varchar(80) NOT NULL DEFAULT 'it''s' COMMENT 'Over the door.', price decimal(10, 2), \
         size enum('small', 'it''s big', 'a,b'), sizes set('a', 'b'), flag tinyint(1), tiny tinyint unsigned, big bigint NOT NULL, \
         day date, at datetime(6), wall timestamp NULL, hour time, raw varbinary(20), ratio float, token char(36), \
         meta json, place point, story text, y year, double_price decimal(10, 2) GENERATED ALWAYS AS (price * 2) VIRTUAL, \
         UNIQUE one_a_day (name, day)) COMMENT 'Where one drinks.'",
        "CREATE INDEX lw_cat_plain ON lw_cat_shop (at, day)",
        "CREATE INDEX lw_cat_part ON lw_cat_shop (story(20))",
        "CREATE FULLTEXT INDEX lw_cat_words ON lw_cat_shop (story)",
        "CREATE TABLE lw_cat_visit (shop int unsigned, `Other day` date, PRIMARY KEY (`Other day`, shop), \
         CONSTRAINT lw_cat_key FOREIGN KEY (shop) REFERENCES lw_cat_shop (id) ON DELETE CASCADE)",
        "CREATE VIEW lw_cat_view AS SELECT id, name FROM lw_cat_shop",
    ];
    const DROP: &[&str] = &[
        "DROP VIEW lw_cat_view",
        "DROP TABLE lw_cat_visit",
        "DROP TABLE lw_cat_shop",
    ];
    (
        DROP,
        CREATE,
        DROP,
        expect![[r#"
        lw_cat_shop ["id"]
          -- Where one drinks.
          id Integer { bits: 32, unsigned: true } not null generated
          name Text { length: Some(80) } not null default 'it''s' -- Over the door.
          price Decimal { precision: Some(10), scale: Some(2) }
          size Enum(["small", "it's big", "a,b"])
          sizes Text { length: None }
          flag Boolean
          tiny Integer { bits: 8, unsigned: true }
          big Integer { bits: 64, unsigned: false } not null
          day Date
          at Timestamp { zone: false }
          wall Timestamp { zone: true }
          hour Time
          raw Bytes
          ratio Float { bits: 32 }
          token Text { length: Some(36) }
          meta Json
          place Point
          story Text { length: None }
          y Integer { bits: 16, unsigned: true }
          double_price Decimal { precision: Some(10), scale: Some(2) } computed
          index lw_cat_part ["story"]
          index lw_cat_plain ["at", "day"]
          index one_a_day ["name", "day"] unique
        lw_cat_view (view) []
          id Integer { bits: 32, unsigned: true } not null default 0
          name Text { length: Some(80) } not null default 'it''s' -- Over the door.
        lw_cat_visit ["Other day", "shop"]
          shop Integer { bits: 32, unsigned: true } not null
          Other day Date not null
          index lw_cat_key ["shop"]
          key ["shop"] -> lw_cat_shop ["id"] CASCADE RESTRICT
    "#]],
    )
}

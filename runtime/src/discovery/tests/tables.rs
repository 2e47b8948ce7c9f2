use expect_test::{Expect, expect};

use crate::connectors::sql::catalogue::{Column, ColumnKind, ForeignKey, Index, Table};
use crate::discovery::column::Dialect;
use crate::discovery::{Access, Options, render, table};

fn table(name: &str, primary_key: &[&str], columns: Vec<Column>) -> Table {
    Table {
        name: name.to_owned(),
        schema: None,
        view: false,
        comment: None,
        columns,
        primary_key: primary_key.iter().copied().map(str::to_owned).collect(),
        indexes: Vec::new(),
        foreign_keys: Vec::new(),
    }
}

fn column(name: &str, kind: ColumnKind) -> Column {
    Column {
        name: name.to_owned(),
        kind,
        declared: "declared".to_owned(),
        nullable: false,
        generated: false,
        computed: false,
        default: None,
        comment: None,
    }
}

fn int(name: &str) -> Column {
    column(
        name,
        ColumnKind::Integer {
            bits: 32,
            unsigned: false,
        },
    )
}

fn text(name: &str) -> Column {
    column(name, ColumnKind::Text { length: Some(9) })
}

fn defaulted(column: Column, default: &str) -> Column {
    Column {
        default: Some(default.to_owned()),
        ..column
    }
}

fn key(columns: &[&str], target: &str) -> ForeignKey {
    ForeignKey {
        name: None,
        columns: columns.iter().copied().map(str::to_owned).collect(),
        target_table: target.to_owned(),
        target_columns: Vec::new(),
        on_delete: "NO ACTION".to_owned(),
        on_update: "NO ACTION".to_owned(),
    }
}

fn print(tables: Vec<Table>, dialect: Dialect, options: &Options) -> String {
    render::render(&table::outline(tables, dialect, options).unwrap()).unwrap()
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "as snapshots are written down"
)]
fn check(tables: Vec<Table>, expected: Expect) {
    let options = Options {
        access: Access::Open,
        views: true,
        ..Options::default()
    };
    expected.assert_eq(&print(tables, Dialect::Postgres, &options));
}

#[test]
fn names_that_rust_refuses() {
    check(
        vec![
            table("users", &["id"], vec![int("id")]),
            table("user", &["id"], vec![int("id")]),
            table(
                "2020 sales",
                &["Id"],
                vec![
                    int("Id"),
                    text("type"),
                    text("self"),
                    text("2nd"),
                    text("größe"),
                    text("a-b"),
                    text("a_b"),
                    text("line_1"),
                    text("line1"),
                    text("$"),
                ],
            ),
            table("option", &["id"], vec![int("id")]),
            table("客户", &["id"], vec![int("id")]),
        ],
        expect![[r#""#]],
    );
}

#[test]
fn keys_in_circles_to_oneself_and_two_to_one() {
    let mut people = table(
        "people",
        &["id"],
        vec![
            int("id"),
            int("boss"),
            int("home"),
            int("birth_place_id"),
            int("passport_id"),
        ],
    );
    people.foreign_keys = vec![
        key(&["boss"], "people"),
        key(&["home"], "places"),
        key(&["birth_place_id"], "places"),
        key(&["passport_id"], "passports"),
        key(&["id", "home"], "places"),
        key(&["id"], "elsewhere"),
    ];
    people.indexes = vec![Index {
        name: "one".to_owned(),
        columns: vec!["passport_id".to_owned()],
        unique: true,
        constraint: false,
    }];
    let mut places = table(
        "places",
        &["id"],
        vec![
            column(
                "id",
                ColumnKind::Integer {
                    bits: 64,
                    unsigned: false,
                },
            ),
            int("mayor_id"),
        ],
    );
    places.foreign_keys = vec![key(&["mayor_id"], "people")];
    let passports = table("passports", &["id"], vec![int("id")]);
    check(vec![passports, people, places], expect![[r#""#]]);
}

#[test]
fn types_defaults_and_what_is_left_out() {
    let sizes = vec![
        "small".to_owned(),
        "x-large".to_owned(),
        "xLarge".to_owned(),
    ];
    let nullable = |column: Column| Column {
        nullable: true,
        ..column
    };
    let mut things = table(
        "things",
        &["id"],
        vec![
            Column {
                generated: true,
                comment: Some("Counts [all] things.\n- really".to_owned()),
                ..int("id")
            },
            defaulted(column("size", ColumnKind::Enum(sizes)), "'x-large'::size"),
            defaulted(text("code"), "'it''s'::character varying"),
            defaulted(
                column(
                    "price",
                    ColumnKind::Decimal {
                        precision: Some(5),
                        scale: Some(2),
                    },
                ),
                "4.99",
            ),
            defaulted(column("on", ColumnKind::Boolean), "true"),
            defaulted(
                column("made", ColumnKind::Timestamp { zone: false }),
                "now()",
            ),
            defaulted(column("serial", ColumnKind::Uuid), "gen_random_uuid()"),
            defaulted(int("count"), "(-1)"),
            defaulted(int("random"), "floor(random() * 6)"),
            nullable(column("ratio", ColumnKind::Float { bits: 32 })),
            column(
                "tags",
                ColumnKind::Array(Box::new(ColumnKind::Text { length: None })),
            ),
            nullable(column("raw", ColumnKind::Bytes)),
            nullable(column("more", ColumnKind::Json)),
            nullable(column("net", ColumnKind::Other("inet".to_owned()))),
            Column {
                computed: true,
                ..int("double")
            },
            column("flags", ColumnKind::Array(Box::new(ColumnKind::Boolean))),
        ],
    );
    things.comment = Some("Everything\nthere is".to_owned());
    let mut view = table("sums", &[], vec![int("shop_id"), int("sum")]);
    view.view = true;
    check(
        vec![
            table("pairs", &["a", "b"], vec![int("a"), int("b")]),
            table("log", &[], vec![text("line")]),
            view,
            things,
        ],
        expect![[r#""#]],
    );
}

#[test]
fn only_the_tables_that_are_asked_for() {
    let tables = || {
        vec![
            table("shop_goods", &["id"], vec![int("id")]),
            table("shop_users", &["id"], vec![int("id")]),
        ]
    };
    let options = |names: &[&str]| Options {
        tables: names.iter().copied().map(str::to_owned).collect(),
        prefix: Some("shop_".to_owned()),
        ..Options::default()
    };
    let text = print(tables(), Dialect::Sqlite, &options(&["shop_users"]));
    assert!(text.contains("pub struct User {"), "{text}");
    assert!(!text.contains("Good"), "{text}");
    assert!(text.contains("#[acl(allow(read), to = authenticated)]"));
    let wrong = table::outline(tables(), Dialect::Sqlite, &options(&["user"]));
    let message = wrong.err().unwrap().to_string();
    assert!(message.contains("`shop_goods`, `shop_users`"), "{message}");
    assert!(table::outline(Vec::new(), Dialect::Sqlite, &options(&[])).is_err());
}

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
        collation: None,
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
        expect![[r#"
            //! Models of a PostgreSQL database that was there before them.
            //!
            //! Who may do what is for you to decide: see `#[acl(...)]` on each model.

            use loopwright::prelude::*;

            /// The application with the models of this file.
            pub fn models(app: App) -> App {
                app.models::<(
                    User,
                    User2,
                    Table2020Sale,
                    OptionModel,
                    客户,
                )>()
            }

            /// A row of the table `users`.
            #[derive(Model, Clone, Debug)]
            #[model(table = "users")]
            #[acl(open)]
            pub struct User {
                #[model(id)]
                pub id: i32,
            }

            /// A row of the table `user`.
            #[derive(Model, Clone, Debug)]
            #[model(table = "user")]
            #[acl(open)]
            pub struct User2 {
                #[model(id)]
                pub id: i32,
            }

            /// A row of the table `2020 sales`.
            #[derive(Model, Clone, Debug)]
            #[model(table = "2020 sales")]
            #[acl(open)]
            pub struct Table2020Sale {
                #[model(id, column = "Id")]
                pub id: i32,
                #[validate(length(max = 9))]
                pub r#type: String,
                #[model(column = "self")]
                #[validate(length(max = 9))]
                pub self_: String,
                #[model(column = "2nd")]
                #[validate(length(max = 9))]
                pub column_2nd: String,
                #[validate(length(max = 9))]
                pub größe: String,
                #[model(column = "a-b")]
                #[validate(length(max = 9))]
                pub a_b: String,
                #[model(column = "a_b")]
                #[validate(length(max = 9))]
                pub a_b_2: String,
                #[validate(length(max = 9))]
                pub line_1: String,
                #[model(column = "line1")]
                #[validate(length(max = 9))]
                pub line1_2: String,
                #[model(column = "$")]
                #[validate(length(max = 9))]
                pub column_: String,
            }

            /// A row of the table `option`.
            #[derive(Model, Clone, Debug)]
            #[model(table = "option")]
            #[acl(open)]
            pub struct OptionModel {
                #[model(id)]
                pub id: i32,
            }

            /// A row of the table `客户`.
            #[derive(Model, Clone, Debug)]
            #[acl(open)]
            pub struct 客户 {
                #[model(id)]
                pub id: i32,
            }
        "#]],
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
        descending: Vec::new(),
        coordinates: false,
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
    check(
        vec![passports, people, places],
        expect![[r#"
        //! Models of a PostgreSQL database that was there before them.
        //!
        //! Who may do what is for you to decide: see `#[acl(...)]` on each model.

        use loopwright::prelude::*;

        /// The application with the models of this file.
        pub fn models(app: App) -> App {
            app.models::<(
                Passport,
                Person,
                Place,
            )>()
        }

        /// A row of the table `passports`.
        #[derive(Model, Clone, Debug)]
        #[model(table = "passports")]
        #[acl(open)]
        pub struct Passport {
            #[model(id)]
            pub id: i32,
            #[relation(has_one)]
            pub person: HasOne<Person>,
        }

        /// A row of the table `people`.
        ///
        /// Left out:
        ///
        /// - the foreign key `id`, `home`: a relation's key is one property
        /// - the foreign key `id`: there is no model of `elsewhere` here
        #[derive(Model, Clone, Debug)]
        #[model(table = "people")]
        #[acl(open)]
        pub struct Person {
            #[model(id)]
            pub id: i32,
            #[model(column = "boss")]
            pub boss_id: i32,
            #[model(column = "home")]
            pub home_id: i64,
            pub birth_place_id: i64,
            #[model(unique)]
            pub passport_id: i32,
            #[relation(belongs_to)]
            pub boss: BelongsTo<Person>,
            #[relation(belongs_to)]
            pub home: BelongsTo<Place>,
            #[relation(belongs_to)]
            pub birth_place: BelongsTo<Place>,
            #[relation(belongs_to)]
            pub passport: BelongsTo<Passport>,
            #[relation(has_many, key = boss_id)]
            pub people: HasMany<Person>,
            #[relation(has_many, key = mayor_id)]
            pub places: HasMany<Place>,
        }

        /// A row of the table `places`.
        #[derive(Model, Clone, Debug)]
        #[model(table = "places")]
        #[acl(open)]
        pub struct Place {
            #[model(id)]
            pub id: i64,
            pub mayor_id: i32,
            #[relation(belongs_to)]
            pub mayor: BelongsTo<Person>,
            #[relation(has_many, key = home_id)]
            pub home_people: HasMany<Person>,
            #[relation(has_many, key = birth_place_id)]
            pub birth_place_people: HasMany<Person>,
        }
    "#]],
    );
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
        expect![[r#"
            //! Models of a PostgreSQL database that was there before them.
            //!
            //! Who may do what is for you to decide: see `#[acl(...)]` on each model.
            //!
            //! Left out:
            //!
            //! - `pairs`: its primary key has 2 columns (`a`, `b`), and a model has one id
            //! - `log`: it has no primary key, and a model has an id

            use loopwright::prelude::*;

            /// The application with the models of this file.
            pub fn models(app: App) -> App {
                app.models::<(
                    Sum,
                    Thing,
                )>()
            }

            /// A row of the view `sums`.
            #[derive(Model, Clone, Debug)]
            #[model(table = "sums")]
            #[acl(allow(read), to = everyone)]
            pub struct Sum {
                #[model(id)]
                pub shop_id: i32,
                pub sum: i32,
            }

            /// Everything
            /// there is
            ///
            /// Left out:
            ///
            /// - `double`: the database computes it
            /// - `flags`: no property has the type `declared`
            #[derive(Model, Clone, Debug)]
            #[model(table = "things")]
            #[acl(open)]
            pub struct Thing {
                /// Counts \[all\] things.
                /// \- really
                #[model(id, generated)]
                pub id: i32,
                #[model(column_type = "declared", default = "x-large")]
                pub size: ThingSize,
                #[model(default = "it's")]
                #[validate(length(max = 9))]
                pub code: String,
                #[model(default = "4.99")]
                pub price: Decimal,
                #[model(default = true)]
                pub on: bool,
                #[model(default = now)]
                pub made: DateTime<Utc>,
                #[model(default = uuid)]
                pub serial: Uuid,
                #[model(default = -1)]
                pub count: i32,
                /// The database fills it in unless it is given.
                pub random: Option<i32>,
                pub ratio: Option<f32>,
                #[model(column_type = "declared")]
                pub tags: Vec<String>,
                pub raw: Option<Vec<u8>>,
                pub more: Option<loopwright::model::Json>,
                #[model(column_type = "declared")]
                pub net: Option<String>,
            }

            /// What the column `size` of the table `things` may hold.
            #[derive(Property, Clone, Copy, Debug, PartialEq, Eq)]
            pub enum ThingSize {
                #[property(rename = "small")]
                Small,
                #[property(rename = "x-large")]
                XLarge,
                #[property(rename = "xLarge")]
                XLarge2,
            }
        "#]],
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

//! Fields are called as Rust's words, as local variables of generated code, or as methods of the handles.

use loopwright::prelude::*;

#[derive(Model, Clone, Debug, PartialEq)]
#[acl(open)]
struct Words {
    #[model(id, generated)]
    id: i64,
    r#type: String,
    r#match: Option<String>,
    self_: i64,
    record: i64,
    value: i64,
    index: i64,
    filter: i64,
    find: i64,
    def: Option<i64>,
    __lw: i64,
    _underscored: i64,
    größe: i64,
    #[relation(has_many, key = record)]
    r#where: HasMany<Self>,
}

fn words() -> Words {
    Words {
        id: 1,
        r#type: "a".to_owned(),
        r#match: None,
        self_: 2,
        record: 3,
        value: 4,
        index: 5,
        filter: 6,
        find: 7,
        def: Some(8),
        __lw: 9,
        _underscored: 10,
        größe: 11,
        r#where: HasMany::default(),
    }
}

#[test]
fn they_come_back_as_they_went() {
    let mut record = words().into_record();
    assert_eq!(Words::from_record(&mut record), Ok(words()));
}

#[test]
fn they_have_plain_names_and_handles() {
    let names: Vec<_> = <Words as Model>::DEF
        .properties
        .iter()
        .map(|property| property.name)
        .collect();
    assert_eq!(
        names,
        [
            "id",
            "type",
            "match",
            "self",
            "record",
            "value",
            "index",
            "filter",
            "find",
            "def",
            "lw",
            "underscored",
            "größe"
        ]
    );
    assert_eq!(Words::TYPE.index(), 1);
    assert_eq!(Words::WHERE.index(), 0);
    assert_eq!(
        Words::FIND.eq(1).and(Words::GRÖSSE.eq(2)),
        Words::FIND.eq(1).and(Words::GRÖSSE.eq(2))
    );
}

//! The user's own types have the names that generated code could be tempted to use.
#![expect(dead_code, reason = "they are only in the way")]

use loopwright::model::BelongsTo;

struct Option;
struct Some;
struct None;
struct Result;
struct Ok;
struct Err;
struct Vec;
struct Box;
struct Self_;
struct Record;
struct Value;
struct ModelDef;
struct PropertyDef;
struct Property;
struct Column;
struct Relation;
struct Send;
struct Sync;
struct From;
struct Into;

/// A struct like the trait and the derive that made it one.
#[derive(loopwright::Model)]
#[acl(open)]
struct Model {
    #[model(id, generated)]
    id: i64,
    #[model(default = "text")]
    text: String,
    maybe: std::option::Option<String>,
    parent_id: std::option::Option<i64>,
    #[relation(belongs_to, key = parent_id)]
    parent: BelongsTo<Self>,
}

/// As the standard library's.
#[derive(loopwright::Property)]
struct String(std::string::String);

/// A word.
#[derive(loopwright::Property)]
enum Word {
    Some,
    None,
    Ok,
}

/// Primitive types can be hidden, too.
#[expect(non_camel_case_types, reason = "that is the point")]
mod primitives {
    struct i64;
    struct usize;
    struct str;
    struct bool;

    /// Text and nothing else.
    #[derive(loopwright::Model)]
    #[acl(open)]
    struct Text {
        #[model(id)]
        #[validate(length(min = 1))]
        #[model(default = "a")]
        id: String,
        #[model(default = true)]
        flag: core::primitive::bool,
    }

    #[test]
    fn they_are_described() {
        assert_eq!(<Text as loopwright::Model>::DEF.properties.len(), 2);
    }
}

#[test]
fn they_are_described() {
    assert_eq!(<Model as loopwright::Model>::DEF.properties.len(), 4);
    assert_eq!(<String as loopwright::Property>::NAME, "String");
}

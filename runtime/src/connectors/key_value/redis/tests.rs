//! What is asked of Redis, without one.

use super::{redis_key, redis_pattern};
use crate::connectors::key_value::Glob;
use crate::model::{ModelDef, PropertyDef};

static STARRED: ModelDef = ModelDef::key_value(
    "Star*/é",
    "Stars",
    &[
        PropertyDef::KEY,
        PropertyDef::of::<String>("value", "value"),
    ],
);

#[test]
fn keys_begin_with_the_model_as_in_loopback() {
    assert_eq!(redis_key(&STARRED, "a:b/*"), "Star*%2F%C3%A9:a:b/*");
}

#[test]
fn patterns_are_widened_and_the_model_is_literal() {
    let cases = [
        ("*", r"Star\*%2F%C3%A9:*"),
        ("a?[bc]d", r"Star\*%2F%C3%A9:a*d"),
        (r"\*?\[", r"Star\*%2F%C3%A9:\**\["),
        (r"\**", r"Star\*%2F%C3%A9:\**"),
    ];
    for (pattern, expected) in cases {
        let glob = Glob::new(pattern).unwrap();
        assert_eq!(redis_pattern(&STARRED, &glob), expected, "{pattern}");
    }
}

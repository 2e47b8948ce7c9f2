use expect_test::{Expect, expect};
use serde_json::{Value as Json, json};

use crate::discovery::{Access, samples};

#[expect(
    clippy::needless_pass_by_value,
    reason = "as snapshots are written down"
)]
fn check(given: Json, expected: Expect) {
    let given = given.as_array().unwrap();
    let text = samples("coffee shop", given, Access::Read).unwrap();
    let structs = text.split("/// One").nth(1).unwrap();
    expected.assert_eq(&format!("/// One{structs}"));
}

#[test]
fn what_samples_have_in_common() {
    check(
        json!([
            {
                "id": 1, "name": "Bel", "open": true, "rating": 4, "place": {"lat": 1, "lng": 2.5},
                "since": "2015-01-01T00:00:00Z", "day": "2015-01-01", "key": "00000000-0000-0000-0000-000000000000",
                "tags": ["a"], "nothing": null, "mixed": 1
            },
            {
                "id": 2, "name": null, "open": false, "rating": 4.5, "since": "2015-01-01T00:00:00Z", "day": "soon",
                "key": "00000000-0000-0000-0000-000000000000", "tags": [], "nothing": null, "mixed": "text"
            }
        ]),
        expect![[r#""#]],
    );
}

#[test]
fn objects_within_objects() {
    check(
        json!([
            {
                "_id": "a", "type": "cafe", "address": {"street": "Main", "zip-code": "1", "floors": [{"number": 1}]},
                "matrix": [[1], [2.5]], "gaps": [1, null], "empty": {}, "list": []
            },
            {"_id": "b", "type": "bar", "address": {"street": "Main", "floors": [{"number": 2, "lift": true}]}}
        ]),
        expect![[r#""#]],
    );
}

#[test]
fn a_sample_is_an_object() {
    for wrong in [json!([]), json!([1]), json!([{"id": 1}, []])] {
        let given = wrong.as_array().unwrap();
        assert!(samples("Shop", given, Access::Open).is_err(), "{wrong}");
    }
}

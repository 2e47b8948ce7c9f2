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
        expect![[r#"
            /// One `CoffeeShop`.
            #[derive(Model, Clone, Debug)]
            #[acl(allow(read), to = everyone)]
            pub struct CoffeeShop {
                #[model(id, generated)]
                pub id: i64,
                pub name: Option<String>,
                pub open: bool,
                pub rating: f64,
                pub place: Option<GeoPoint>,
                pub since: DateTime<Utc>,
                pub day: String,
                pub key: Uuid,
                pub tags: Vec<String>,
                pub nothing: loopwright::model::Json,
                pub mixed: loopwright::model::Json,
            }
        "#]],
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
        expect![[r#"
            /// One `CoffeeShop`.
            #[derive(Model, Clone, Debug)]
            #[acl(allow(read), to = everyone)]
            pub struct CoffeeShop {
                #[model(id, name = "_id")]
                pub id: String,
                pub r#type: String,
                pub address: Address,
                pub matrix: Option<Vec<Vec<f64>>>,
                pub gaps: Option<loopwright::model::Json>,
                pub empty: Option<loopwright::model::Json>,
                pub list: Option<loopwright::model::Json>,
            }

            /// A nested `Address`.
            #[derive(Property, Clone, Debug)]
            pub struct Address {
                pub street: String,
                #[property(name = "zip-code")]
                pub zip_code: Option<String>,
                pub floors: Vec<Floor>,
            }

            /// A nested `Floor`.
            #[derive(Property, Clone, Debug)]
            pub struct Floor {
                pub number: i64,
                pub lift: Option<bool>,
            }
        "#]],
    );
}

#[test]
fn a_sample_is_an_object() {
    for wrong in [json!([]), json!([1]), json!([{"id": 1}, []])] {
        let given = wrong.as_array().unwrap();
        assert!(samples("Shop", given, Access::Open).is_err(), "{wrong}");
    }
}

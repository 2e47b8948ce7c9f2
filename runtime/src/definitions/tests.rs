//! What definitions mean, and what is said of mistaken ones.

mod application;
mod cases;
mod users;

use std::collections::BTreeMap;
use std::path::Path;

use expect_test::{Expect, expect};

use super::*;

/// The folder of an application with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let file = folder.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    folder
}

/// The models that `definitions` lead to, in an environment that says nothing.
fn load(
    definitions: &Definitions,
    described: &[&'static ModelDef],
    urls: &BTreeMap<String, String>,
) -> Result<Loaded> {
    let known = Known {
        data_sources: urls.keys().cloned().collect(),
        attached: BTreeSet::new(),
        moved: BTreeMap::new(),
        ruled: BTreeSet::new(),
        addressed: false,
    };
    let environment = Environment::new(None, BTreeMap::new());
    read(definitions, &known, &environment).load(described, urls)
}

fn load_from(definitions: &Definitions) -> Result<Vec<(&'static ModelDef, String)>> {
    let urls = BTreeMap::from([("db".to_owned(), "memory:".to_owned())]);
    Ok(load(definitions, &[], &urls)?.models)
}

/// The models of a folder whose `model-config.json` lists those files.
fn models(files: &[(&str, &str)]) -> Result<Vec<&'static ModelDef>> {
    let folder = folder(files);
    let loaded = load_from(&Definitions::folder(folder.path()).open_by_default())?;
    Ok(loaded.into_iter().map(|(def, _)| def).collect())
}

fn refused(files: &[(&str, &str)], expected: &Expect) {
    let folder = folder(files);
    let error = load_from(&Definitions::folder(folder.path()))
        .err()
        .unwrap();
    expected.assert_eq(&within(&error.to_string(), folder.path()));
}

/// The message without the folder's own name.
fn within(message: &str, folder: &Path) -> String {
    message.replace(&format!("{}/", folder.display()), "") + "\n"
}

const CONFIG: &str = r#"{"Shop": {"dataSource": "db"}}"#;

#[test]
fn every_mistake_is_told_with_its_place() {
    refused(
        &[
            (
                "model-config.json",
                r#"{
  "_meta": {"sources": ["./models"]},
  "Shop": {"dataSource": "bd", "publik": true},
  "Review": {"dataSource": "db"},
  "Revue": {"dataSource": "db"},
  "User": {"dataSource": "db"}
}"#,
            ),
            ("models/shop.json", r#"{"name": "Shop", "properties": {}}"#),
            (
                "models/review.json",
                r#"{
  "name": "Review",
  "proprties": {},
  "properties": {
    "stars": {"type": "numbr", "requird": true},
    "text": {"type": "string", "default": 5}
  },
  "relations": {
    "shop": {"type": "belongTo", "model": "Shop"},
    "writer": {"type": "belongsTo", "model": "Writer"}
  },
  "acls": [
    {"principalId": "$everybody", "permission": "ALLOW"},
    {"principalId": "$everyone", "permission": "ALOW"},
    {"principalId": "$everyone", "permission": "ALLOW", "property": "fnd"}
  ],
  "protected": ["txt"]
}"#,
            ),
        ],
        &expect![[r#"
            the definitions can't be used:
            model-config.json:3:26: there is no data source `bd`; did you mean `db`?
            model-config.json:3:32: there is no key of a model in `model-config.json` `publik`; did you mean `public`?
            model-config.json:5:3: no file defines the model `Revue`; did you mean `Review`?
            models/review.json:3:3: there is no key of a definition `proprties`; did you mean `properties`?
            models/review.json:5:23: there is no type `numbr`; did you mean `number`?
            models/review.json:5:32: there is no key of a property `requird`; did you mean `required`?
            models/review.json:6:43: 5 is no value of `text`; write one of its type
            models/review.json:9:22: there is no type of relation `belongTo`; did you mean `belongsTo`?
            models/review.json:10:5: there is no model with data `Writer`
            models/review.json:13:21: there is no role `$everybody`; did you mean `$everyone`?
            models/review.json:14:5: the permission `ALOW` is neither of `ALLOW`, `DENY`, `AUDIT`, `ALARM` and `DEFAULT`; write one of them
            models/review.json:15:5: there is no method `fnd`; did you mean `find`?
            models/review.json:17:17: there is no property `txt`; did you mean `text`?
        "#]],
    );
}

#[test]
fn what_is_not_there_yet_is_refused_unless_it_is_allowed() {
    let files = [
        ("model-config.json", CONFIG),
        (
            "models/shop.json",
            r#"{
  "name": "Shop",
  "strict": "sometimes",
  "mixins": {"SoftDelete": true, "Counter": true, "TimeStamp": {"createdAt": "made"}},
  "relations": {"shops": {"type": "embedsMany", "model": "Shop"}},
  "acls": [{"principalId": "$everyone", "permission": "ALLOW"}]
}"#,
        ),
    ];
    refused(
        &files,
        &expect![[r#"
            the definitions can't be used:
            models/shop.json:3:13: `strict` is `true`, `false`, `"throw"` or `"validate"`
            models/shop.json:4:34: the mixin `Counter` is JavaScript; write it with `#[derive(Mixin)]`
            models/shop.json:4:51: the options of the mixin `TimeStamp` are not there yet
            models/shop.json:5:17: `shops`: a model that is kept within itself is not there yet; keep it by itself, with `hasMany`
            what is "not there yet" is left out by `allow_missing`
        "#]],
    );
    let mut files = files;
    let whole = files[1].1.replace("sometimes", "throw");
    files[1].1 = &whole;
    let folder = folder(&files);
    let loaded = load_from(&Definitions::folder(folder.path()).allow_missing()).unwrap();
    assert_eq!(loaded.len(), 1);
    assert!(loaded[0].0.relations.is_empty());
}

#[test]
fn what_protects_data_is_never_left_out() {
    let files = [
        ("model-config.json", CONFIG),
        (
            "models/shop.json",
            r#"{"acls": [{"principalType": "TEAM", "principalId": 7, "permission": "DENY"}], "protected": ["a"],
                "aclErrorStatus": 418, "defaultPermission": "deny"}"#,
        ),
    ];
    let folder = folder(&files);
    let lenient = Definitions::folder(folder.path())
        .allow_missing()
        .open_by_default();
    let message = load_from(&lenient).err().unwrap().to_string();
    for expected in [
        "there is no type of principal `TEAM`",
        "there is no property `a`",
        "418 is no status of a refusal",
        "`defaultPermission` is `ALLOW` or `DENY`",
    ] {
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn a_model_that_says_nothing_about_access_is_a_mistake() {
    refused(
        &[
            ("model-config.json", CONFIG),
            ("models/shop.json", r#"{"name": "Shop"}"#),
        ],
        &expect![[r#"
            the definitions can't be used:
            models/shop.json:1:1: `Shop` says nothing about access, which opens it in LoopBack and closes it here; add a rule such as {"principalType": "ROLE", "principalId": "$everyone", "permission": "ALLOW"} to its `acls`, write `"public": false` in `model-config.json`, or load the definitions `open_by_default`
        "#]],
    );
}

#[test]
fn a_model_says_what_holds_where_no_rule_does() {
    for (permission, open) in [("DENY", false), ("ALLOW", true)] {
        let shop = format!(r#"{{"name": "Shop", "defaultPermission": "{permission}"}}"#);
        let models = models(&[("model-config.json", CONFIG), ("models/shop.json", &shop)]).unwrap();
        assert_eq!(!models[0].acls.is_empty(), open, "{permission}");
    }
}

#[test]
fn a_model_has_what_its_base_has() {
    let models = models(&[
        (
            "server/model-config.json",
            r#"{"_meta": {"sources": ["../common/models"]}, "CoffeeShop": {"dataSource": "db", "options": {"http": {"path": "cafes"}}}}"#,
        ),
        (
            "common/models/place.json",
            r#"{"name": "Place", "plural": "places", "hidden": ["secret"],
                "properties": {"key": {"type": "string", "id": true, "defaultFn": "uuid"}, "secret": "string", "closed": "boolean"}}"#,
        ),
        (
            "common/models/coffee-shop.json",
            r#"{"base": "Place", "properties": {"name": {"type": "string", "required": true}, "closed": null}}"#,
        ),
    ])
    .unwrap();
    let [shop] = models.as_slice() else {
        panic!("{models:?}")
    };
    assert_eq!((shop.name, shop.path), ("CoffeeShop", "cafes"));
    let names: Vec<_> = shop
        .properties
        .iter()
        .map(|property| property.name)
        .collect();
    // In memory there is room for what no property is declared for.
    assert_eq!(names, ["name", "key", "secret", "extra"]);
    assert_eq!(shop.id().name, "key");
    assert!(shop.properties[2].hidden);
    assert!(!shop.properties[0].nullable);
}

#[test]
fn bases_that_go_in_a_circle_are_refused() {
    refused(
        &[
            ("model-config.json", CONFIG),
            ("models/shop.json", r#"{"name": "Shop", "base": "Place"}"#),
            ("models/place.json", r#"{"name": "Place", "base": "Shop"}"#),
        ],
        &expect![[r#"
            the definitions can't be used:
            models/place.json:1:27: the bases go in a circle: `Shop` is its own base
        "#]],
    );
}

#[test]
fn keys_are_added_and_have_the_type_of_what_they_point_to() {
    let models = models(&[
        (
            "model-config.json",
            r#"{"Shop": {"dataSource": "db"}, "Review": {"dataSource": "db"}}"#,
        ),
        (
            "models/shop.json",
            r#"{"name": "Shop", "relations": {"reviews": {"type": "hasMany", "model": "Review", "foreignKey": ""}}}"#,
        ),
        (
            "models/review.json",
            r#"{"name": "Review", "properties": {"writerId": "string"},
                "relations": {"writer": {"type": "belongsTo", "model": "shop"}}}"#,
        ),
    ])
    .unwrap();
    let review = models[1];
    for key in ["shopId", "writerId"] {
        let key = &review.properties[review.property_index(key).unwrap()];
        assert_eq!(key.type_name, "i64");
        assert!(key.nullable);
    }
    assert_eq!(
        review.relations[0].target().map(|def| def.name),
        Some("Shop")
    );
    assert_eq!(
        models[0].relations[0].target().map(|def| def.name),
        Some("Review")
    );
}

#[test]
fn files_of_the_environment_go_over_the_main_one() {
    let files = [
        ("model-config.json", CONFIG),
        ("model-config.local.json", r#"{"Shop": {"public": false}}"#),
        ("models/shop.json", r#"{"name": "Shop"}"#),
    ];
    let models = models(&files).unwrap();
    assert!(!models[0].public);
}

#[test]
fn hostile_files_are_refused() {
    let deep = "[".repeat(100_000);
    let long = format!("{{\"name\": \"{}\"}}", "x".repeat(2_000_000));
    for text in [
        "",
        "[",
        "{\"a\": 1, \"a\": 2}",
        "\"x\"",
        &deep,
        &long,
        "{\"properties\": 5}",
        "{\"name\": 7}",
        "{\"password\": 1e999}",
        "nul",
    ] {
        let files = [("model-config.json", CONFIG), ("models/shop.json", text)];
        let folder = folder(&files);
        let found = load_from(&Definitions::folder(folder.path()));
        let message = found.err().unwrap().to_string();
        assert!(message.contains("shop.json:1:"), "{message}");
        assert!(!message.contains("1e999"), "{message}");
    }
}

/// A shop beside an `Address` and a `Tag`, which are in no data source.
fn with_inner<'a>(shop: &'a str, address: &'a str) -> [(&'a str, &'a str); 4] {
    [
        (
            "model-config.json",
            r#"{"Shop": {"dataSource": "db"}, "Address": {"dataSource": "transient", "public": false},
                "Tag": {"public": false}}"#,
        ),
        ("models/shop.json", shop),
        ("models/address.json", address),
        ("models/tag.json", r#"{"name": "Tag", "base": "Model"}"#),
    ]
}

#[test]
fn what_an_owner_holds_is_called_as_in_loopback() {
    let models = models(&with_inner(
        r#"{"name": "Shop", "relations": {
            "addressItem": {"type": "embedsOne", "model": "address"},
            "address": {"type": "embedsOne", "model": "Address"},
            "tagged": {"type": "embedsMany", "model": "Tag", "options": {"omitDefaultEmbeddedItem": true}},
            "tags": {"type": "embedsMany", "model": "Tag"},
            "shops": {"type": "referencesMany", "model": "Shop"}
        }}"#,
        r#"{"name": "Address", "base": "Model", "properties": {"city": "string"}}"#,
    ));
    // `addressItem` has what `address` would have, unless it were called so; `tags` too.
    let shop = models.unwrap()[0];
    let held: Vec<_> = shop
        .relations
        .iter()
        .map(|one| (one.name, one.foreign_key))
        .collect();
    assert_eq!(
        held,
        [
            ("addressItem", "address"),
            ("address", "_address"),
            ("tagged", "tags"),
            ("tags", "_tags"),
            ("shops", "shopIds")
        ]
    );
    let property = |name: &str| &shop.properties[shop.property_index(name).unwrap()];
    let empty = |name: &str| property(name).default.is_some();
    assert_eq!(
        ["address", "tags", "_tags", "shopIds"].map(empty),
        [false, false, true, true]
    );
    let id_within = |name: &str| {
        property(name)
            .ty
            .object()
            .unwrap()
            .properties
            .last()
            .unwrap()
    };
    assert_eq!(id_within("address").type_name, "String");
    assert_eq!(id_within("tags").type_name, "i64");
    assert_eq!(property("shopIds").item_type_name, "i64");
}

#[test]
fn what_can_not_be_held_is_told_with_its_place() {
    let address = r#"{
  "name": "Address", "base": "Model", "strict": false,
  "properties": {"lines": {"type": ["string"]}},
  "relations": {"shop": {"type": "embedsOne", "model": "Shop"}}
}"#;
    refused(
        &with_inner(
            r#"{
  "relations": {
    "address": {"type": "embedsOne", "model": "Address", "default": {"lines": []}},
    "other": {"type": "embedsOne", "model": "Address", "property": "_address"},
    "third": {"type": "embedsOne", "model": "Adress"},
    "fourth": {"type": "embedsOne", "model": "Address", "default": "now"},
    "tags": {"type": "embedsMany", "model": "Tag", "options": {"persistent": true, "belongsTo": "x"}},
    "labels": {"type": "embedsMany", "model": "Tag", "property": "id"},
    "linked": {"type": "hasMany", "model": "Tag"},
    "shops": {"type": "referencesMany", "model": "Shap", "options": {"validate": false}},
    "named": {"type": "embedsMany", "model": "Tag", "property": "names", "properties": ["name"]}
  },
  "acls": [{"principalId": "$everyone", "permission": "ALLOW"}]
}"#,
            address,
        ),
        &expect![[r#"
            the definitions can't be used:
            models/address.json:2:49: undeclared properties of what is kept within other models are not there yet; declare them
            models/address.json:4:17: `shop`: a model that is kept within itself is not there yet; keep it by itself, with `hasMany`
            models/shop.json:4:5: `other` can't be held by `_address`, which is held by another relation; name another property with `"property": "…"`
            models/shop.json:5:5: there is no model `Adress`; did you mean `Address`?
            models/shop.json:6:68: the default of `fourth` is an instance; write `true` for an empty one, or its members
            models/shop.json:7:5: `tags` is stored in the data source of `Tag` too, which has none; give it the base `PersistedModel` and a `dataSource`, or remove `persistent`
            models/shop.json:7:84: `tags`: the option `belongsTo` of a relation is not there yet
            models/shop.json:8:5: `labels` can't be held by `id`, which is the id; name another property with `"property": "…"`
            models/shop.json:9:5: there is no model with data `Tag`
            models/shop.json:10:5: there is no model with data `Shap`; did you mean `Shop`?
            models/shop.json:11:5: there is no property of `Shop` `name`; did you mean `names`?
            models/shop.json:11:5: there is no property of `Tag` `name`
            what is "not there yet" is left out by `allow_missing`
        "#]],
    );
}

#[test]
fn defaults_are_instances() {
    refused(
        &with_inner(
            r#"{
  "relations": {
    "address": {"type": "embedsOne", "model": "Address", "default": {"since": "never"}}
  },
  "acls": [{"principalId": "$everyone", "permission": "ALLOW"}]
}"#,
            r#"{"name": "Address", "base": "Model", "properties": {"since": "date"}}"#,
        ),
        &expect![[r#"
            the definitions can't be used:
            models/shop.json:3:69: the default of `_address` is no instance: Invalid date: never
        "#]],
    );
}

#[test]
fn what_is_within_others_is_described_before_them() {
    let models = models(&[
        (
            "model-config.json",
            r#"{"Outer": {"dataSource": "db"}, "Middle": {"public": false}, "Inner": {"public": false}}"#,
        ),
        (
            "models/outer.json",
            r#"{"relations": {"one": {"type": "embedsOne", "model": "Middle", "default": true}}}"#,
        ),
        (
            "models/middle.json",
            r#"{"base": "Model", "relations": {"many": {"type": "embedsMany", "model": "Inner"}}}"#,
        ),
        (
            "models/inner.json",
            r#"{"base": "Model", "properties": {"text": {"type": "string", "default": "a"}}}"#,
        ),
    ])
    .unwrap();
    // The others have no data source, and come along.
    let [outer] = models.as_slice() else {
        panic!("{models:?}")
    };
    let middle = outer.properties[outer.property_index("middle").unwrap()];
    let object = middle.ty.object().unwrap();
    let inners = object.properties.iter().find(|one| one.name == "inners");
    let inner = inners.unwrap().ty.object().unwrap();
    assert_eq!((object.name, inner.name), ("Middle", "Inner"));
    // An empty instance has what its model gives to new ones.
    let default = middle.default.unwrap().value(&middle.ty);
    assert_eq!(default.to_json(), serde_json::json!({"inners": []}));
    let item = inners
        .unwrap()
        .ty
        .from_json(serde_json::json!([{}]))
        .unwrap();
    assert_eq!(item.to_json(), serde_json::json!([{"text": "a"}]));
}

#[test]
fn a_key_to_any_model_has_the_type_that_is_said() {
    let models = models(&with_inner(
        r#"{"relations": {"one": {"type": "embedsOne", "model": "Address"}}}"#,
        r#"{"base": "Model", "relations": {
            "said": {"type": "belongsTo", "polymorphic": {"idType": "number"}},
            "silent": {"type": "belongsTo", "polymorphic": true}
        }}"#,
    ));
    let shop = models.unwrap()[0];
    let address = shop.properties[shop.property_index("address").unwrap()];
    let keys = address.ty.object().unwrap().properties.iter();
    let keys = keys.filter(|key| key.name.ends_with("Id"));
    // Unless it is said, it is that of the model's own id, which is a text in a data source that keeps nothing.
    let types: Vec<_> = keys.map(|key| (key.name, key.type_name)).collect();
    assert_eq!(types, [("saidId", "i64"), ("silentId", "String")]);
}

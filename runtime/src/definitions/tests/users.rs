//! Definitions that extend and list LoopBack's own models.

use std::collections::BTreeMap;

use expect_test::expect;

use super::{folder, load, models, refused};
use crate::definitions::Definitions;
use crate::model::{AccessType, Model as _, ModelDef, Permission, PrincipalKind, Rule};

/// An application with users, whose `user` says `more` besides.
fn with_users<'a>(config: &'a str, user: &'a str) -> [(&'a str, &'a str); 2] {
    [("model-config.json", config), ("models/user.json", user)]
}

const USERS: &str = r#"{
  "User": {"dataSource": "db", "public": false},
  "AccessToken": {"dataSource": "db", "public": false, "relations": {
    "user": {"type": "belongsTo", "model": "user", "foreignKey": "userId"}
  }},
  "ACL": {"dataSource": "db", "public": false},
  "user": {"dataSource": "db"}
}"#;

fn named(models: &[&'static ModelDef], name: &str) -> &'static ModelDef {
    models.iter().find(|def| def.name == name).unwrap()
}

#[test]
fn a_model_of_users_has_what_user_has() {
    let user = r#"{
      "name": "user", "base": "User", "aclErrorStatus": 403,
      "properties": {"city": "string", "username": {"type": "string", "length": 10}, "email": "string"},
      "relations": {"friends": {"type": "hasMany", "model": "user", "foreignKey": "friendId"}},
      "acls": [{"principalId": "admin", "permission": "ALLOW", "property": "find"}]
    }"#;
    let models = models(&with_users(USERS, user)).unwrap();
    let (user, base) = (named(&models, "user"), crate::builtin::User::DEF);
    assert!(user.is_a(base));
    assert_eq!(user.principal, Some(PrincipalKind::User));
    // Both would be in one table.
    assert!(models.iter().all(|def| def.name != "User"));
    assert_eq!(user.acl_error_status, Some(403));

    let names: Vec<_> = user.properties.iter().map(|one| one.name).collect();
    let expected = [
        "city",
        "friendId",
        "realm",
        "username",
        "password",
        "email",
        "emailVerified",
        "verificationToken",
        "status",
        "created",
        "lastUpdated",
        "id",
        "extra",
    ];
    assert_eq!(names, expected);
    let property = |name: &str| &user.properties[user.property_index(name).unwrap()];
    assert!(property("password").hidden && property("verificationToken").read_only);
    // What is declared again says anew whether it must be there.
    let rules = |name: &str| {
        let rules = property(name).rules.iter();
        rules.map(|rule| rule.rule).collect::<Vec<_>>()
    };
    assert!(property("email").nullable && !rules("email").contains(&Rule::Presence));
    assert_eq!(rules("password"), [Rule::Presence]);
    assert!(
        rules("username")
            .iter()
            .any(|rule| matches!(rule, Rule::Length { .. }))
    );
    assert_eq!(user.methods.remotes.len(), base.methods.remotes.len());
    assert_eq!(user.methods.hooks.len(), base.methods.hooks.len());
    let relations: Vec<_> = user.relations.iter().map(|one| one.name).collect();
    assert_eq!(relations, ["friends", "accessTokens"]);
    assert_eq!(user.acls.len(), 1 + base.acls.len());

    let token = named(&models, "AccessToken");
    assert!(token.is_a(crate::builtin::AccessToken::DEF) && !token.public);
    let leads_to = token.relations[0].target().map(|def| def.name);
    assert_eq!(leads_to, Some("user"));
    // They come along, unless they are listed.
    for needed in ["Role", "RoleMapping"] {
        assert!(!named(&models, needed).public);
    }
}

#[test]
fn what_built_in_models_are_called_depends_on_the_store() {
    let folder = folder(&with_users(USERS, r#"{"name": "user", "base": "User"}"#));
    let files = Definitions::folder(folder.path()).open_by_default();
    for (url, table, column) in [
        ("postgres://h/d", "accesstoken", "userid"),
        ("mysql://h/d", "AccessToken", "userId"),
        ("mongodb://h/d", "AccessToken", "userId"),
    ] {
        let urls = BTreeMap::from([("db".to_owned(), url.to_owned())]);
        let models = load(&files, &[], &urls).unwrap().models;
        let models: Vec<_> = models.into_iter().map(|(def, _)| def).collect();
        let token = named(&models, "AccessToken");
        let user_id = &token.properties[token.property_index("userId").unwrap()];
        assert_eq!((token.table, user_id.column), (table, column));
        // It is what identifies a user.
        let id = named(&models, "user").id();
        assert_eq!(user_id.type_name, id.type_name);
        assert_eq!(id.type_name == "ObjectId", url.starts_with("mongodb"));
        assert_eq!(token.id().type_name, "String");
    }
}

#[test]
fn what_users_say_is_the_applications() {
    let user = r#"{
      "name": "user", "base": "User", "ttl": 60, "saltWorkFactor": 5,
      "options": {"caseSensitiveEmail": false, "realmDelimiter": ":"}
    }"#;
    let folder = folder(&with_users(
        r#"{"user": {"dataSource": "db", "options": {"emailVerificationRequired": true}}}"#,
        user,
    ));
    let urls = BTreeMap::from([("db".to_owned(), "memory:".to_owned())]);
    let loaded = load(&Definitions::folder(folder.path()), &[], &urls).unwrap();
    let settings: BTreeMap<_, _> = (loaded.users.into_settings())
        .map(|setting| (setting.key, setting.value.to_string()))
        .collect();
    let expected = [
        ("users.case_sensitive_email", "false"),
        ("users.email_verification_required", "true"),
        ("users.realm_delimiter", "\":\""),
        ("users.ttl", "\"60s\""),
    ];
    let expected = expected.map(|(key, value)| (key, value.to_owned()));
    assert_eq!(settings, BTreeMap::from(expected));
}

#[test]
fn what_users_can_not_be_is_told_with_its_place() {
    refused(
        &[
            (
                "model-config.json",
                r#"{
  "member": {"dataSource": "db"},
  "Guest": {"dataSource": "db", "options": {"ttl": 61}},
  "User": {"dataSource": "db", "public": false, "options": {"remoting": {"sharedMethods": {"logni": true}}}},
  "Tag": {"public": false}
}"#,
            ),
            (
                "models/member.json",
                r#"{
  "name": "member", "base": "User", "ttl": 60, "maxTTL": "long", "ttll": 1,
  "properties": {"email": "number", "realm": null},
  "acls": [{"principalId": "$owner", "permission": "DENY", "property": "logIn"}],
  "relations": {"tags": {"type": "embedsMany", "model": "Tag", "property": "status"}}
}"#,
            ),
            (
                "models/guest.json",
                r#"{"name": "Guest", "base": "User", "properties": {"name": {"type": "string", "id": true}}}"#,
            ),
            ("models/tag.json", r#"{"name": "Tag", "base": "Model"}"#),
        ],
        &expect![[r#"
            the definitions can't be used:
            model-config.json:2:3: `AccessToken.userId` is of another type than the id of `member`; users have ids of one type
            model-config.json:3:45: another model of users says "60s" here; the users of one application have one setting
            model-config.json:4:92: there is no method `logni`; did you mean `login`?
            models/member.json:2:58: `maxTTL` is a whole number of seconds
            models/member.json:2:66: there is no key of a definition `ttll`; did you mean `ttl`?
            models/member.json:3:18: `email` is of another type than what the base has under this name; leave the type as it is
            models/member.json:3:37: `User` can't be without the property `realm` yet; leave it, and give it no value
            models/member.json:4:12: there is no method `logIn`; did you mean `login`?
            models/member.json:5:17: `tags` can't be held by `status`, which is the base's; name another property with `"property": "…"`
            what is "not there yet" is left out by `allow_missing`
        "#]],
    );
}

/// A rule with a kind of access is stronger than the base's without one, whomever these are about.
#[test]
fn a_kind_of_access_decides_where_a_rule_of_the_base_says_otherwise() {
    let user = r#"{
      "name": "user", "base": "User",
      "acls": [
        {"principalId": "$everyone", "accessType": "READ", "permission": "DENY", "property": "findById"},
        {"principalId": "admin", "accessType": "EXECUTE", "permission": "ALLOW", "property": "login"}
      ]
    }"#;
    let models = models(&with_users(USERS, user)).unwrap();
    let user = named(&models, "user");
    let about = |method: &str| {
        let rules = user.acls.iter().filter(|rule| rule.method == Some(method));
        rules.map(|rule| rule.access).collect::<Vec<_>>()
    };
    assert_eq!(about("findById"), [None, Some(AccessType::Read)]);
    // Both allow.
    assert_eq!(about("login"), [None, None]);
}

/// LoopBack's scaffolds list it.
#[test]
fn nobody_is_a_user_where_another_model_extends_it() {
    let config =
        r#"{"User": {"dataSource": "db", "public": false}, "Customer": {"dataSource": "db"}}"#;
    let files = [
        ("model-config.json", config),
        (
            "models/customer.json",
            r#"{"name": "Customer", "base": "User"}"#,
        ),
    ];
    let models = models(&files).unwrap();
    assert_eq!(named(&models, "User").principal, None);
    let customer = named(&models, "Customer");
    assert_eq!(customer.principal, Some(PrincipalKind::User));
    assert_eq!(customer.relations[0].name, "accessTokens");
}

/// `model-config.json` takes the place of a rule of the base.
#[test]
fn a_rule_for_the_same_calls_is_replaced() {
    let config = r#"{"user": {"dataSource": "db", "acls": [
        {"principalType": "ROLE", "principalId": "$everyone", "permission": "DENY", "property": "create"}
    ]}}"#;
    let models = models(&with_users(config, r#"{"name": "user", "base": "User"}"#)).unwrap();
    let rules = named(&models, "user").acls.iter();
    let rules: Vec<_> = rules.filter(|rule| rule.method == Some("create")).collect();
    assert_eq!(rules.len(), 1);
    assert_eq!(rules[0].permission, Permission::Deny);
}

//! A LoopBack application with users, teams and projects, served from its definitions (contract *users.md*,
//! *access-control.md*).

use loopwright::definitions::Definitions;
use loopwright::mail::MailConfig;
use loopwright::{App, Config, discovery};
use loopwright_tests::on_every_database;
use loopwright_tests::serve::{Served, serve};
use serde_json::{Value as Json, json};

type TestResult<T = ()> = Result<T, Box<dyn std::error::Error>>;

fn app(database: &str) -> App {
    App::new()
        .config(Config::default())
        .data_source("db", database)
        .mail(MailConfig::new("memory:", "Team <team@example.com>"))
}

/// The fixture, with the role that its JavaScript decides about in LoopBack.
async fn teamwork(database: &str) -> TestResult<Served> {
    let app = app(database)
        .definitions("fixtures/loopback/teamwork")
        .role("teamMember", |query| async move {
            let (Some(user), Some(id)) = (query.caller().user_id(), query.id()) else {
                return Ok(false);
            };
            let Some(project) = query.records("project")?.find_by_id(id).await? else {
                return Ok(false);
            };
            let membership = json!({"ownerId": project["ownerId"], "memberId": user});
            Ok(query.records("team")?.count(membership).await? > 0)
        });
    serve(app).await
}

/// The id of a new user, whose password is `secret`.
async fn register(served: &Served, name: &str) -> TestResult<Json> {
    let user = json!({"email": format!("{name}@bar.com"), "password": "secret", "username": name});
    let (status, user) = served.anonymous().call("POST /users", user).await?;
    match status {
        200 => Ok(user["id"].clone()),
        _ => Err(format!("{name} can't register: {status} {user}").into()),
    }
}

fn text(id: &Json) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

on_every_database! {
    roles_and_owners_decide
    users_live_their_life
    rows_are_rules_too
}

async fn roles_and_owners_decide(database: &str) -> TestResult {
    let served = teamwork(database).await?;
    let (ann, bob, cid) = (
        register(&served, "ann").await?,
        register(&served, "bob").await?,
        register(&served, "cid").await?,
    );
    let caller = async |name: &str| served.log_in("users", &format!("{name}@bar.com")).await;
    let project = json!({"name": "House", "balance": 7, "ownerId": ann});
    let by_ann = caller("ann").await?;
    let (status, project) = by_ann.call("POST /projects", project).await?;
    assert_eq!((status, &project["ownerId"]), (200, &ann), "{project}");
    let house = format!("GET /projects/{}", text(&project["id"]));

    let (status, seen) = by_ann.call(&house, Json::Null).await?;
    assert_eq!((status, &seen), (200, &project));
    let own = format!("GET /users/{}/projects", text(&ann));
    let (status, seen) = by_ann.call(&own, Json::Null).await?;
    assert_eq!((status, &seen), (200, &json!([project])), "{own}");

    // Who is known gets the model's own status, who is not gets 401.
    let denied = json!({"error": {
        "name": "Error", "status": 403, "message": "Access Denied", "statusCode": 403, "code": "ACCESS_DENIED"
    }});
    let required = json!({"error": {
        "name": "Error", "status": 401, "message": "Authorization Required", "statusCode": 401,
        "code": "AUTHORIZATION_REQUIRED"
    }});
    let by_bob = caller("bob").await?;
    let by_cid = caller("cid").await?;
    assert_eq!(
        by_bob.call(&house, Json::Null).await?,
        (403, denied.clone())
    );
    let anonymous = served.anonymous();
    assert_eq!(anonymous.call(&house, Json::Null).await?, (401, required));
    assert_eq!(
        by_bob.call("GET /projects", Json::Null).await?,
        (403, denied)
    );

    // A resolver asks who works with whom.
    let teams = served.application.records("team")?;
    teams
        .create(json!({"ownerId": ann, "memberId": cid}))
        .await?;
    assert_eq!(by_cid.status(&house).await?, 200);
    assert_eq!(by_bob.status(&house).await?, 403);

    // A static role has members that are rows.
    let role = served.application.records("Role")?;
    let role = role.create(json!({"name": "admin"})).await?;
    let mappings = served.application.records("RoleMapping")?;
    let mapping = json!({"principalType": "USER", "principalId": bob, "roleId": role["id"]});
    mappings.create(mapping).await?;
    let (status, all) = by_bob.call("GET /projects", Json::Null).await?;
    assert_eq!((status, all), (200, json!([project])));
    assert_eq!(by_bob.status("GET /users").await?, 200);
    assert_eq!(by_cid.status("GET /projects").await?, 403);
    assert_eq!(by_ann.status("GET /users").await?, 401);
    Ok(())
}

async fn users_live_their_life(database: &str) -> TestResult {
    let served = teamwork(database).await?;
    let id = register(&served, "ann").await?;
    assert_eq!(id.is_string(), database.starts_with("mongodb"), "{id}");
    let login = json!({"username": "ann", "password": "secret"});
    let anonymous = served.anonymous();
    let (status, token) = anonymous
        .call("POST /users/login?include=user", login)
        .await?;
    // One user model: a token says nothing of it.
    let members = token.as_object().ok_or("no token")?;
    let keys: Vec<_> = members.keys().map(String::as_str).collect();
    assert_eq!(
        (status, keys),
        (200, vec!["id", "ttl", "created", "userId", "user"])
    );
    assert_eq!((&token["userId"], &token["user"]["id"]), (&id, &id));
    let ann = served.bearer(token["id"].as_str().ok_or("no token")?);
    let own = format!("/users/{}", text(&id));
    let (status, _) = ann
        .call(
            &format!("PATCH {own}"),
            json!({"city": "Bern", "notes": "new"}),
        )
        .await?;
    assert_eq!(status, 200);
    let (_, seen) = ann.call(&format!("GET {own}"), Json::Null).await?;
    assert_eq!((&seen["city"], seen.get("notes")), (&json!("Bern"), None));

    // The letter leads to the confirmation.
    let verify = format!("POST {own}/verify");
    assert_eq!(ann.status(&verify).await?, 204);
    let letters = served.application.mailer()?.kept();
    let letter = letters.last().ok_or("no letter")?;
    let query = letter
        .text
        .split("/users/confirm?")
        .nth(1)
        .ok_or("no link")?;
    let query = query.split_whitespace().next().unwrap_or_default();
    let query = query.replace("&redirect=%2F", "");
    assert_eq!(
        anonymous
            .status(&format!("GET /users/confirm?{query}"))
            .await?,
        204
    );
    let (_, seen) = ann.call(&format!("GET {own}"), Json::Null).await?;
    assert_eq!(seen["emailVerified"], true);

    let change = json!({"oldPassword": "secret", "newPassword": "other"});
    let (status, _) = ann.call("POST /users/change-password", change).await?;
    assert_eq!(status, 204);
    let login = json!({"email": "ann@bar.com", "password": "other"});
    let (status, second) = anonymous.call("POST /users/login", login).await?;
    assert_eq!(status, 200, "{second}");
    let second = served.bearer(second["id"].as_str().ok_or("no token")?);
    let tokens = served.application.records("AccessToken")?;
    assert_eq!(tokens.count(json!({"userId": id})).await?, 2);
    assert_eq!(second.status("POST /users/logout").await?, 204);
    assert_eq!(second.status(&format!("GET {own}")).await?, 401);

    // What the definitions switch off is not there, and who goes takes the tokens along.
    assert_eq!(anonymous.status("POST /users/reset").await?, 404);
    assert_eq!(ann.status(&format!("DELETE {own}")).await?, 200);
    assert_eq!(tokens.count(json!({})).await?, 0);
    Ok(())
}

async fn rows_are_rules_too(database: &str) -> TestResult {
    let served = teamwork(database).await?;
    let id = register(&served, "ann").await?;
    let ann = served.log_in("users", "ann@bar.com").await?;
    assert_eq!(ann.status("GET /projects/count").await?, 403);
    let rule = json!({
        "model": "project", "property": "count", "accessType": "READ", "principalType": "USER",
        "principalId": text(&id), "permission": "ALLOW",
    });
    served.application.records("ACL")?.create(rule).await?;
    let (status, count) = ann.call("GET /projects/count", Json::Null).await?;
    assert_eq!((status, count), (200, json!({"count": 0})));
    assert_eq!(served.anonymous().status("GET /projects/count").await?, 401);
    Ok(())
}

/// An application of one model of users with this id and these settings.
async fn members(database: &str, id: Json, options: Json) -> TestResult<Served> {
    let folder = tempfile::tempdir()?;
    let write = |file: &str, json: Json| std::fs::write(folder.path().join(file), json.to_string());
    std::fs::create_dir(folder.path().join("models"))?;
    let user = json!({"type": "belongsTo", "model": "Member", "foreignKey": "userId"});
    let tokens = json!({"dataSource": "db", "public": false, "relations": {"user": user}});
    // Roles are not listed.
    let config = json!({"AccessToken": tokens, "Member": {"dataSource": "db"}});
    write("model-config.json", config)?;
    let member = json!({
        "name": "Member", "base": "User", "properties": {"id": id}, "options": options,
    });
    write("models/member.json", member)?;
    serve(app(database).definitions(folder.path())).await
}

/// Texts as ids of users: tokens hold them too.
async fn ids_may_be_texts(database: &str) -> TestResult {
    let id = json!({"type": "string", "id": true, "defaultFn": "uuidv4"});
    let served = members(database, id, json!({"caseSensitiveEmail": false})).await?;
    let member = json!({"email": "Ann@bar.com", "password": "secret"});
    let (status, member) = served.anonymous().call("POST /Members", member).await?;
    assert_eq!((status, &member["email"]), (200, &json!("ann@bar.com")));
    let id = member["id"].as_str().ok_or("no text")?;
    let ann = served.log_in("Members", "ANN@bar.com").await?;
    assert_eq!(ann.status(&format!("GET /Members/{id}")).await?, 200);
    assert_eq!(ann.status("GET /Members/other").await?, 401);
    let tokens = served.application.records("AccessToken")?;
    let tokens = tokens
        .find(json!({"where": {"userId": id}, "include": "user"}))
        .await?;
    assert_eq!(tokens.len(), 1);
    assert_eq!(tokens[0]["user"]["id"], id);
    Ok(())
}

on_every_database!(ids_may_be_texts);

#[tokio::test]
async fn what_definitions_say_of_users_holds() -> TestResult {
    let id = json!({"type": "number", "id": true, "generated": true});
    let member = json!({"email": "ann@bar.com", "password": "secret"});
    let options = json!({"emailVerificationRequired": true});
    let served = members("memory:", id.clone(), options).await?;
    let anonymous = served.anonymous();
    let (status, _) = anonymous.call("POST /Members", member.clone()).await?;
    assert_eq!(status, 200);
    let (status, refused) = anonymous
        .call("POST /Members/login", member.clone())
        .await?;
    let code = refused["error"]["code"].as_str();
    assert_eq!(
        (status, code),
        (401, Some("LOGIN_FAILED_EMAIL_NOT_VERIFIED"))
    );

    let options = json!({"ttl": 60, "maxTTL": 90});
    let served = members("memory:", id, options).await?;
    let anonymous = served.anonymous();
    anonymous.call("POST /Members", member.clone()).await?;
    let (status, token) = anonymous
        .call("POST /Members/login", member.clone())
        .await?;
    assert_eq!((status, &token["ttl"]), (200, &json!(60)), "{token}");
    let mut longer = member;
    longer["ttl"] = json!(100);
    let (_, token) = anonymous.call("POST /Members/login", longer).await?;
    assert_eq!(token["ttl"], 90);
    Ok(())
}

/// A model of users that has moved over goes on with the tokens, roles and projects of the definitions.
#[tokio::test]
async fn users_that_have_moved_over() -> TestResult {
    use loopwright::builtin::User;
    use loopwright::prelude::*;

    /// Written in Rust, where the definitions have one too.
    #[derive(Model, Clone, Debug)]
    #[model(name = "user")]
    struct Mover {
        city: Option<String>,
        #[model(base)]
        user: User,
    }

    for database in ["memory:", "sqlite::memory:"] {
        let app = app(database).models::<(Mover,)>();
        let served = serve(app.definitions("fixtures/loopback/teamwork")).await?;
        let id = register(&served, "ann").await?;
        let ann = served.log_in("users", "ann@bar.com").await?;
        let project = json!({"name": "House", "ownerId": id});
        let (status, project) = ann.call("POST /projects", project).await?;
        assert_eq!(status, 200, "{project}");
        let house = format!("GET /projects/{}", text(&project["id"]));
        assert_eq!(ann.status(&house).await?, 200);
        let movers = served.application.repository::<Mover>()?;
        assert!(movers.delete_by_id(id.as_i64().ok_or("no number")?).await?);
        assert_eq!(ann.status(&house).await?, 401);
    }
    Ok(())
}

/// LoopBack's applications on MongoDB make the members of roles object ids.
#[tokio::test]
async fn members_of_roles_may_be_object_ids() -> TestResult {
    let Some(database) = loopwright_tests::mongodb_url() else {
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let write = |file: &str, json: Json| std::fs::write(folder.path().join(file), json.to_string());
    std::fs::create_dir(folder.path().join("models"))?;
    let config = json!({
        "Member": {"dataSource": "db"}, "Membership": {"dataSource": "db", "public": false}
    });
    write("model-config.json", config)?;
    let admins = json!({"principalId": "admin", "permission": "ALLOW", "property": "find"});
    write(
        "models/member.json",
        json!({"name": "Member", "base": "User", "acls": [admins]}),
    )?;
    let membership = json!({
        "name": "Membership", "base": "RoleMapping",
        "properties": {"principalId": {"type": "ObjectID"}},
    });
    write("models/membership.json", membership)?;
    let served = serve(app(&database).definitions(folder.path())).await?;
    let member = json!({"email": "ann@bar.com", "password": "secret"});
    let (_, member) = served.anonymous().call("POST /Members", member).await?;
    let role = served.application.records("Role")?;
    let role = role.create(json!({"name": "admin"})).await?;
    let mapping =
        json!({"principalType": "USER", "principalId": member["id"], "roleId": role["id"]});
    let ann = served.log_in("Members", "ann@bar.com").await?;
    assert_eq!(ann.status("GET /Members").await?, 401);
    served
        .application
        .records("Membership")?
        .create(mapping)
        .await?;
    assert_eq!(ann.status("GET /Members").await?, 200);
    Ok(())
}

/// A struct that extends a model has its columns, its rules and its id as they are.
#[test]
fn users_that_are_no_struct_go_on_as_definitions() -> TestResult {
    let folder = tempfile::tempdir()?;
    let write = |file: &str, json: Json| std::fs::write(folder.path().join(file), json.to_string());
    std::fs::create_dir(folder.path().join("models"))?;
    write(
        "model-config.json",
        json!({"user": {"dataSource": "db"}, "Note": {"dataSource": "db"}}),
    )?;
    let owner = json!({"principalId": "$owner", "permission": "ALLOW"});
    let user = json!({"type": "belongsTo", "model": "user"});
    write(
        "models/note.json",
        json!({"name": "Note", "relations": {"user": user}, "acls": [owner]}),
    )?;
    let read = json!({
        "principalId": "$everyone", "permission": "DENY", "property": "findById", "accessType": "READ"
    });
    write(
        "models/user.json",
        json!({"name": "user", "base": "User", "ttl": 60, "acls": [read]}),
    )?;
    let printed = |connector: &str| -> TestResult<String> {
        write("datasources.json", json!({"db": {"connector": connector}}))?;
        Ok(discovery::definitions(&Definitions::folder(folder.path()))?)
    };
    let has = |text: &str, line: &str| {
        assert!(text.lines().any(|known| known == line), "{line}\n{text}");
    };

    let text = printed("mysql")?;
    has(
        &text,
        "//! - `user` goes on as a definition: the column of its `emailVerified` is called `emailVerified`, and a struct that \
         extends `User` can't say so",
    );
    // Nor is what it belongs to known without it.
    has(
        &text,
        "//! - `Note` is not served until its relation `user` is written, which may say whom its instances belong to",
    );
    has(&text, "#[model(table = \"Note\", public = false)]");
    let text = printed("mongodb")?;
    has(
        &text,
        "//! - `user` goes on as a definition: its `id` is not that of the base, and a struct that extends `User` can't say so",
    );

    let text = printed("memory")?;
    has(
        &text,
        "//! - `ttl = \"60s\"` belongs to the section `[users]` of `loopwright.toml`",
    );
    has(
        &text,
        "//! - the rules of `user` about `findById` go by the kind of access too, and are to be written; until then the model \
         is not served",
    );
    has(&text, "#[model(name = \"user\", public = false)]");
    has(&text, "    pub user: loopwright::builtin::User,");
    Ok(())
}

on_every_database! {
    applications_have_keys
}

/// A program that calls by its keys, as a definition extends and guards it.
async fn applications_have_keys(database: &str) -> TestResult {
    let folder = tempfile::tempdir()?;
    let write = |file: &str, json: Json| std::fs::write(folder.path().join(file), json.to_string());
    std::fs::create_dir(folder.path().join("models"))?;
    let config = json!({
        "Phone": {"dataSource": "db", "public": false}, "Note": {"dataSource": "db"}
    });
    write("model-config.json", config)?;
    write("datasources.json", json!({"db": {"connector": "memory"}}))?;
    let phone = json!({
        "name": "Phone", "base": "Application", "properties": {"system": {"type": "string", "required": true}},
    });
    write("models/phone.json", phone)?;
    let note = json!({
        "name": "Note", "properties": {"text": "string"},
        "acls": [
            {"principalType": "ROLE", "principalId": "$everyone", "permission": "DENY"},
            {"principalType": "ROLE", "principalId": "$authenticated", "permission": "ALLOW", "accessType": "READ"},
        ],
    });
    write("models/note.json", note)?;
    let served = serve(app(database).definitions(folder.path())).await?;
    let phones = served.application.records("Phone")?;
    let phone = phones
        .create(json!({"name": "Ann's", "system": "Symbian"}))
        .await?;
    assert_eq!(phone["status"], "sandbox");
    let (id, key) = (phone["id"].as_str(), phone["restApiKey"].as_str());
    let (id, key) = (id.ok_or("no id")?, key.ok_or("no key")?);
    for (sent, expected) in [
        (format!("{id}:{key}"), 200),
        (format!("{id}:{}", "0".repeat(40)), 401),
    ] {
        let request = served.client.get(format!("{}/api/Notes", served.url));
        let answer = request.header("x-api-key", sent).send().await?;
        assert_eq!(answer.status().as_u16(), expected);
    }
    let text = discovery::definitions(&Definitions::folder(folder.path()))?;
    for line in [
        "pub struct Phone {",
        "    pub application: loopwright::builtin::Application,",
    ] {
        assert!(text.lines().any(|known| known == line), "{line}\n{text}");
    }
    Ok(())
}

//! Who may do what, with users who log in: owners, roles, rows (contract *access-control.md*).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use loopwright::Config;
use loopwright::builtin::{AccessToken, Acl, Role, RoleMapping, User};
use loopwright::prelude::*;
use loopwright_tests::on_every_database;
use loopwright_tests::serve::{Served, serve};
use serde_json::{Value as Json, json};

type TestResult = Result<(), Box<dyn std::error::Error>>;

/// Somebody.
#[derive(Model, Clone, Debug)]
struct Member {
    #[model(base)]
    user: User,
    #[relation(has_many, key = owner_id)]
    projects: HasMany<Project>,
}

/// What people work on.
#[derive(Model, Clone, Debug, Default)]
#[acl(deny(all), to = everyone)]
#[acl(allow(find), to = everyone)]
#[acl(allow(find_by_id, update_attributes, __get__workers), to = owner)]
#[acl(allow(count), to = related)]
#[acl(allow(find_by_id), to = related)]
#[acl(allow(delete_by_id), to = role("admin"))]
#[acl(allow(find_one), to = role("guest"))]
#[acl(allow(exists), to = role("worker"))]
#[acl(allow(create), to = user(1))]
#[acl(allow(upsert), to = app("robot"))]
struct Project {
    #[model(id, generated)]
    id: i64,
    name: String,
    owner_id: Option<i64>,
    #[relation(belongs_to)]
    owner: BelongsTo<Member>,
    #[relation(has_many, through = Work)]
    workers: HasMany<Member>,
}

/// Who works on what.
#[derive(Model, Clone, Debug, Default)]
#[model(public = false)]
#[acl(allow(read), to = authenticated)]
struct Work {
    #[model(id, generated)]
    id: i64,
    project_id: i64,
    member_id: i64,
}

/// What belongs to whoever its `userId` or `owner` says.
#[derive(Model, Clone, Debug, Default)]
#[model(acl_error_status = 403)]
#[acl(allow(all), to = owner)]
#[acl(allow(create), to = authenticated)]
struct Thing {
    #[model(id, generated)]
    id: i64,
    user_id: Option<i64>,
    owner: Option<String>,
}

/// Hidden from who may not see it.
#[derive(Model, Clone, Debug, Default)]
#[model(acl_error_status = 404)]
#[acl(allow(all), to = owner)]
struct Diary {
    #[model(id, generated)]
    id: i64,
    user_id: Option<i64>,
}

struct Club {
    served: Served,
    /// How often the resolver has been asked.
    asked: Arc<AtomicUsize>,
}

async fn club(url: &str) -> Result<Club, Box<dyn std::error::Error>> {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let app = App::new()
        .config(Config::default())
        .data_source("db", url)
        .models::<(Member, Project, Work, Thing, Diary, Acl)>()
        .role("worker", move |query| {
            counter.fetch_add(1, Ordering::Relaxed);
            async move {
                if query.id() == Some("13") {
                    return Err(Error::internal("boom"));
                }
                let user = query.caller().user_id().map(str::parse::<i64>);
                let project = query.id().map(str::parse::<i64>);
                let (Some(Ok(user)), Some(Ok(project))) = (user, project) else {
                    return Ok(false);
                };
                let works = Work::PROJECT_ID.eq(project).and(Work::MEMBER_ID.eq(user));
                Ok(query.repository::<Work>()?.count(works).await? > 0)
            }
        });
    let served = serve(app).await?;
    let members = served.application.repository::<Member>()?;
    for name in ["ann", "bob", "eve"] {
        let user = User::new(format!("{name}@club.example"), "secret");
        members
            .create(Member {
                user,
                projects: HasMany::default(),
            })
            .await?;
    }
    let projects = served.application.repository::<Project>()?;
    for (name, owner) in [
        ("Garden", Some(1)),
        ("Roof", Some(2)),
        ("Lost", Some(99)),
        ("Free", None),
    ] {
        let project = Project {
            name: name.into(),
            owner_id: owner,
            ..Project::default()
        };
        projects.create(project).await?;
    }
    let works = served.application.repository::<Work>()?;
    let work = Work {
        id: 0,
        project_id: 1,
        member_id: 2,
    };
    works.create(work).await?;
    Ok(Club { served, asked })
}

impl Club {
    /// Makes the principal a member of the role, which is made if it is not there.
    async fn join(&self, role: &str, kind: &str, principal: impl ToString) -> TestResult {
        self.served.grant(role, kind, principal).await?;
        Ok(())
    }

    /// A token without a login.
    async fn token(&self, token: AccessToken) -> Result<String, Box<dyn std::error::Error>> {
        let tokens = self.served.application.repository::<AccessToken>()?;
        Ok(tokens.create(token).await?.id)
    }

    async fn rule(&self, rule: [&str; 5]) -> TestResult {
        let [property, access, permission, kind, principal] =
            rule.map(|text| Some(text.to_owned()));
        let rule = Acl {
            model: Some("Project".into()),
            property,
            access_type: access,
            permission,
            principal_type: kind,
            principal_id: principal,
            id: 0,
        };
        self.served
            .application
            .repository::<Acl>()?
            .create(rule)
            .await?;
        Ok(())
    }
}

on_every_database! {
    owners_and_related
    roles_and_those_who_are_in_them
    rows_go_between_the_rules_of_the_program
    refusals_have_the_status_of_the_model
}

async fn owners_and_related(url: &str) -> TestResult {
    let club = club(url).await?;
    let served = &club.served;
    let (ann, bob, eve) = (
        served.log_in("Members", "ann@club.example").await?,
        served.log_in("Members", "bob@club.example").await?,
        served.log_in("Members", "eve@club.example").await?,
    );
    let nobody = served.anonymous();
    for (request, expected) in [
        ("GET /Projects", [200, 200, 200, 200]),
        // Ann owns it, Bob works on it.
        ("GET /Projects/1", [200, 200, 401, 401]),
        ("GET /Projects/2", [401, 200, 401, 401]),
        // Somebody who is not there, nobody, and what is not there.
        ("GET /Projects/3", [401, 401, 401, 401]),
        ("GET /Projects/4", [401, 401, 401, 401]),
        ("GET /Projects/99", [401, 401, 401, 401]),
        ("GET /Projects/x", [401, 401, 401, 401]),
        ("PATCH /Projects/1", [200, 401, 401, 401]),
        ("PATCH /Projects/1?id=2", [200, 401, 401, 401]),
        ("PATCH /Projects/99", [401, 401, 401, 401]),
        // Nobody owns a list, and no list is related to anybody.
        ("GET /Projects/count", [401, 401, 401, 401]),
        ("GET /Projects/count?id=1", [401, 401, 401, 401]),
        // The rules of members hold for what a relation leads to: they are shown to nobody.
        ("GET /Projects/1/workers", [401, 401, 401, 401]),
        ("GET /Projects?filter[include]=owner", [401, 401, 401, 401]),
        // The user 1 alone.
        ("POST /Projects", [422, 401, 401, 401]),
    ] {
        let callers = [&ann, &bob, &eve, &nobody];
        for (caller, expected) in callers.into_iter().zip(expected) {
            assert_eq!(caller.status(request).await?, expected, "{request}");
        }
    }
    // An id in a body makes nobody an owner.
    let (status, _) = eve
        .call("PATCH /Projects/1", json!({"id": 1, "ownerId": 3}))
        .await?;
    assert_eq!(status, 401);

    // Whatever `userId` says, if it says something, decides alone; then `owner`.
    let things = served.application.repository::<Thing>()?;
    for (user_id, owner) in [
        (Some(1), None),
        (None, Some("1")),
        (Some(2), Some("1")),
        (Some(0), Some("1")),
        (None, None),
    ] {
        let owner = owner.map(str::to_owned);
        things
            .create(Thing {
                id: 0,
                user_id,
                owner,
            })
            .await?;
    }
    for (id, expected) in [(1, 200), (2, 200), (3, 403), (4, 200), (5, 403)] {
        assert_eq!(
            ann.status(&format!("GET /Things/{id}")).await?,
            expected,
            "{id}"
        );
    }
    Ok(())
}

async fn roles_and_those_who_are_in_them(url: &str) -> TestResult {
    let club = club(url).await?;
    let served = &club.served;
    let ann = served.log_in("Members", "ann@club.example").await?;
    let bob = served.log_in("Members", "bob@club.example").await?;
    club.join("admin", RoleMapping::OF_USER, 2).await?;
    // Ids are compared as they are, as texts.
    club.join("admin", RoleMapping::OF_USER, "01").await?;
    club.join("admin", RoleMapping::OF_APP, 1).await?;
    assert_eq!(ann.status("DELETE /Projects/4").await?, 401);
    assert_eq!(bob.status("DELETE /Projects/4").await?, 200);

    // Members of a role within a role, however deep; and roles that contain each other end.
    club.join("friend", RoleMapping::OF_USER, 1).await?;
    let roles = served.application.repository::<Role>()?;
    let id = async |name: &str| {
        let role = roles.find().filter(Role::NAME.eq(name)).one().await?;
        Ok::<_, loopwright::Error>(role.map(|role| role.id).unwrap_or_default())
    };
    assert_eq!(ann.status("GET /Projects/findOne").await?, 401);
    let friend = id("friend").await?;
    club.join("visitor", RoleMapping::OF_ROLE, friend).await?;
    let visitor = id("visitor").await?;
    club.join("guest", RoleMapping::OF_ROLE, visitor).await?;
    let guest = id("guest").await?;
    club.join("friend", RoleMapping::OF_ROLE, guest).await?;
    assert_eq!(ann.status("GET /Projects/findOne").await?, 200);
    assert_eq!(bob.status("GET /Projects/findOne").await?, 401);

    // A resolver decides about its role, and is asked once for each instance and request.
    club.asked.store(0, Ordering::Relaxed);
    assert_eq!(bob.status("GET /Projects/1/exists").await?, 200);
    assert_eq!(club.asked.load(Ordering::Relaxed), 1);
    assert_eq!(ann.status("GET /Projects/1/exists").await?, 401);
    assert_eq!(
        served.anonymous().status("GET /Projects/1/exists").await?,
        401
    );
    // Whose failure is that of the one call.
    assert_eq!(bob.status("GET /Projects/13/exists").await?, 500);
    assert_eq!(bob.status("GET /Projects/13").await?, 401);
    club.join("worker", RoleMapping::OF_USER, 1).await?;
    assert_eq!(ann.status("GET /Projects/1/exists").await?, 401);

    // An application has a token of its own.
    let robot = AccessToken {
        app_id: Some("robot".into()),
        ttl: Some(60),
        ..AccessToken::default()
    };
    let robot = served.bearer(&club.token(robot).await?);
    let body = json!({"id": 1, "name": "Orchard"});
    assert_eq!(robot.call("PUT /Projects", body.clone()).await?.0, 200);
    assert_eq!(ann.call("PUT /Projects", body).await?.0, 401);
    Ok(())
}

async fn rows_go_between_the_rules_of_the_program(url: &str) -> TestResult {
    let club = club(url).await?;
    let served = &club.served;
    let ann = served.log_in("Members", "ann@club.example").await?;
    let bob = served.log_in("Members", "bob@club.example").await?;
    let nobody = served.anonymous();
    let expect = async |request: &str, expected: [u16; 3]| -> TestResult {
        for (caller, expected) in [&ann, &bob, &nobody].into_iter().zip(expected) {
            assert_eq!(caller.status(request).await?, expected, "{request}");
        }
        Ok(())
    };
    // The program denies it to everyone at the same place, and denying wins.
    club.rule(["*", "*", "ALLOW", "ROLE", "$everyone"]).await?;
    expect("GET /Projects/findOne", [401, 401, 401]).await?;
    // A method's name is stronger; an alias names it too.
    club.rule(["count", "*", "ALLOW", "ROLE", "$authenticated"])
        .await?;
    expect("GET /Projects/count", [200, 200, 401]).await?;
    club.rule(["patchOrCreate", "WRITE", "ALLOW", "USER", "2"])
        .await?;
    expect("PATCH /Projects", [401, 422, 401]).await?;
    // Closed by a row.
    club.rule(["find", "READ", "DENY", "USER", "1"]).await?;
    expect("GET /Projects", [401, 200, 200]).await?;
    // Rows without a property, a kind of access or a principal are about nothing.
    club.rule(["findOne", "EXECUTE", "ALLOW", "ROLE", "$everyone"])
        .await?;
    club.rule(["findOne", "READ", "ALLOW", "Role", "$everyone"])
        .await?;
    expect("GET /Projects/findOne", [401, 401, 401]).await?;
    Ok(())
}

async fn refusals_have_the_status_of_the_model(url: &str) -> TestResult {
    let club = club(url).await?;
    let served = &club.served;
    let ann = served.log_in("Members", "ann@club.example").await?;
    let nobody = served.anonymous();
    let unauthorized = json!({"error": {"name": "Error", "status": 401, "message": "Authorization Required", "statusCode": 401, "code": "AUTHORIZATION_REQUIRED"}});
    let denied = json!({"error": {"name": "Error", "status": 403, "message": "Access Denied", "statusCode": 403, "code": "ACCESS_DENIED"}});
    let missing = |id: &str| json!({"error": {"name": "Error", "status": 404, "message": format!("could not find Diary with id {id}"), "statusCode": 404, "code": "MODEL_NOT_FOUND"}});
    for (request, status, body) in [
        ("GET /Projects/2", 401, unauthorized.clone()),
        ("GET /Things", 403, denied),
        ("GET /Diaries/7", 404, missing("7")),
        ("GET /Diaries", 404, missing("undefined")),
    ] {
        assert_eq!(
            ann.call(request, Json::Null).await?,
            (status, body),
            "{request}"
        );
        assert_eq!(
            nobody.call(request, Json::Null).await?,
            (401, unauthorized.clone()),
            "{request}"
        );
    }
    // A token that nobody knows is none; one whose time is over is told once.
    let forged = served.bearer("forged");
    assert_eq!(forged.call("GET /Things", Json::Null).await?.0, 401);
    assert_eq!(forged.status("GET /Projects").await?, 200);
    let old = AccessToken {
        created: Some(Utc::now() - std::time::Duration::from_secs(61)),
        ttl: Some(60),
        user_id: Some(1),
        ..AccessToken::default()
    };
    let old = served.bearer(&club.token(old).await?);
    let (status, body) = old.call("GET /Projects", Json::Null).await?;
    assert_eq!(
        (status, body["error"]["code"].as_str()),
        (401, Some("INVALID_TOKEN"))
    );
    assert_eq!(old.status("GET /Projects").await?, 200);
    let (head, truncated) = (ann.token(), &ann.token()[..63]);
    assert_eq!(served.bearer(truncated).status("GET /Diaries").await?, 401);
    assert_eq!(
        served
            .bearer(&format!("Bearer {head}"))
            .status("GET /Diaries")
            .await?,
        404
    );
    Ok(())
}

//! From one access rule of a model to fifty, and from one role of a user to fifty.

use std::time::Duration;

use loopwright::App;
use loopwright::access::Caller;
use loopwright::builtin::{AccessToken, Role, RoleMapping, User};
use loopwright::definitions::Definitions;
use loopwright::prelude::*;
use loopwright_tests::postgres_url;
use serde_json::{Value as Json, json};

use crate::Result as AnyResult;
use crate::cost;
use crate::curve::{Axis, Curve};
use crate::definitions::{allow, folder};
use crate::pace::Pace;
use crate::server::{Request, Server, config};

const SIZES: [usize; 6] = [1, 10, 20, 30, 40, 50];

/// How many decisions are made by themselves.
const DECISIONS: u32 = 200_000;

/// The token of somebody.
const TOKEN: &str = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZab";

/// Somebody with roles.
#[derive(Model, Clone)]
struct Person {
    #[model(base)]
    user: User,
}

/// Whom all rules but the weakest are about, and who asks.
#[derive(Clone, Copy)]
enum About {
    /// Users, of whom the caller is none; the weakest is about everyone.
    Users,
    /// Roles, of which the caller has none; the weakest is about who is logged in.
    Roles,
}

impl About {
    const ALL: [(&str, About); 2] = [
        ("rules about users, nobody is logged in", About::Users),
        ("rules about roles, a token and its roles", About::Roles),
    ];

    fn token(self) -> Option<&'static str> {
        match self {
            About::Users => None,
            About::Roles => Some(TOKEN),
        }
    }

    /// So many rules about reading by id, the last of which decides: half of them name the method.
    fn rules(self, count: usize) -> Vec<Json> {
        let (kind, weakest) = match self {
            About::Users => ("USER", "$everyone"),
            About::Roles => ("ROLE", "$authenticated"),
        };
        let rule = |number: usize| {
            let mut rule = allow("READ", &format!("stranger{number}"));
            rule["principalType"] = kind.into();
            if number.is_multiple_of(2) {
                rule["property"] = "findById".into();
            }
            rule
        };
        let mut rules: Vec<_> = (1..count).map(rule).collect();
        rules.push(allow("*", weakest));
        rules
    }
}

fn thing(acls: Vec<Json>) -> Json {
    json!({
        "name": "Thing",
        "base": "PersistedModel",
        "properties": {"name": "string"},
        "acls": acls,
    })
}

pub async fn serve(folder: &str, url: &str, roles: usize) -> AnyResult<()> {
    Ok(app(folder, url, roles).run().await?)
}

fn app(folder: &str, url: &str, roles: usize) -> App {
    App::new()
        .config(config(url, None))
        .definitions(Definitions::folder(folder))
        .models::<(Person,)>()
        .boot(move |app| fill(app, roles))
}

/// Something to read, and somebody with so many roles: `role1`, `role2` and so on.
async fn fill(app: Application, roles: usize) -> Result<()> {
    app.records("Thing")?.create(json!({"name": "one"})).await?;
    let user = User::new("ann@rules.example", "secret");
    let person = app.repository::<Person>()?.create(Person { user }).await?;
    for number in 1..=roles {
        let role = Role {
            name: format!("role{number}"),
            ..Role::default()
        };
        let role = app.repository::<Role>()?.create(role).await?;
        let mapping = RoleMapping {
            principal_type: Some(RoleMapping::OF_USER.to_owned()),
            principal_id: Some(person.user.id.to_string()),
            role_id: Some(role.id),
            ..RoleMapping::default()
        };
        app.repository::<RoleMapping>()?.create(mapping).await?;
    }
    let token = AccessToken {
        id: TOKEN.to_owned(),
        user_id: Some(person.user.id),
        ttl: Some(86_400),
        created: Some(Utc::now()),
        ..AccessToken::default()
    };
    app.repository::<AccessToken>()?.create(token).await?;
    Ok(())
}

/// Makes decisions and nothing else, and prints the nanoseconds that each takes: of nobody, and of a user with one role.
pub async fn decide(folder: &str) -> AnyResult<()> {
    let app = app(folder, "memory:", 0).build().await?;
    let callers = [Caller::anonymous(), Caller::user("1", ["role1".to_owned()])];
    for caller in callers {
        let before = cost::cpu(std::process::id())?;
        for _ in 0..DECISIONS {
            app.allows(&caller, "Thing", "findById", Some("1")).await?;
        }
        let spent: Duration = cost::cpu(std::process::id())? - before;
        println!("{}", spent.as_nanos() / u128::from(DECISIONS));
    }
    Ok(())
}

pub async fn curves(pace: &Pace) -> AnyResult<Vec<Curve>> {
    let microseconds = || Axis::linear("CPU time per request, µs");
    let rules = || Axis::linear("rules about the method; the weakest decides");
    let mut get = Curve::new(
        "rules",
        "Access rules: a get by id on PostgreSQL",
        rules(),
        microseconds(),
    );
    let mut decision = Curve::new(
        "rules-decision",
        "Access rules: a decision by itself",
        rules(),
        Axis::linear("CPU time per decision, ns"),
    );
    let mut roles = Curve::new(
        "roles",
        "Roles of a user: a get by id on PostgreSQL",
        Axis::linear("roles of the user"),
        microseconds(),
    );
    for count in pace.sizes(&SIZES, 10) {
        for (place, (name, about)) in About::ALL.into_iter().enumerate() {
            let folder = folder(&[thing(about.rules(count))])?;
            let folder = folder.path().display();
            get.add(name, count, of_get(pace, &folder, 1, about.token()).await?);
            let each = decisions(&folder, pace)?;
            let each = each.get(place).ok_or("no decision was made")?;
            decision.add(name, count, *each);
        }
        // The rule is about the role that the user has had for the shortest time.
        let role = format!("role{count}");
        let folder = folder(&[thing(vec![allow("READ", &role)])])?;
        let cost = of_get(pace, &folder.path().display(), count, Some(TOKEN)).await?;
        roles.add("a rule about one of them", count, cost);
    }
    Ok(vec![get, decision, roles])
}

/// What a get costs where the caller has so many roles.
async fn of_get(
    pace: &Pace,
    folder: &impl std::fmt::Display,
    roles: usize,
    token: Option<&str>,
) -> AnyResult<f64> {
    let url = postgres_url().ok_or("PostgreSQL is not installed")?;
    let server = Server::start(&format!("rules {folder} {url} {roles}"))?;
    let request = |_| Request::get("Things/1").by(token);
    Ok(server.cost(pace, usize::MAX, request).await?.server)
}

/// The nanoseconds of a decision about each caller, the least of some runs.
fn decisions(folder: &impl std::fmt::Display, pace: &Pace) -> AnyResult<Vec<f64>> {
    let mut least: Vec<f64> = Vec::new();
    for _ in 0..pace.repetitions {
        let output = Server::output(&format!("decisions {folder}"))?;
        let run = output.lines().map(str::parse::<f64>);
        let run = run.collect::<std::result::Result<Vec<_>, _>>()?;
        least = match least.is_empty() {
            true => run,
            false => run
                .iter()
                .zip(least)
                .map(|(one, two)| one.min(two))
                .collect(),
        };
    }
    Ok(least)
}

//! Rules at random: what the application decides is what the contract's algorithm decides (contract *access-control.md* §10).
//!
//! The algorithm is written down here once more, by the words of the contract alone. What users may do is its table
//! (contract *users.md* §4).

use std::fmt::Write as _;

use loopwright::Config;
use loopwright::builtin::{Acl, Application as Client, RoleMapping, TotpConfig, User};
use loopwright::definitions::Definitions;
use loopwright::prelude::*;
use loopwright_tests::serve::serve;
use serde_json::{Value as Json, json};

type TestResult = Result<(), Box<dyn std::error::Error>>;

/// Somebody.
#[derive(Model, Clone, Debug)]
struct Person {
    #[model(base)]
    user: User,
}

/// A rule, as an entry of `acls`.
#[derive(Debug, Clone)]
struct Rule {
    principal: &'static str,
    access: &'static str,
    method: &'static str,
    permission: &'static str,
}

/// A method: its name, its kind of access, how it is called, and whether the path names an instance.
const METHODS: [(&str, &str, &str, bool); 14] = [
    ("create", "WRITE", "POST ", false),
    ("upsert", "WRITE", "PATCH ", false),
    ("replaceOrCreate", "WRITE", "POST /replaceOrCreate", false),
    (
        "upsertWithWhere",
        "WRITE",
        "POST /upsertWithWhere?where={\"id\":77}",
        false,
    ),
    ("find", "READ", "GET ", false),
    ("findOne", "READ", "GET /findOne", false),
    ("count", "READ", "GET /count", false),
    (
        "updateAll",
        "WRITE",
        "POST /update?where={\"id\":78}",
        false,
    ),
    ("findById", "READ", "GET /1", true),
    ("exists", "READ", "GET /1/exists", true),
    ("exists", "READ", "HEAD /1", true),
    ("updateAttributes", "WRITE", "PATCH /1", true),
    ("replaceById", "WRITE", "POST /1/replace", true),
    ("deleteById", "WRITE", "DELETE /999", true),
];

/// Who calls: nobody, the owner of the first instance, somebody else, a member of `staff`.
const CALLERS: [&str; 4] = ["nobody", "owner", "other", "staff"];

const PRINCIPALS: [&str; 7] = [
    "$everyone",
    "$authenticated",
    "$unauthenticated",
    "$owner",
    "staff",
    "USER 2",
    "USER 3",
];

/// The same numbers with every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % bound as u64).unwrap_or(0)
    }

    fn rule(&mut self) -> Rule {
        let principal = PRINCIPALS[self.below(PRINCIPALS.len())];
        let permission = ["ALLOW", "ALLOW", "DENY", "AUDIT"][self.below(4)];
        let (access, method) = match self.below(3) {
            0 => ("*", "*"),
            1 => (["READ", "WRITE", "EXECUTE"][self.below(3)], "*"),
            _ => ("*", METHODS[self.below(METHODS.len())].0),
        };
        Rule {
            principal,
            access,
            method,
            permission,
        }
    }
}

/// Is the rule about this caller? The first instance is the owner's; the last is nobody's.
fn is_about(rule: &Rule, caller: &str, path: &str) -> bool {
    let known = caller != "nobody";
    match rule.principal {
        "$everyone" => true,
        "$authenticated" => known,
        "$unauthenticated" => !known,
        "$owner" => caller == "owner" && path.contains("/1"),
        "staff" => caller == "staff",
        "USER 2" => caller == "other",
        "USER 3" => caller == "staff",
        _ => false,
    }
}

/// The score of the contract, or nothing.
fn score(rule: &Rule, method: &str, access: &str) -> Option<i64> {
    let exact = |rule: &str, asked: &str| match rule {
        "*" => Some(2),
        same if same == asked => Some(3),
        _ => None,
    };
    let mut score = 3;
    score = score * 4 + exact(rule.method, method)?;
    score = score * 4
        + if rule.access == "EXECUTE" {
            3
        } else {
            exact(rule.access, access)?
        };
    let user = rule.principal.starts_with("USER");
    score = score * 4 + if user { 4 } else { 2 };
    score = score * 8
        + match rule.principal {
            _ if user => 0,
            "$owner" => 4,
            "$authenticated" | "$unauthenticated" => 2,
            "$everyone" => 1,
            _ => 5,
        };
    let permission = match rule.permission {
        "ALLOW" => 0,
        "AUDIT" => 2,
        _ => 3,
    };
    Some(score * 4 + permission)
}

/// May the caller do that? Nothing matches: no (where LoopBack has its default).
fn allowed(
    rules: &[Rule],
    caller: &str,
    (method, access, request, _): (&str, &str, &str, bool),
) -> bool {
    let about = rules.iter().filter(|rule| is_about(rule, caller, request));
    let scored = about.filter_map(|rule| Some((score(rule, method, access)?, rule)));
    let strongest = scored.max_by_key(|(score, _)| *score);
    strongest.is_some_and(|(_, rule)| rule.permission != "DENY")
}

#[tokio::test]
async fn rules_at_random_decide_as_the_contract_has_it() -> TestResult {
    const MODELS: usize = 60;
    let mut numbers = Numbers(20_181_018);
    let folder = tempfile::tempdir()?;
    let models = folder.path().join("models");
    std::fs::create_dir(&models)?;
    let mut config = String::from("{\"_meta\": {\"sources\": [\"./models\"]}");
    let mut all = Vec::new();
    for number in 0..MODELS {
        let mut rules: Vec<_> = (0..1 + numbers.below(6)).map(|_| numbers.rule()).collect();
        // A model says something about access.
        rules.push(numbers.rule());
        let acls: Vec<_> = rules
            .iter()
            .map(|rule| {
                let (kind, id) = rule
                    .principal
                    .split_once(' ')
                    .unwrap_or(("ROLE", rule.principal));
                json!({"principalType": kind, "principalId": id, "accessType": rule.access,
                    "property": rule.method, "permission": rule.permission})
            })
            .collect();
        let name = format!("Thing{number}");
        let definition = json!({
            "name": name, "plural": format!("things{number}"), "base": "PersistedModel",
            "properties": {"id": {"type": "number", "id": true}, "userId": {"type": "number"}},
            "acls": acls,
        });
        std::fs::write(
            models.join(format!("thing{number}.json")),
            definition.to_string(),
        )?;
        write!(
            config,
            ", \"{name}\": {{\"dataSource\": \"db\", \"public\": true}}"
        )?;
        all.push((name, rules));
    }
    std::fs::write(folder.path().join("model-config.json"), config + "}")?;
    let app = App::new()
        .config(Config::default())
        .data_source("db", "memory:")
        .definitions(Definitions::folder(folder.path()).allow_missing())
        .models::<(Person,)>();
    let served = serve(app).await?;
    let people = served.application.repository::<Person>()?;
    for name in ["owner", "other", "staff"] {
        let user = User::new(format!("{name}@test.example"), "secret");
        people.create(Person { user }).await?;
    }
    served.grant("staff", RoleMapping::OF_USER, 3).await?;
    let mut callers = vec![served.anonymous()];
    for name in &CALLERS[1..] {
        callers.push(
            served
                .log_in("People", &format!("{name}@test.example"))
                .await?,
        );
    }
    let (mut yes, mut no) = (0, 0);
    for (number, (name, rules)) in all.iter().enumerate() {
        let things = served.application.records(name)?;
        things.create(json!({"id": 1, "userId": 1})).await?;
        for method in METHODS {
            let (verb, path) = method.2.split_once(' ').ok_or("a verb and a path")?;
            let request = format!("{verb} /things{number}{path}");
            let body = match verb {
                "POST" | "PATCH" => json!({"userId": 1}),
                _ => Json::Null,
            };
            for (caller, who) in callers.iter().zip(CALLERS) {
                let (status, answer) = caller.call(&request, body.clone()).await?;
                let expected = allowed(rules, who, method);
                assert_eq!(
                    status != 401,
                    expected,
                    "{who}: {request}: {status} {answer}\n{rules:#?}"
                );
                if expected { yes += 1 } else { no += 1 }
            }
        }
    }
    // Neither is an accident.
    assert!(yes > 500 && no > 500, "{yes} allowed, {no} denied");
    Ok(())
}

/// Who may call a method.
#[derive(Clone, Copy, PartialEq)]
enum Who {
    Everyone,
    LoggedIn,
    /// Whose id it is.
    Own,
    Nobody,
}

/// The methods of users (contract *users.md* §4 and §12), and what is off until it is configured, but for what ends a session. The first user is called 1.
const OF_USERS: &[(Who, &str)] = &[
    (Who::Everyone, "POST "),
    (Who::Own, "GET /1"),
    (Who::Own, "PATCH /1"),
    (Who::Own, "PUT /1"),
    (Who::Own, "POST /1/replace"),
    (Who::Own, "POST /1/verify"),
    (Who::Everyone, "POST /login"),
    (Who::Everyone, "GET /confirm"),
    (Who::Everyone, "POST /reset"),
    (Who::LoggedIn, "POST /change-password"),
    (Who::LoggedIn, "POST /reset-password"),
    (Who::LoggedIn, "POST /totp"),
    (Who::LoggedIn, "POST /totp/confirm"),
    (Who::LoggedIn, "POST /totp/disable"),
    (Who::Nobody, "GET "),
    (Who::Nobody, "GET /1/exists"),
    (Who::Nobody, "HEAD /1"),
    (Who::Nobody, "GET /count"),
    (Who::Nobody, "GET /findOne"),
    (Who::Nobody, "PUT "),
    (Who::Nobody, "PATCH "),
    (Who::Nobody, "POST /replaceOrCreate"),
    (Who::Nobody, "POST /upsertWithWhere"),
    (Who::Nobody, "POST /update"),
    (Who::Nobody, "GET /change-stream"),
    (Who::Nobody, "GET /1/accessTokens"),
    (Who::Nobody, "POST /1/accessTokens"),
    (Who::Nobody, "DELETE /1/accessTokens"),
    (Who::Nobody, "GET /1/accessTokens/count"),
    (Who::Nobody, "GET /1/accessTokens/x"),
    (Who::Nobody, "PUT /1/accessTokens/x"),
    (Who::Nobody, "DELETE /1/accessTokens/x"),
    (Who::Own, "DELETE /1"),
    (Who::Everyone, "POST /logout"),
];

#[tokio::test]
async fn users_come_with_the_rules_of_the_contract() -> TestResult {
    for (position, who) in CALLERS.iter().enumerate() {
        let mut config = Config::default();
        config.users.totp = Some(TotpConfig::new("Test"));
        let app = App::new()
            .config(config)
            .data_source("db", "memory:")
            .models::<(Person, Acl, Client)>();
        let served = serve(app).await?;
        let people = served.application.repository::<Person>()?;
        for name in &CALLERS[1..] {
            let user = User::new(format!("{name}@test.example"), "secret");
            people.create(Person { user }).await?;
        }
        served.grant("staff", RoleMapping::OF_USER, 3).await?;
        let caller = match position {
            0 => served.anonymous(),
            _ => {
                let address = format!("{who}@test.example");
                served.log_in("People", &address).await?
            }
        };
        for (allowed, request) in OF_USERS {
            let (verb, path) = request.split_once(' ').ok_or("a verb and a path")?;
            let request = format!("{verb} /People{path}");
            let body = match verb {
                "GET" | "HEAD" | "DELETE" => Json::Null,
                _ => json!({}),
            };
            let (status, answer) = caller.call(&request, body).await?;
            // An answer to HEAD has no body; elsewhere 401 may have other reasons.
            let refused = status == 401
                && (verb == "HEAD" || answer["error"]["code"] == "AUTHORIZATION_REQUIRED");
            let expected = match allowed {
                Who::Everyone => true,
                Who::LoggedIn => position > 0,
                Who::Own => *who == "owner",
                Who::Nobody => false,
            };
            assert_eq!(!refused, expected, "{who}: {request}: {status} {answer}");
        }
        // Tokens, roles, rules and programs are not served at all.
        for path in [
            "AccessTokens",
            "Roles",
            "RoleMappings",
            "ACLs",
            "Acls",
            "Scopes",
            "Applications",
        ] {
            let status = caller.status(&format!("GET /{path}")).await?;
            assert_eq!(status, 404, "{who}: {path}");
        }
    }
    Ok(())
}

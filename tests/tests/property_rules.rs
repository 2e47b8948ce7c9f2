//! Who may read and write which property.

use futures_util::StreamExt as _;
use loopwright::Config;
use loopwright::builtin::{Acl, RoleMapping, User};
use loopwright::prelude::*;
use loopwright_tests::on_every_database;
use loopwright_tests::serve::{Served, serve};
use serde_json::{Value as Json, json};

type TestResult = Result<(), Box<dyn std::error::Error>>;

/// Somebody with an account.
#[derive(Model, Clone, Debug)]
struct Account {
    #[model(base)]
    user: User,
}

/// Somebody who works here.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
struct Employee {
    #[model(id, generated)]
    id: i64,
    name: String,
    /// The personnel department knows it, and whose it is.
    #[acl(allow(all), to = role("hr"))]
    #[acl(allow(read), to = owner)]
    salary: Option<i64>,
    /// Only those who are logged in learn it, and the personnel department alone writes it.
    #[acl(allow(read), to = authenticated)]
    #[acl(allow(write), to = role("hr"))]
    grade: Option<String>,
    user_id: Option<i64>,
    team_id: Option<i64>,
    #[relation(belongs_to)]
    team: BelongsTo<Team>,
}

/// Who works together.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
struct Team {
    #[model(id, generated)]
    id: i64,
    #[relation(has_many)]
    employees: HasMany<Employee>,
}

async fn office(url: &str) -> Result<Served, Box<dyn std::error::Error>> {
    let mut config = Config::default();
    config.rest.nested_writes = true;
    let app = App::new()
        .config(config)
        .data_source("db", url)
        .models::<(Account, Employee, Team, Acl)>();
    let served = serve(app).await?;
    let accounts = served.application.repository::<Account>()?;
    for name in ["ann", "hal"] {
        let user = User::new(format!("{name}@office.example"), "secret");
        accounts.create(Account { user }).await?;
    }
    served.grant("hr", RoleMapping::OF_USER, 2).await?;
    served
        .application
        .repository::<Team>()?
        .create(Team::default())
        .await?;
    let employees = served.application.repository::<Employee>()?;
    for (name, user, salary) in [("Ann", Some(1), 10), ("Bob", None, 20)] {
        let employee = Employee {
            name: name.into(),
            salary: Some(salary),
            grade: Some("a".into()),
            user_id: user,
            team_id: Some(1),
            ..Employee::default()
        };
        employees.create(employee).await?;
    }
    Ok(served)
}

/// The salary and the grade of an answer.
fn secrets(employee: &Json) -> (Option<i64>, Option<&str>) {
    (employee["salary"].as_i64(), employee["grade"].as_str())
}

on_every_database! {
    what_is_not_to_be_read_is_nowhere
    what_is_not_to_be_written_stays
}

async fn what_is_not_to_be_read_is_nowhere(url: &str) -> TestResult {
    let served = office(url).await?;
    let nobody = served.anonymous();
    let ann = served.log_in("Accounts", "ann@office.example").await?;
    let hal = served.log_in("Accounts", "hal@office.example").await?;
    for (caller, first, second) in [
        (&nobody, (None, None), (None, None)),
        (&ann, (Some(10), Some("a")), (None, Some("a"))),
        (&hal, (Some(10), Some("a")), (Some(20), Some("a"))),
    ] {
        let get = async |path: &str| caller.call(&format!("GET {path}"), Json::Null).await;
        let list = get("/Employees?filter[order]=id").await?.1;
        assert_eq!((secrets(&list[0]), secrets(&list[1])), (first, second));
        assert_eq!(
            list[1].get("salary").is_some(),
            second.0.is_some(),
            "{list}"
        );
        assert_eq!(secrets(&get("/Employees/2").await?.1), second);
        let one = get("/Employees/findOne?filter[where][id]=2&filter[fields]=salary")
            .await?
            .1;
        assert_eq!(one["salary"].as_i64(), second.0);
        let team = get("/Teams/1?filter[include]=employees").await?.1;
        assert_eq!(secrets(&team["employees"][1]), second);
        let related = get("/Teams/1/employees?filter[order]=id").await?.1;
        assert_eq!(
            (secrets(&related[0]), secrets(&related[1])),
            (first, second)
        );
        let deep = get("/Employees/1?filter={\"include\":{\"team\":\"employees\"}}")
            .await?
            .1;
        assert_eq!(secrets(&deep["team"]["employees"][1]), second);
        let patched = caller
            .call("PATCH /Employees/2", json!({"name": "Bob"}))
            .await?
            .1;
        assert_eq!(secrets(&patched), second);
    }
    // To find by it, or to put it in order, would tell it.
    for request in [
        "GET /Employees?filter[where][salary]=10",
        "GET /Employees?filter[where][or][0][name]=Ann&filter[where][or][1][salary][gt]=5",
        "GET /Employees?filter[order]=salary",
        "GET /Employees/findOne?filter[where][salary]=10",
        "GET /Employees/count?where={\"salary\":10}",
        "POST /Employees/update?where={\"salary\":10}",
        "POST /Employees/upsertWithWhere?where={\"salary\":10}",
        "GET /Teams/1/employees?filter[where][salary]=10",
        "GET /Teams/1/employees/count?where={\"salary\":10}",
        "GET /Teams?filter={\"include\":{\"relation\":\"employees\",\"scope\":{\"where\":{\"salary\":10}}}}",
        "GET /Teams/1?filter={\"include\":{\"relation\":\"employees\",\"scope\":{\"order\":\"salary\"}}}",
        "GET /Employees/change-stream?options={\"where\":{\"salary\":10}}",
    ] {
        let body = if request.starts_with('P') {
            json!({"name": "x"})
        } else {
            Json::Null
        };
        for caller in [&nobody, &ann] {
            let (status, answer) = caller.call(request, body.clone()).await?;
            assert_eq!(
                (status, answer["error"]["code"].as_str()),
                (400, Some("PROPERTY_NOT_READABLE")),
                "{request}"
            );
        }
    }
    assert_eq!(
        hal.call("GET /Employees/count?where={\"salary\":10}", Json::Null)
            .await?
            .1["count"],
        1
    );
    assert_eq!(
        hal.status("GET /Employees?filter[order]=salary").await?,
        200
    );
    Ok(())
}

async fn what_is_not_to_be_written_stays(url: &str) -> TestResult {
    let served = office(url).await?;
    let ann = served.log_in("Accounts", "ann@office.example").await?;
    let hal = served.log_in("Accounts", "hal@office.example").await?;
    let employees = served.application.repository::<Employee>()?;
    let stored = async |id: i64| {
        let employee = employees.find_by_id(id).await?;
        Ok::<_, loopwright::Error>(employee.map(|employee| (employee.salary, employee.grade)))
    };
    let before = Some((Some(10), Some("a".to_owned())));
    let rise =
        json!({"id": 1, "name": "Ann", "salary": 99, "grade": "z", "userId": 1, "teamId": 1});
    for request in [
        "PATCH /Employees/1",
        "PUT /Employees/1",
        "PATCH /Employees",
        "POST /Employees/1/replace",
        "POST /Employees/replaceOrCreate",
        "POST /Employees/update?where={\"id\":1}",
        "POST /Employees/upsertWithWhere?where={\"id\":1}",
        "PUT /Teams/1/employees/1",
    ] {
        let mut body = rise.clone();
        if request.contains("where") {
            body.as_object_mut().ok_or("no object")?.remove("id");
        }
        let (status, answer) = ann.call(request, body).await?;
        assert_eq!(status, 200, "{request}: {answer}");
        assert_eq!(stored(1).await?, before, "{request}");
    }
    for request in ["POST /Employees", "POST /Teams/1/employees"] {
        let (status, new) = ann
            .call(request, json!({"name": "Eve", "salary": 99, "grade": "z"}))
            .await?;
        assert_eq!(status, 200, "{new}");
        assert_eq!(
            stored(new["id"].as_i64().ok_or("no id")?).await?,
            Some((None, None)),
            "{request}"
        );
    }
    // Nor does it come in within something else.
    let team = json!({"employees": [{"name": "Eve", "salary": 99, "grade": "z"}]});
    for body in [team.clone(), json!([team])] {
        let (status, team) = ann.call("POST /Teams", body).await?;
        assert_eq!(status, 200, "{team}");
    }
    let within = Employee::TEAM_ID.gt(1);
    let within = employees.find().filter(within).all().await?;
    let within: Vec<_> = within
        .iter()
        .map(|one| (one.salary, one.grade.as_deref()))
        .collect();
    assert_eq!(within, [(None, None), (None, None)]);
    let list = json!([{"name": "Max", "salary": 99}]);
    let (_, list) = ann.call("POST /Employees", list).await?;
    assert_eq!(
        stored(list[0]["id"].as_i64().ok_or("no id")?).await?,
        Some((None, None))
    );
    let (status, changed) = hal
        .call("PATCH /Employees/1", json!({"salary": 11, "grade": "b"}))
        .await?;
    assert_eq!((status, secrets(&changed)), (200, (Some(11), Some("b"))));
    Ok(())
}

#[tokio::test]
async fn a_row_that_opens_the_model_does_not_open_its_properties() -> TestResult {
    let served = office("memory:").await?;
    let open = Acl {
        model: Some("Employee".into()),
        property: Some("*".into()),
        access_type: Some("*".into()),
        permission: Some("ALLOW".into()),
        principal_type: Some("ROLE".into()),
        principal_id: Some("$everyone".into()),
        ..Acl::default()
    };
    served.application.repository::<Acl>()?.create(open).await?;
    let nobody = served.anonymous();
    let (status, employee) = nobody.call("GET /Employees/2", Json::Null).await?;
    assert_eq!((status, secrets(&employee)), (200, (None, None)));
    let (status, _) = nobody
        .call("PATCH /Employees/2", json!({"salary": 99}))
        .await?;
    assert_eq!(status, 200);
    let employees = served.application.repository::<Employee>()?;
    let salary = employees.find_by_id(2).await?.map(|one| one.salary);
    assert_eq!(salary, Some(Some(20)));
    Ok(())
}

/// What a bank knows.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
struct Ledger {
    #[model(id, generated)]
    id: i64,
    name: String,
    #[acl(allow(read), to = role("bank"))]
    rating: i64,
    #[acl(allow(write), to = role("bank"))]
    note: Option<String>,
}

#[tokio::test]
async fn the_document_tells_what_may_be_missing() -> TestResult {
    let app = App::new()
        .config(Config::default())
        .data_source("db", "memory:")
        .models::<(Ledger,)>();
    let served = serve(app).await?;
    let new = json!({"name": "A", "rating": 3, "note": "x"});
    let (status, ledger) = served.anonymous().call("POST /Ledgers", new).await?;
    assert_eq!((status, ledger), (200, json!({"id": 1, "name": "A"})));
    let document: Json = serde_json::from_str(&served.application.openapi().to_json()?)?;
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["Ledger"]["required"], json!(["id", "name"]));
    let words = |schema: &str, property: &str| {
        let property = &schemas[schema]["properties"][property];
        property["description"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    assert!(words("Ledger", "rating").contains("may read it"));
    assert!(words("NewLedger", "note").contains("may write it"));
    assert_eq!(words("Ledger", "note"), "");
    Ok(())
}

/// A part of a machine.
#[derive(Model, Clone, Debug, Default)]
#[model(public = false)]
struct Part {
    #[model(id, generated)]
    id: i64,
    #[acl(allow(read), to = role("buyer"))]
    price: Option<i64>,
}

/// What holds parts.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
struct Machine {
    #[model(id, generated)]
    id: i64,
    #[relation(embeds_many)]
    parts: EmbedsMany<Part>,
}

#[tokio::test]
async fn rules_that_would_not_hold_are_refused() -> TestResult {
    let app = App::new()
        .config(Config::default())
        .data_source("db", "memory:")
        .models::<(Machine,)>();
    let error = app.build().await.err().ok_or("it starts")?.to_string();
    assert!(error.contains("`Part` is within `Machine`"), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_change_stream_does_not_tell_it_either() -> TestResult {
    let served = office("memory:").await?;
    let url = format!("{}/api/Employees/change-stream", served.url);
    let mut stream = served.client.get(url).send().await?.bytes_stream();
    let employees = served.application.repository::<Employee>()?;
    let mut heard = String::new();
    while !heard.contains(":ok") {
        heard += &String::from_utf8_lossy(&stream.next().await.ok_or("the end")??);
    }
    employees
        .update(2, Patch::new().set(Employee::SALARY, 918_273_645))
        .await?;
    employees
        .update_all(
            Employee::SALARY.eq(918_273_645),
            Patch::new().set(Employee::NAME, "Rob".to_owned()),
        )
        .await?;
    employees
        .update(1, Patch::new().set(Employee::NAME, "Anna".to_owned()))
        .await?;
    while !heard.contains("Anna") {
        heard += &String::from_utf8_lossy(&stream.next().await.ok_or("the end")??);
    }
    assert!(
        heard.contains("Rob") && !heard.contains("918273645") && !heard.contains("grade"),
        "{heard}"
    );
    Ok(())
}

#[tokio::test]
async fn the_document_says_whom_the_rules_are_about() -> TestResult {
    let served = office("memory:").await?;
    let document: Json = serde_json::from_str(&served.application.openapi().to_json()?)?;
    let schemas = &document["components"]["schemas"];
    for (schema, property, sentence) in [
        (
            "Employee",
            "salary",
            "Only members of the role `hr` or the owner may read it: for others it is not there.",
        ),
        (
            "EmployeePatch",
            "salary",
            "Only members of the role `hr` may write it: from others it is dropped.",
        ),
        (
            "Employee",
            "grade",
            "Only callers with an access token may read it: for others it is not there.",
        ),
    ] {
        let description = &schemas[schema]["properties"][property]["description"];
        let description = description.as_str().unwrap_or_default();
        assert!(
            description.ends_with(sentence),
            "{schema}.{property}: {description}"
        );
    }
    Ok(())
}

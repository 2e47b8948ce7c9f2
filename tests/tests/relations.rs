//! Relations through other models, to any model, and with options, as data under `cases/`, on every database.

use loopwright::Config;
use loopwright::prelude::*;
use loopwright_tests::relations::{
    All, Appointment, Assembly, Employee, Part, Patient, Physician, Picture, Product,
};
use loopwright_tests::serve::serve;
use loopwright_tests::{case, mongodb_url, on_every_database, postgres_url};

use serde_json::json;

type TestResult = std::result::Result<(), Box<dyn std::error::Error>>;

/// Runs the cases of `file` in order, on one application.
async fn run(file: &str, database: &str) -> TestResult {
    let served = serve(
        App::new()
            .config(Config::default())
            .data_source("db", database)
            .models::<All>(),
    )
    .await?;
    case::run_all(file, &served).await
}

async fn through(database: &str) -> TestResult {
    run("through.json", database).await
}

async fn polymorphic(database: &str) -> TestResult {
    run("polymorphic.json", database).await
}

async fn nested(database: &str) -> TestResult {
    run("nested_relations.json", database).await
}

async fn options(database: &str) -> TestResult {
    run("relation_options.json", database).await
}

async fn typed(database: &str) -> TestResult {
    let app = App::new()
        .config(Config::default())
        .data_source("db", database)
        .models::<All>();
    let app = app.build().await?;
    let physicians = app.repository::<Physician>()?;
    let named = |name: &str| Physician {
        name: name.into(),
        ..Physician::default()
    };
    let (ann, bob) = (
        physicians.create(named("Ann")).await?,
        physicians.create(named("Bob")).await?,
    );
    let patient = |name: &str| Patient {
        name: name.into(),
        ..Patient::default()
    };

    let of_ann = physicians.related(&ann, Physician::PATIENTS).await?;
    let of_bob = physicians.related(&bob, Physician::PATIENTS).await?;
    let zoe = of_ann.create(patient("Zoe")).await?;
    let yan = of_bob.create(patient("Yan")).await?;
    assert!(of_ann.exists(zoe.id).await? && !of_ann.exists(yan.id).await?);
    let monday = || Patch::new().set(Appointment::DATE, Some("Monday".into()));
    let link = of_ann.link_with::<Appointment>(yan.id, monday()).await?;
    assert_eq!(
        (link.patient_id, link.physician_id),
        (Some(yan.id), Some(ann.id))
    );
    of_ann.link(yan.id).await?;
    assert_eq!(
        app.repository::<Appointment>()?
            .count(Condition::ALL)
            .await?,
        3
    );
    let wrong = of_ann
        .link_with::<Patient>(yan.id, Patch::new())
        .await
        .err();
    assert_eq!(wrong.map(|error| error.status()), Some(400));

    assert_eq!(of_ann.count(Patient::NAME.eq("Yan")).await?, 1);
    let older = || Patch::new().set(Patient::AGE, Some(9));
    assert_eq!(of_ann.update(yan.id, older()).await?.age, Some(9));
    assert_eq!(
        of_ann.update_all(Patient::NAME.ne("Yan"), older()).await?,
        1
    );
    assert_eq!(of_bob.find_by_id(yan.id).await?.age, Some(9));
    let refused = of_bob.update(zoe.id, older()).await.err();
    assert_eq!(refused.map(|error| error.status()), Some(404));
    let last = of_ann.find().order(Patient::NAME.desc()).one().await?;
    assert_eq!(last.map(|patient| patient.name).as_deref(), Some("Zoe"));

    of_ann.unlink(yan.id).await?;
    assert!(!of_ann.exists(yan.id).await? && of_bob.exists(yan.id).await?);
    of_ann.delete_by_id(zoe.id).await?;
    assert!(!app.repository::<Patient>()?.exists(zoe.id).await?);
    assert_eq!(of_bob.delete_all().await?, 1);
    assert!(app.repository::<Patient>()?.exists(yan.id).await?);
    let direct = physicians.related(&ann, Physician::APPOINTMENTS).await?;
    let refused = direct.link(1).await.err();
    assert_eq!(
        refused.as_ref().and_then(|error| error.code()),
        Some("NO_LINK")
    );
    let built = direct.build(Appointment::default())?;
    assert_eq!(built.physician_id, Some(ann.id));

    let appointments = app.repository::<Appointment>()?;
    let appointment = appointments.create(Appointment::default()).await?;
    let whose = appointments
        .related(&appointment, Appointment::PATIENT)
        .await?;
    assert!(whose.get().await?.is_none());
    let ute = whose.create(patient("Ute")).await?;
    let refused = whose.create(patient("")).await.err();
    assert_eq!(refused.map(|error| error.status()), Some(422));
    let stored = appointments.find_by_id(appointment.id).await?;
    assert_eq!(stored.and_then(|one| one.patient_id), Some(ute.id));
    let whose = appointments
        .related(&appointment, Appointment::PATIENT)
        .await?;
    assert_eq!(
        whose.get().await?.map(|patient| patient.name).as_deref(),
        Some("Ute")
    );

    let employees = app.repository::<Employee>()?;
    let ann = employees.create(Employee::default()).await?;
    let pictures = employees.related(&ann, Employee::PICTURES).await?;
    let picture = pictures.create(Picture::default()).await?;
    assert_eq!(picture.imageable_type.as_deref(), Some("Employee"));
    let all = app.repository::<Picture>()?;
    let subject = all
        .related(&picture, Picture::IMAGEABLE)
        .await?
        .get()
        .await?;
    let subject = subject.ok_or("it shows nothing")?;
    assert_eq!(subject.name(), "Employee");
    assert_eq!(
        subject.to::<Employee>().map(|employee| employee.id),
        Some(ann.id)
    );
    assert!(subject.to::<Product>().is_none());
    let found = all.find().include(Picture::IMAGEABLE).one().await?;
    let found = found.ok_or("no picture")?;
    assert_eq!(found.imageable.get(), Some(&subject));
    let products = app.repository::<Product>()?;
    let tea = products.create(Product::default()).await?;
    let picture = products.related(&tea, Product::PICTURE).await?;
    assert!(picture.get().await?.is_none());
    picture.create(Picture::default()).await?;
    let cup = Patch::new().set(Picture::NAME, Some("cup".into()));
    assert_eq!(picture.update(cup).await?.name.as_deref(), Some("cup"));
    picture.delete().await?;
    assert!(picture.get().await?.is_none());
    Ok(())
}

on_every_database!(
    through polymorphic nested options typed together many_at_once
    nothing_belongs_by_a_key_that_is_not_there
);

async fn together(database: &str) -> TestResult {
    let app = App::new()
        .config(Config::default())
        .data_source("db", database)
        .models::<All>();
    let app = app.build().await?;
    let patient = |name: &str| Patient {
        name: name.into(),
        ..Patient::default()
    };
    let ann = |names: &[&str]| Physician {
        name: "Ann".into(),
        patients: names
            .iter()
            .map(|name| patient(name))
            .collect::<Vec<_>>()
            .into(),
        ..Physician::default()
    };
    let physicians = app.repository::<Physician>()?;
    let created = physicians.create_with_related(ann(&["Zoe", "Yan"])).await?;
    assert_eq!(created.patients.get().len(), 2);
    let patients = physicians.related(&created, Physician::PATIENTS).await?;
    assert_eq!(patients.count(Condition::ALL).await?, 2);
    let refused = physicians
        .create_with_related(ann(&["Xia", ""]))
        .await
        .err();
    assert_eq!(refused.map(|error| error.status()), Some(422));
    assert_eq!(physicians.count(Condition::ALL).await?, 1);
    assert_eq!(
        app.repository::<Appointment>()?
            .count(Condition::ALL)
            .await?,
        2
    );

    let employee = Employee {
        name: "Bob".into(),
        pictures: vec![Picture::default()].into(),
        portfolio: vec![Picture::default()].into(),
        ..Employee::default()
    };
    let bob = app
        .repository::<Employee>()?
        .create_with_related(employee)
        .await?;
    let picture = &bob.pictures.get()[0];
    assert_eq!(picture.imageable_type.as_deref(), Some("Employee"));
    assert_eq!(picture.imageable_id, Some(bob.id));
    let employees = app.repository::<Employee>()?;
    let portfolio = employees.related(&bob, Employee::PORTFOLIO).await?;
    assert_eq!(portfolio.count(Condition::ALL).await?, 1);
    Ok(())
}

async fn many_at_once(database: &str) -> TestResult {
    let served = serve(
        App::new()
            .config(Config::default())
            .data_source("db", database)
            .models::<All>(),
    )
    .await?;
    let app = &served.application;
    let physician = app
        .repository::<Physician>()?
        .create(Physician::default())
        .await?;
    let patient = Patient {
        name: "Zoe".into(),
        ..Patient::default()
    };
    let patient = app.repository::<Patient>()?.create(patient).await?;
    app.repository::<Assembly>()?
        .create(Assembly::default())
        .await?;
    let wheel = Part {
        number: "wheel".into(),
        ..Part::default()
    };
    app.repository::<Part>()?.create(wheel).await?;
    app.repository::<Product>()?
        .create(Product::default())
        .await?;
    let (physician, patient) = (physician.id, patient.id);
    // MongoDB locks nothing that is only read: there an index has to tell two of one kind apart.
    let locks = !database.starts_with("mongodb");
    for (verb, path, good) in [
        (
            "PUT",
            format!("Physicians/{physician}/patients/rel/{patient}"),
            200,
        ),
        ("PUT", "Assemblies/1/parts/rel/wheel".to_owned(), 200),
        ("POST", "Products/1/picture".to_owned(), 409),
    ] {
        let url = format!("{}/api/{path}", served.url);
        if !locks && !path.starts_with("Assemblies") {
            continue;
        }
        let verb: reqwest::Method = verb.parse()?;
        let ask = || {
            served
                .client
                .request(verb.clone(), &url)
                .json(&json!({}))
                .send()
        };
        for response in futures_util::future::join_all((0..12).map(|_| ask())).await {
            let status = response?.status().as_u16();
            // One of two changes at once may be told to come again.
            assert!([200, good, 503].contains(&status), "{path}: {status}");
        }
        let after = ask().await?.status().as_u16();
        assert_eq!(after, good, "{path}");
    }
    if locks {
        let count = app
            .repository::<Appointment>()?
            .count(Condition::ALL)
            .await?;
        assert_eq!(count, 1);
        assert_eq!(app.repository::<Picture>()?.count(Condition::ALL).await?, 1);
    }
    let assemblies = app.repository::<Assembly>()?;
    let assembly = assemblies.find().one().await?.ok_or("no assembly")?;
    let parts = assemblies.related(&assembly, Assembly::PARTS).await?;
    assert_eq!(parts.count(Condition::ALL).await?, 1);
    Ok(())
}

async fn nothing_belongs_by_a_key_that_is_not_there(database: &str) -> TestResult {
    let served = serve(
        App::new()
            .config(Config::default())
            .data_source("db", database)
            .models::<(Shelf, Volume)>(),
    )
    .await?;
    let shelves = served.application.repository::<Shelf>()?;
    let shelf = shelves.create(Shelf::default()).await?;
    let volumes = served.application.repository::<Volume>()?;
    volumes.create(Volume::default()).await?;
    let of_shelf = shelves.related(&shelf, Shelf::VOLUMES).await?;
    assert_eq!(of_shelf.count(Condition::ALL).await?, 0);
    assert_eq!(of_shelf.delete_all().await?, 0);
    assert_eq!(volumes.count(Condition::ALL).await?, 1);
    Ok(())
}

/// A shelf that may lack its mark.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
struct Shelf {
    #[model(id, generated)]
    id: i64,
    mark: Option<String>,
    #[relation(has_many, key = shelf_mark, primary_key = mark)]
    volumes: HasMany<Volume>,
}

/// A volume that may be on no shelf.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
struct Volume {
    #[model(id, generated)]
    id: i64,
    shelf_mark: Option<String>,
}

/// What a few links become when they go to and fro.
#[tokio::test]
async fn includes_are_bounded_by_the_configuration() -> TestResult {
    let mut config = Config::default();
    config.rest.max_included = 50;
    let app = App::new()
        .config(config)
        .data_source("db", "sqlite::memory:")
        .models::<All>();
    let served = serve(app).await?;
    let physicians = served.application.repository::<Physician>()?;
    let patients = served.application.repository::<Patient>()?;
    for id in 1..=5 {
        let patient = Patient {
            name: format!("patient {id}"),
            ..Patient::default()
        };
        patients.create(patient).await?;
        let ann = physicians.create(Physician::default()).await?;
        let of_ann = physicians.related(&ann, Physician::PATIENTS).await?;
        for other in 1..=5 {
            of_ann.link(other).await?;
        }
    }
    let include = |include: serde_json::Value| {
        let filter = json!({ "include": include }).to_string();
        let url = format!("{}/api/Physicians", served.url);
        served.client.get(url).query(&[("filter", filter)]).send()
    };
    assert_eq!(include(json!("patients")).await?.status(), 200);
    let refused = include(json!({"patients": "physicians"})).await?;
    assert_eq!(refused.status(), 400);
    let error: serde_json::Value = refused.json().await?;
    assert_eq!(error["error"]["code"], "INCLUDE_TOO_LARGE");
    Ok(())
}

/// The models in four data sources of four kinds.
#[tokio::test]
async fn from_one_data_source_into_another() -> TestResult {
    let (Some(postgres), Some(mongodb)) = (postgres_url(), mongodb_url()) else {
        return Ok(());
    };
    let app = || {
        App::new()
            .config(Config::default())
            .data_source("db", "sqlite::memory:")
            .data_source("other", postgres.as_str())
            .data_source("memory", "memory:")
            .data_source("documents", mongodb.as_str())
            .models::<All>()
            .attach::<Patient>("other")
            .attach::<Picture>("documents")
            .attach::<Employee>("other")
            .attach::<Part>("documents")
    };
    let served = serve(app().attach::<Appointment>("other")).await?;
    case::run_all("through.json", &served).await?;
    case::run_all("polymorphic.json", &served).await?;

    let served = serve(app().attach::<Appointment>("memory")).await?;
    let physicians = served.application.repository::<Physician>()?;
    physicians.create(Physician::default()).await?;
    let patients = format!("{}/api/Physicians/1/patients", served.url);
    let request = || {
        served
            .client
            .post(&patients)
            .json(&[json!({"name": "Sue"})])
    };
    let created = request().send().await?;
    assert_eq!(created.status(), 200, "{}", created.text().await?);
    let refused = request().query(&[("atomic", "true")]).send().await?;
    assert_eq!(refused.status(), 400);
    assert!(refused.text().await?.contains("is in another data source"));
    Ok(())
}

/// Asks who wants to read notes.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
struct Diary {
    #[model(id, generated)]
    id: i64,
    volume_id: i64,
    #[relation(has_many)]
    pages: HasMany<DiaryPage>,
}

#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
struct DiaryPage {
    #[model(id, generated)]
    id: i64,
    diary_id: i64,
}

#[loopwright::methods]
impl Diary {
    #[remote_hook(before(__get__pages))]
    async fn ask(_: &mut loopwright::remoting::RemoteCall<'_, Self>) -> Result<()> {
        Err(Error::new(403, "it is private"))
    }
}

#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
struct Author {
    #[model(id, generated)]
    id: i64,
    #[relation(has_many, key = volume_id, nest_remoting)]
    diaries: HasMany<Diary>,
}

#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
#[acl(deny(__get__diaries__pagse), to = everyone)]
struct Publisher {
    #[model(id, generated)]
    id: i64,
    #[relation(has_many, key = volume_id, nest_remoting)]
    diaries: HasMany<Diary>,
}

#[tokio::test]
async fn what_nesting_would_pass_by_is_refused_at_the_start() -> TestResult {
    let app = || {
        App::new()
            .config(Config::default())
            .data_source("db", "memory:")
    };
    let refused = app().models::<(Author, Diary, DiaryPage)>().build().await;
    let message = refused.err().ok_or("it started")?.to_string();
    assert!(
        message.contains("remote hook before `__get__pages`"),
        "{message}"
    );
    let refused = app()
        .models::<(Publisher, Diary, DiaryPage)>()
        .build()
        .await;
    let message = refused.err().ok_or("it started")?.to_string();
    assert!(
        message.contains("no method `__get__diaries__pagse`"),
        "{message}"
    );
    Ok(())
}

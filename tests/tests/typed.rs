//! Typed repositories: the pipeline as the application's own code meets it.

use loopwright::Config;
use loopwright::model::DistanceUnit;
use loopwright::prelude::*;
use loopwright::query::{Filter, Regexp};
use loopwright_tests::models::{Address, All, Car, Customer, Order, Place, Profile};
use loopwright_tests::on_every_database;

type TestResult = std::result::Result<(), Box<dyn std::error::Error>>;

async fn application(database: &str) -> Result<Application> {
    let app = App::new().config(Config::default());
    app.data_source("db", database)
        .models::<All>()
        .build()
        .await
}

fn car(name: &str, year: i32) -> Car {
    Car {
        name: name.into(),
        year: Some(year),
        tags: Some(vec!["new".into()]),
        ..Car::default()
    }
}

async fn queries(database: &str) -> TestResult {
    let cars = application(database).await?.repository::<Car>()?;
    for (name, year) in [("Audi", 2001), ("BMW", 1999), ("Citroën", 2001)] {
        cars.create(car(name, year)).await?;
    }
    let of_2001 = cars.find().filter(Car::YEAR.eq(2001));
    let found = of_2001.order(Car::NAME.desc()).limit(1).all().await?;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].name, "Citroën");
    assert_eq!(found[0].tags, Some(vec!["new".to_owned()]));
    // `None` is a value that the caller chose: a default does not replace it.
    assert_eq!(found[0].colour.as_deref(), None);

    let old_or_german = Car::YEAR.lt(2000).or(Car::NAME.eq("Audi"));
    assert_eq!(cars.count(old_or_german).await?, 2);
    let second = cars.find().order(Car::YEAR.asc()).order(Car::NAME.asc());
    assert_eq!(
        second.skip(1).one().await?.map(|car| car.name),
        Some("Audi".into())
    );
    assert_eq!(
        cars.find().filter(Car::PLATE.is_not_null()).count().await?,
        0
    );
    assert_eq!(
        cars.count(Car::NAME.is_in(["BMW".to_owned(), "VW".to_owned()]))
            .await?,
        1
    );
    assert_eq!(cars.count(Car::YEAR.between(1990, 2000)).await?, 1);
    Ok(())
}

async fn places(database: &str) -> TestResult {
    let places = application(database).await?.repository::<Place>()?;
    let place = |name: &str, tags: &[&str], city: &str, lat: f64| -> Result<Place> {
        Ok(Place {
            name: Some(name.into()),
            tags: Some(tags.iter().map(|tag| tag.to_string()).collect()),
            address: Some(Address {
                city: city.into(),
                zip: None,
            }),
            spot: Some(GeoPoint::new(lat, 0.0).map_err(|error| Error::new(400, error))?),
            ..Place::default()
        })
    };
    places
        .create(place("far", &["a", "b"], "Bern", 9.0)?)
        .await?;
    places.create(place("near", &["b"], "Basel", 1.0)?).await?;
    places.create(Place::default()).await?;

    assert_eq!(places.count(Place::TAGS.has("a")).await?, 1);
    let whole = Place::TAGS.eq(vec!["b".to_owned()]);
    assert_eq!(places.count(whole.clone()).await?, 1);
    assert_eq!(places.count(!whole).await?, 2);
    let city = || Place::ADDRESS.at::<String>("city");
    assert_eq!(places.count(city().eq("Bern")).await?, 1);
    assert_eq!(places.count(city().like("B%")).await?, 2);
    assert_eq!(places.count(city().is_null()).await?, 1);
    let zip = Place::ADDRESS.at::<i32>("zip");
    assert_eq!(places.count(zip.is_in([3000])).await?, 0);
    let regexp = Place::NAME.regexp(Regexp::new("/^NE/i")?);
    assert_eq!(places.count(regexp).await?, 1);

    let here = GeoPoint::new(0.0, 0.0)?;
    let near = Place::SPOT.near(here).unit(DistanceUnit::Kilometers);
    let names = |places: Vec<Place>| -> Vec<_> { places.into_iter().map(|one| one.name).collect() };
    let found = places
        .find()
        .near(near)
        .order(Place::ID.asc())
        .all()
        .await?;
    assert_eq!(names(found), [Some("near".into()), Some("far".into())]);
    let found = places.find().near(near.within(120.0)).all().await?;
    assert_eq!(names(found), [Some("near".into())]);
    Ok(())
}

async fn writes(database: &str) -> TestResult {
    let cars = application(database).await?.repository::<Car>()?;
    let audi = cars.create(car("Audi", 2001)).await?;
    assert!(audi.id > 0 && cars.exists(audi.id).await?);

    let sold_at = "2020-02-29T12:00:00.5Z".parse()?;
    let sold = Car {
        sold: Some(true),
        sold_at: Some(sold_at),
        year: None,
        ..audi.clone()
    };
    cars.replace(sold).await?;
    let stored = cars.find_by_id(audi.id).await?.ok_or("it is gone")?;
    assert_eq!((stored.sold_at, stored.year), (Some(sold_at), None));

    let invalid = cars.create(car("A", 2001)).await;
    assert_eq!(invalid.err().map(|error| error.status()), Some(422));
    let missing = Car { id: 999, ..stored };
    let missing = cars.replace(missing).await;
    assert_eq!(missing.err().map(|error| error.status()), Some(404));

    assert!(cars.delete_by_id(audi.id).await?);
    assert!(!cars.delete_by_id(audi.id).await?);
    cars.create(car("BMW", 1999)).await?;
    assert_eq!(cars.delete_all(Car::YEAR.gt(1990)).await?, 1);
    assert_eq!(cars.count(Condition::ALL).await?, 0);
    Ok(())
}

async fn relations(database: &str) -> TestResult {
    let app = application(database).await?;
    let customers = app.repository::<Customer>()?;
    let named = |name: &str| Customer {
        name: name.into(),
        ..Customer::default()
    };
    let ann = customers.create(named("Ann")).await?;
    let bob = customers.create(named("Bob")).await?;

    let orders = customers.related(&ann, Customer::ORDERS).await?;
    for item in ["tea", "coffee"] {
        let order = Order {
            item: item.into(),
            // The owner decides, not the key that is sent.
            customer_id: Some(bob.id),
            ..Order::default()
        };
        assert_eq!(orders.create(order).await?.customer_id, Some(ann.id));
    }
    let coffee = orders.find().filter(Order::ITEM.eq("coffee")).one().await?;
    let coffee = coffee.ok_or("no coffee")?;
    assert_eq!(orders.find_by_id(coffee.id).await?.item, "coffee");
    let of_bob = customers.related(&bob, Customer::ORDERS).await?;
    let refused = of_bob.find_by_id(coffee.id).await.err();
    assert_eq!(refused.map(|error| error.status()), Some(404));

    assert!(orders.exists(coffee.id).await?);
    assert!(!of_bob.exists(coffee.id).await?);
    assert_eq!(orders.count(Condition::ALL).await?, 2);
    assert_eq!(orders.count(Order::ITEM.eq("tea")).await?, 1);
    assert_eq!(of_bob.count(Condition::ALL).await?, 0);
    let mocha = || Patch::new().set(Order::ITEM, "mocha");
    assert_eq!(orders.update(coffee.id, mocha()).await?.item, "mocha");
    let refused = of_bob.update(coffee.id, mocha()).await.err();
    assert_eq!(refused.map(|error| error.status()), Some(404));
    let away = Patch::new().set(Order::CUSTOMER_ID, Some(bob.id));
    let refused = orders.update(coffee.id, away).await.err();
    assert_eq!(refused.map(|error| error.status()), Some(400));
    let refused = of_bob.delete_by_id(coffee.id).await.err();
    assert_eq!(refused.map(|error| error.status()), Some(404));
    orders.delete_by_id(coffee.id).await?;
    assert!(!orders.exists(coffee.id).await?);
    let coffee = Order {
        item: "coffee".into(),
        ..Order::default()
    };
    orders.create(coffee).await?;

    let profiles = customers.related(&ann, Customer::PROFILE).await?;
    let likes = Profile {
        likes: Some("coffee".into()),
        ..Profile::default()
    };
    profiles.create(likes).await?;
    let second = profiles.create(Profile::default()).await.err();
    assert_eq!(second.map(|error| error.status()), Some(409));

    let one_order = Filter {
        order: vec![Order::ITEM.asc()],
        ..Filter::matching(Order::ITEM.ne("milk"))
    };
    let everybody = customers
        .find()
        .include(Customer::ORDERS.with(one_order))
        .include(Customer::PROFILE)
        .order(Customer::NAME.asc())
        .all()
        .await?;
    let items = |customer: &Customer| -> Vec<String> {
        let orders = customer.orders.get().iter();
        orders.map(|order| order.item.clone()).collect()
    };
    assert_eq!(items(&everybody[0]), ["coffee", "tea"]);
    assert!(items(&everybody[1]).is_empty());
    let profile = everybody[0].profile.get().ok_or("no profile")?;
    assert_eq!(profile.likes.as_deref(), Some("coffee"));
    assert!(everybody[1].profile.get().is_none());

    assert_eq!(orders.delete_all().await?, 2);
    let nobody = named("Nobody");
    let of_nobody = customers.related(&nobody, Customer::ORDERS).await;
    assert_eq!(of_nobody.err().map(|error| error.status()), Some(404));
    Ok(())
}

async fn everything_a_persisted_model_does(database: &str) -> TestResult {
    let cars = application(database).await?.repository::<Car>()?;
    let all = cars
        .create_all([car("Audi", 2001), car("BMW", 1999), car("VW", 2005)])
        .await?;
    let ids: Vec<_> = all.iter().map(|car| car.id).collect();

    let found = cars.find_by_ids([ids[2], 99, ids[0]]).await?;
    let names: Vec<_> = found.iter().map(|car| car.name.as_str()).collect();
    assert_eq!(names, ["VW", "Audi"]);
    assert!(cars.find_by_ids([]).await?.is_empty());

    let changed = cars
        .update(ids[0], Patch::new().set(Car::YEAR, None))
        .await?;
    assert_eq!((changed.name.as_str(), changed.year), ("Audi", None));
    let refused = cars.update(99, Patch::new().set(Car::NAME, "none")).await;
    assert_eq!(refused.map_err(|error| error.status()).err(), Some(404));
    let of_this_century = Car::YEAR.gt(2000);
    let patch = Patch::new().set(Car::YEAR, 2000);
    assert_eq!(cars.update_all(of_this_century, patch).await?, 1);

    let upserted = cars
        .upsert(Patch::new().set(Car::ID, ids[1]).set(Car::NAME, "BMW i3"))
        .await?;
    assert_eq!(
        (upserted.name.as_str(), upserted.year),
        ("BMW i3", Some(1999))
    );
    let patch = Patch::new().set(Car::NAME, "BMW i4");
    assert_eq!(
        cars.upsert_with_where(Car::NAME.eq("BMW i3"), patch)
            .await?
            .id,
        ids[1]
    );
    let replaced = cars
        .replace_or_create(Car {
            id: ids[1],
            ..car("Opel", 1980)
        })
        .await?;
    assert_eq!(
        cars.find_by_id(ids[1]).await?.map(|car| car.name),
        Some(replaced.name)
    );

    let (skoda, created) = cars
        .find_or_create(Car::NAME.eq("Škoda"), car("Škoda", 1990))
        .await?;
    assert!(created);
    let (again, created) = cars
        .find_or_create(Car::NAME.eq("Škoda"), car("Škoda", 1991))
        .await?;
    assert_eq!(
        (created, again.id, again.year),
        (false, skoda.id, Some(1990))
    );
    Ok(())
}

on_every_database!(queries places writes relations everything_a_persisted_model_does);

#[tokio::test]
async fn a_model_that_is_not_listed_has_no_repository() -> TestResult {
    let app = App::new()
        .config(Config::default())
        .data_source("db", "sqlite::memory:")
        .models::<(Car,)>()
        .build()
        .await?;
    let error = app.repository::<Customer>().err().ok_or("it has")?;
    assert!(error.to_string().contains("Customer"), "{error}");
    Ok(())
}

//! A program that was written for LoopBack 2 and knows nothing of loopwright: LoopBack's own client.

use loopwright::model::Json;
use loopwright::prelude::*;
use loopwright_tests::loopback_client;
use loopwright_tests::on_every_database;
use loopwright_tests::serve::serve;

#[derive(Model)]
#[acl(open)]
struct Customer {
    #[model(id, generated)]
    id: i64,
    name: Option<String>,
    age: Option<f64>,
    vip: Option<bool>,
    born: Option<DateTime<Utc>>,
    tags: Option<Vec<String>>,
    address: Option<Json>,
    #[relation(has_many)]
    orders: HasMany<Order>,
    #[relation(has_one)]
    profile: HasOne<Profile>,
}

#[derive(Model)]
#[acl(open)]
struct Order {
    #[model(id, generated)]
    id: i64,
    total: Option<f64>,
    customer_id: Option<i64>,
    #[relation(belongs_to)]
    customer: BelongsTo<Customer>,
}

#[derive(Model)]
#[acl(open)]
struct Profile {
    #[model(id, generated)]
    id: i64,
    text: Option<String>,
    customer_id: Option<i64>,
}

/// What LoopBack 2.38.2 answers its client, with its memory connector. Two lines differ there: it names neither the id nor
/// its values when an id may not change, and it answers 500 to a second instance of a `hasOne`.
const ANSWERS: &str = r#"
create: {"name":"Ann","age":3,"vip":true,"born":"1970-01-01T00:00:00.000Z","tags":["a"],"address":{"city":"X"},"id":1}
create several: [2,3]
find: [{"name":"Ann","age":3,"vip":true,"born":"1970-01-01T00:00:00.000Z","tags":["a"],"address":{"city":"X"},"id":1}]
find with and, or, inq: [{"name":"Ann","age":3,"vip":true,"born":"1970-01-01T00:00:00.000Z","tags":["a"],"address":{"city":"X"},"id":1},{"name":"Bob","id":2}]
find by a date: [{"name":"Ann"}]
find the second page: [{"name":"Bob","id":2}]
findById: {"name":"Ann","age":3,"vip":true,"born":"1970-01-01T00:00:00.000Z","tags":["a"],"address":{"city":"X"},"id":1}
findById, nobody: 404 MODEL_NOT_FOUND Unknown "Customer" id "999".
findOne: {"name":"Bob","id":2}
findOne, nobody: 404 MODEL_NOT_FOUND Unknown "Customer" id "undefined".
count: 1
updateAttributes: {"name":"Ann","age":9,"vip":true,"born":"1970-01-01T00:00:00.000Z","tags":["a"],"address":{"city":"X"},"id":1}
updateAttributes, another id: 400 - id property (id) cannot be updated from 1 to 17
upsert: {"name":"Ann Lee","age":9,"vip":true,"born":"1970-01-01T00:00:00.000Z","tags":["a"],"address":{"city":"X"},"id":1}
upsert, nobody: {"name":"Dan","id":77}
updateOrCreate: {"name":"Dan","age":5,"id":77}
upsertWithWhere: {"name":"Bob","age":44,"id":2}
replaceById: {"name":"Eve","id":77}
replaceOrCreate: {"name":"Fay","id":78}
updateAll: {"count":1}
destroyById: {"count":1}
destroyById, nobody: {"count":0}
create of a relation: {"total":5,"customerId":1,"id":1}
find of a relation: [{"total":5,"customerId":1,"id":1}]
count of a relation: 1
findById of a relation: {"total":5,"customerId":1,"id":1}
findById of a relation, nothing: 404 - No instance with id 99 found for Order
create of a hasOne: {"text":"likes tea","customerId":1,"id":1}
get of a hasOne: {"text":"likes tea","customerId":1,"id":1}
create of a second hasOne: 409 RELATION_NOT_EMPTY HasOne relation cannot create more than one instance of Profile
get of a belongsTo: {"name":"Ann Lee","age":9,"vip":true,"born":"1970-01-01T00:00:00.000Z","tags":["a"],"address":{"city":"X"},"id":1}
a list that is none: 400 - Items must be an array: 5
"#;

on_every_database! { loopback_s_own_client_gets_what_loopback_answers }

async fn loopback_s_own_client_gets_what_loopback_answers(
    database: &str,
) -> Result<(), Box<dyn std::error::Error>> {
    let app = App::new().config(loopwright::Config::default());
    let app = app.data_source("db", database);
    let served = serve(app.models::<(Customer, Order, Profile)>()).await?;
    if let Some(answers) = loopback_client(&format!("{}/api", served.url)).await? {
        assert_eq!(answers, ANSWERS.trim_start());
    }
    Ok(())
}

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

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id, generated)]
    id: i64,
    #[validate(presence)]
    name: String,
    spot: Option<GeoPoint>,
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
find with an include: [{"id":1,"orders":[{"id":1,"total":5,"customerId":1}]}]
find with several includes: [{"id":1,"orders":[{"id":1,"total":5,"customerId":1}],"profile":{"id":1,"text":"likes tea","customerId":1}},{"id":2,"orders":[]}]
find with a nested include: [{"id":1,"customer":{"id":1,"name":"Ann Lee","age":9,"vip":true,"born":"1970-01-01T00:00:00.000Z","tags":["a"],"address":{"city":"X"},"orders":[{"id":1,"total":5,"customerId":1}],"profile":{"id":1,"text":"likes tea","customerId":1}}}]
find with the scope of an include: [{"id":1,"orders":[{"total":5,"customerId":1}]}]
find with an include that nobody knows: "Relation \"nothing\" is not defined for Customer model"
findById with an include: [{"id":1,"profile":{"id":1,"text":"likes tea","customerId":1}}]
findOne with an include: [{"id":1,"orders":[{"id":1,"total":5,"customerId":1}]}]
find of a relation with an include: [{"id":1,"customer":{"id":1,"name":"Ann Lee","age":9,"vip":true,"born":"1970-01-01T00:00:00.000Z","tags":["a"],"address":{"city":"X"}}}]
find in order of two keys: [{"id":1},{"id":77},{"id":3},{"id":2}]
find with like: [{"name":"Ann Lee"}]
find with ilike: [{"name":"Bob"}]
find with nlike: [{"name":"Bob"},{"name":"Cid"},{"name":"Eve"}]
find with a regular expression: [{"name":"Ann Lee"}]
find with neq: [{"id":1},{"id":3},{"id":77}]
find with between: [{"id":1},{"id":2}]
find with an item of a list: [{"id":1}]
find with a path: [{"id":1}]
find what is null: [{"id":77}]
find with a bad limit: 400 - The limit parameter -1 is not valid
count of all: 4
count of some: 2
patchOrCreate: {"name":"Eve","age":6,"id":77}
patchOrCreateWithWhere: {"name":"Bob","age":45,"id":2}
upsertWithWhere, nobody: {"name":"Gil","id":79}
upsertWithWhere, several: 400 - There are multiple instances found.Upsert Operation will not be performed!
replaceOrCreate, somebody: {"name":"Eva","id":77}
replaceById, nobody: "Could not replace. Object with id 999 does not exist!"
patchAttributes: {"name":"Eva","age":7,"id":77}
save: {"name":"Eva","age":10,"id":77}
save, somebody new: {"name":"Hal","id":80}
updateAll of several: {"count":2}
update of nobody: {"count":0}
deleteById: {"count":1}
updateById of a relation: {"total":6,"customerId":1,"id":1}
exists of a relation: true
create several of a relation: {"0":{"id":2,"total":7,"customerId":1},"1":{"id":3,"total":8,"customerId":1}}
find of a relation in order: [{"total":8,"customerId":1,"id":3},{"total":7,"customerId":1,"id":2}]
count of some of a relation: 2
destroy of a relation: 2
destroyAll of a relation: 0
update of a hasOne: {"text":"likes rum","customerId":1,"id":1}
destroy of a hasOne: [{"id":1}]
create with a point: {"name":"East","spot":{"lat":0,"lng":2},"id":1}
create with a point as text: {"name":"West","spot":{"lat":0,"lng":-1},"id":2}
create without a point: {"name":"Lost","id":3}
find what is near: [{"name":"West","spot":{"lat":0,"lng":-1},"id":2},{"name":"East","spot":{"lat":0,"lng":2},"id":1}]
find what is near, to a point: [{"name":"East"},{"name":"West"}]
find what is near and not too far: [{"name":"West"}]
find the nearest: {"name":"East"}
create what breaks a rule: 422 - The `Shop` instance is not valid. Details: `name` can't be blank (value: undefined).
update to what breaks a rule: 422 - The `Shop` instance is not valid. Details: `name` can't be blank (value: "").
"#;

on_every_database! { loopback_s_own_client_gets_what_loopback_answers }

async fn loopback_s_own_client_gets_what_loopback_answers(
    database: &str,
) -> Result<(), Box<dyn std::error::Error>> {
    let app = App::new().config(loopwright::Config::default());
    let app = app.data_source("db", database);
    let served = serve(app.models::<(Customer, Order, Profile, Shop)>()).await?;
    if let Some(answers) = loopback_client(&format!("{}/api", served.url)).await? {
        assert_eq!(answers, ANSWERS.trim_start());
    }
    Ok(())
}

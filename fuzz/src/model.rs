//! The models that requests are about: each kind of property, id, relation, method and rule that a parser stands behind.

use axum::http::StatusCode;
use loopwright::Context;
use loopwright::builtin::User;
use loopwright::prelude::*;
use serde_json::{Value as Json, json};

/// What no answer ever holds: it stands in hidden properties and in rows of somebody else.
pub const SECRET: &str = "tiger";

/// Where something is.
#[derive(Property, Clone, Debug, PartialEq)]
pub struct Address {
    /// The city.
    pub city: String,
    /// The post code.
    pub zip: Option<i32>,
}

/// How large something is.
#[derive(Property, Clone, Debug, PartialEq)]
#[property(rename_all = "lowercase")]
pub enum Size {
    /// Not large.
    Small,
    /// Not small.
    Large,
}

/// Somebody with shops.
#[derive(Model, Clone, Debug)]
#[acl(open)]
pub struct Owner {
    /// Identifies the owner.
    #[model(id, generated)]
    pub id: i64,
    /// The owner's name.
    #[validate(length(min = 2, max = 20))]
    pub name: String,
    /// The owner's shops.
    #[relation(has_many)]
    pub shops: HasMany<Shop>,
}

/// A little of everything that a filter, or a body, can be about.
#[derive(Model, Clone, Debug)]
#[acl(open)]
pub struct Shop {
    /// Identifies the shop.
    #[model(id, generated)]
    pub id: i64,
    /// Its name.
    pub name: Option<String>,
    /// When it was built.
    #[validate(range(min = -5000, max = 5000))]
    pub year: Option<i32>,
    /// A number.
    pub ratio: Option<f64>,
    /// A number without loss.
    pub price: Option<Decimal>,
    /// Is it open?
    pub open: Option<bool>,
    /// Since when.
    pub since: Option<DateTime<Utc>>,
    /// Its birthday.
    pub day: Option<NaiveDate>,
    /// Another name.
    #[model(unique)]
    pub code: Option<Uuid>,
    /// Words about it.
    pub tags: Option<Vec<String>>,
    /// Numbers about it.
    pub numbers: Option<Vec<f64>>,
    /// A picture of it.
    pub picture: Option<Vec<u8>>,
    /// Where it is on earth.
    pub spot: Option<GeoPoint>,
    /// Anything to know.
    pub meta: Option<Json>,
    /// Where it is.
    pub address: Option<Address>,
    /// Where else it is.
    pub branches: Option<Vec<Address>>,
    /// How large it is.
    pub size: Option<Size>,
    /// What nobody sees.
    #[model(hidden)]
    pub secret: Option<String>,
    /// Whose it is.
    pub owner_id: Option<i64>,
    /// Whose it is.
    #[relation(belongs_to)]
    pub owner: BelongsTo<Owner>,
}

#[loopwright::methods]
impl Shop {
    /// What was sent, as it was understood.
    #[expect(clippy::too_many_arguments, reason = "one of each type")]
    #[remote(get = "/echo")]
    async fn echo(
        text: Option<String>,
        number: Option<f64>,
        whole: Option<i8>,
        flag: Option<bool>,
        list: Option<Vec<i64>>,
        any: Option<Json>,
        date: Option<DateTime<Utc>>,
        size: Option<Size>,
        point: Option<GeoPoint>,
        address: Option<Address>,
        #[arg(header, name = "x-number")] header: Option<i32>,
    ) -> Result<Json> {
        let size = size.map(|size| size == Size::Large);
        let address = address.map(|address| json!([address.city, address.zip]));
        let point = point.map(|point| point.to_string());
        Ok(json!([
            text, number, whole, flag, list, any, date, size, point, address, header
        ]))
    }

    /// What was sent, in parts or as a whole.
    #[remote(post = "/parts")]
    async fn parts(numbers: Vec<f64>, address: Option<Address>) -> Result<Json> {
        Ok(json!([numbers, address.map(|address| address.city)]))
    }

    /// An instance, as it was understood.
    #[remote(post = "/adopt")]
    async fn adopt(#[arg(body)] shop: Shop) -> Result<Shop> {
        Ok(Shop {
            secret: Some(SECRET.into()),
            ..shop
        })
    }

    /// By a part of the path.
    #[remote(get = "/by-size/{size}/{whole}")]
    async fn by_size(size: Size, whole: u16) -> Result<Json> {
        Ok(json!([size == Size::Large, whole]))
    }

    /// Closes the shop.
    #[remote(post = "/close", status = 202)]
    async fn close(&mut self, reason: Option<String>) -> Result<()> {
        self.open = Some(false);
        self.name = reason;
        Ok(())
    }

    /// Answers what it is told to.
    #[remote(get = "/refuse")]
    async fn refuse(code: u16, cx: &Context) -> Result<()> {
        let _ = cx;
        match StatusCode::from_u16(code) {
            Ok(status) if status.is_client_error() => Err(Error::new(code, "no such thing")),
            _ => Ok(()),
        }
    }
}

/// A word about a shop, known by both.
#[derive(Model, Clone, Debug)]
#[acl(open)]
pub struct Tagging {
    /// The shop.
    #[model(id)]
    pub shop_id: i64,
    /// The word.
    #[model(id)]
    pub tag: String,
    /// How much it counts.
    pub weight: Option<i64>,
}

/// What several change at once.
#[derive(Model, Clone, Debug)]
#[acl(open)]
pub struct Page {
    /// Identifies the page.
    #[model(id, default = uuid)]
    pub id: Uuid,
    /// What it says.
    pub text: String,
    /// Which version it is.
    #[model(version)]
    pub version: i64,
    /// Whatever else.
    pub more: Extra,
}

/// Anything by anything.
#[derive(KeyValueModel, Clone, Debug)]
#[acl(open)]
pub struct Cache(Json);

/// Somebody who logs in.
#[derive(Model, Clone, Debug)]
pub struct Member {
    /// What every user has.
    #[model(base)]
    pub user: User,
}

/// What its owner sees.
#[derive(Model, Clone, Debug)]
#[acl(allow(all), to = everyone)]
#[policy(all, to = owner)]
#[policy(read, to = everyone, rows = Note::PUBLIC.eq(true))]
pub struct Note {
    /// Identifies the note.
    #[model(id, generated)]
    pub id: i64,
    /// What it says.
    pub text: String,
    /// Does everybody see it?
    pub public: bool,
    /// Whose it is.
    pub member_id: Option<i64>,
    /// Whose it is.
    #[relation(belongs_to)]
    pub member: BelongsTo<Member>,
}

/// Every model of this file.
pub type All = (Owner, Shop, Tagging, Page, Cache, Member, Note);

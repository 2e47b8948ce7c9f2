use loopwright::prelude::*;

/// Each line that is wrong is named, and only those.
#[derive(Model, Clone, Debug, Default)]
#[model(tabel = "shops", path = "coffee/shops")]
#[acl(allow(read, brew), to = everbody)]
#[acl(allow(raed), to = authenticated)]
pub struct Shop {
    #[model(id, generatde)]
    pub id: i64,
    #[model(indx)]
    pub code: i64,
    #[validate(length(min = 80, max = 2), format("["))]
    #[model(column = 2)]
    pub name: String,
    #[model(default = "many")]
    #[validate(range(minimum = 1))]
    pub stars: u8,
    #[relation(belong_to)]
    pub owner: BelongsTo<Owner>,
    #[relation(has_many)]
    pub reviews: HasMany<Review>,
}

#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Owner {
    #[model(id)]
    pub id: i64,
}

#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Review {
    #[model(id)]
    pub id: i64,
}

/// An enum is no model, but its users are not to blame.
#[derive(Model)]
pub enum Style {
    Espresso,
    Filter,
}

/// All of this is right, and the compiler has nothing to say about it.
async fn use_all_parts(shops: Repository<Shop>, styles: Repository<Style>) -> Result<Vec<Shop>> {
    styles.count(Condition::ALL).await?;
    let filter = Shop::NAME
        .like("%Bel%")
        .and(Shop::STARS.gte(3))
        .and(Shop::CODE.eq(7));
    let found = shops.find().filter(filter).include(Shop::OWNER).include(Shop::REVIEWS);
    let _: i64 = Shop::default().id();
    found.order(Shop::ID.asc()).all().await
}

fn main() {
    let _ = App::new().models::<(Shop, Owner, Review)>();
}

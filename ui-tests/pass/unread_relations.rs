//! Properties and relations that only the description knows are no dead code.

use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id, generated)]
    id: i64,
    name: String,
    #[relation(has_many)]
    reviews: HasMany<Review>,
    #[relation(has_one)]
    best: HasOne<Review>,
    favourite_ids: Vec<i64>,
    #[relation(references_many, key = favourite_ids)]
    favourites: ReferencesMany<Review>,
    #[relation(embeds_one)]
    notice: EmbedsOne<Notice>,
    #[relation(embeds_many)]
    notices: EmbedsMany<Notice>,
}

#[derive(Model)]
#[model(public = false)]
struct Notice {
    #[model(id, generated)]
    id: i64,
    text: String,
}

#[derive(Model)]
#[acl(open)]
struct Review {
    #[model(id, generated)]
    id: i64,
    shop_id: i64,
    place: Place,
    #[relation(belongs_to)]
    shop: BelongsTo<Shop>,
}

#[derive(Property)]
struct Place {
    street: String,
    kind: Kind,
    number: Number,
}

#[derive(Property)]
enum Kind {
    Indoors,
    Outdoors,
}

#[derive(Property)]
struct Number(u16);

#[test]
fn the_models_are_described() {
    assert_eq!(Shop::DEF.relations.len(), 5);
    assert_eq!(Review::DEF.relations.len(), 1);
}

use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Picture {
    #[model(id)]
    id: i64,
    imageable_id: Option<i64>,
    #[relation(belongs_to, polymorphic)]
    imageable: BelongsTo<AnyModel>,
}

fn main() {}

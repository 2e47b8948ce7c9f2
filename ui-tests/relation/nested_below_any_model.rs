use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Picture {
    #[model(id)]
    id: i64,
    imageable_id: Option<i64>,
    imageable_type: Option<String>,
    #[relation(belongs_to, polymorphic, nest_remoting)]
    imageable: BelongsTo<AnyModel>,
}

fn main() {}

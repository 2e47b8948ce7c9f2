use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    #[validate(presence, unless = is_draft)]
    name: String,
}

fn is_draft(name: &str) -> bool {
    name.is_empty()
}

fn main() {}

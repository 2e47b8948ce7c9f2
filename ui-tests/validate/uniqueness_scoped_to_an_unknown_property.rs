use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    #[validate(uniqueness(scoped_to(ctiy)))]
    name: String,
    city: String,
}

fn main() {}

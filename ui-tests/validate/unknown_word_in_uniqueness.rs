use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    #[validate(uniqueness(scope(city)))]
    name: String,
    city: String,
}

fn main() {}

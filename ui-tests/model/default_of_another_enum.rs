use loopwright::prelude::*;

#[derive(Property, Clone)]
enum Status {
    Draft,
}

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    #[model(default = Status::Draft)]
    seats: i64,
    #[model(default = Status::Drft)]
    status: Status,
}

fn main() {}

use loopwright::prelude::*;

struct Money(f64);

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    turnover: Money,
}

fn main() {}

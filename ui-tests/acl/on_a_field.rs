use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    #[acl(deny(read), to = everyone)]
    turnover: f64,
}

fn main() {}

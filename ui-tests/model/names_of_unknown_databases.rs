use loopwright::prelude::*;

#[derive(Model)]
#[model(table(mysqll = "Shops", mysql = "a", mysql = "b"))]
#[acl(open)]
struct Shop {
    #[model(id, column(postgres = 3))]
    id: i64,
}

fn main() {}

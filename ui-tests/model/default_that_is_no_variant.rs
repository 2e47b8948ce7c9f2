use loopwright::prelude::*;

#[derive(Property)]
#[property(rename_all = "lowercase")]
enum Style {
    Espresso,
    Filter,
}

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    #[model(default = "expresso")]
    style: Style,
}

fn main() {}

use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
}

/// Not served, so it takes no path.
#[derive(Model)]
#[model(path = "Shops", public = false)]
struct Store {
    #[model(id)]
    id: i64,
}

fn main() {
    let _ = App::new().models::<(Shop, Store)>();
}

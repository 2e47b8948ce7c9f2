use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Page {
    #[model(id)]
    id: i64,
}

fn pages(app: &Application) {
    let _ = app.key_value::<Page>();
}

fn main() {}

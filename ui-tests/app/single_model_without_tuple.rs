use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
}

fn main() {
    let _ = App::new().models::<Shop>();
}

use loopwright::prelude::*;

#[derive(Mixin)]
struct Times {
    #[model(id, generated)]
    id: i64,
    made: DateTime<Utc>,
}

fn main() {}

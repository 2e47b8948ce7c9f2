use loopwright::prelude::*;

#[derive(Mixin, Clone, Debug, Default)]
struct Times {
    made: Option<DateTime<Utc>>,
}

#[derive(Mixin)]
struct Kept {
    note: String,
    #[model(mixin)]
    times: Times,
}

fn main() {}

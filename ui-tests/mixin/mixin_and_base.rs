use loopwright::prelude::*;

#[derive(Mixin, Clone, Debug, Default)]
struct Times {
    made: Option<DateTime<Utc>>,
}

#[derive(Model)]
#[acl(open)]
struct Note {
    #[model(id)]
    id: i64,
    #[model(mixin, base)]
    times: Times,
}

fn main() {}

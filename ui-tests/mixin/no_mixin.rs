use loopwright::prelude::*;

struct Times {
    made: DateTime<Utc>,
}

#[derive(Model)]
#[acl(open)]
struct Note {
    #[model(id)]
    id: i64,
    #[model(mixin)]
    times: Times,
}

fn main() {}

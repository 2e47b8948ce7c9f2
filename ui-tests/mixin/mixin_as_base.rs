use loopwright::prelude::*;

#[derive(Mixin, Clone, Debug, Default)]
struct Times {
    made: Option<DateTime<Utc>>,
}

#[derive(Model)]
#[acl(open)]
struct Note {
    text: String,
    #[model(base)]
    times: Times,
}

fn main() {}

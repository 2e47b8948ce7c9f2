use loopwright::prelude::*;

#[derive(Mixin)]
#[model(path = "times", strict = "throw")]
#[acl(open)]
struct Times {
    made: DateTime<Utc>,
}

fn main() {}

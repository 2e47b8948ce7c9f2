use loopwright::prelude::*;

#[derive(Mixin, Clone, Debug, Default)]
struct Times {
    made: Option<DateTime<Utc>>,
}

fn main() {
    let _ = App::new().models::<(Times,)>();
}

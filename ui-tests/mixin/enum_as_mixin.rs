use loopwright::prelude::*;

#[derive(Mixin)]
enum Times {
    Made,
}

fn main() {}

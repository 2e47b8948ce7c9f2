#[loopwright::main]
fn main() {}

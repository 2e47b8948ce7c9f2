use loopwright::prelude::*;

#[derive(Property)]
struct Key<T>(i64, std::marker::PhantomData<T>);

fn main() {}

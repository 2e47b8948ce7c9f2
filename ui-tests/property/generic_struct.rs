use loopwright::prelude::*;

#[derive(Property)]
struct Price<T> {
    amount: i64,
    currency: std::marker::PhantomData<T>,
}

fn main() {}

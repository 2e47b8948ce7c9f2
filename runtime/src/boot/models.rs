//! Lists of models as types.

use crate::model::{Described, ModelDef, check};

/// A list of models, as a tuple: `(Customer, CoffeeShop, Review)`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of models",
    label = "not a list of models",
    note = "write a tuple of up to 16 models, as in `.models::<(Customer, CoffeeShop)>()`; a single one is `(Customer,)`"
)]
pub trait Models {
    /// The descriptions, checked against each other.
    const DEFS: &'static [&'static ModelDef];
}

macro_rules! tuple {
    ($($model:ident)+) => {
        impl<$($model: Described),+> Models for ($($model,)+) {
            const DEFS: &'static [&'static ModelDef] = {
                let defs: &'static [&'static ModelDef] = &[$(<$model as Described>::DEF),+];
                check::unique_paths(defs);
                defs
            };
        }
    };
}

macro_rules! tuples {
    ($first:ident $($rest:ident)*) => {
        tuple!($first $($rest)*);
        tuples!($($rest)*);
    };
    () => {};
}

tuples!(A B C D E F G H I J K L M N O P);

//! The runtime is found where the attribute says.

use loopwright as web;

/// What another crate could export.
mod framework {
    pub mod inner {
        pub use loopwright::*;
    }
}

#[derive(web::Model)]
#[model(crate = web)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    style: Style,
    place: Place,
}

#[derive(web::Property)]
#[property(crate = crate::other_names_for_the_crate::framework::inner)]
enum Style {
    Dark,
}

#[derive(web::Property)]
#[property(crate = framework::inner)]
struct Place {
    street: String,
}

#[test]
fn they_are_described() {
    assert_eq!(<Shop as web::Model>::DEF.properties.len(), 3);
}

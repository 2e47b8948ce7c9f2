//! An application with rules of every kind. `LW_TEST_SNAPSHOT` names a file that its access matrix is held against, and
//! `LW_TEST_RULES` says which rules it has: `wider` or `narrower` ones, some that are `rows`, or those that were there first.

use loopwright::builtin::{Acl, User};
use loopwright::prelude::*;

/// Somebody who buys.
#[derive(Model, Clone, Debug)]
#[model(acl_error_status = 403)]
struct Customer {
    #[model(base)]
    user: User,
    #[relation(has_many)]
    orders: HasMany<Order>,
}

/// What somebody has ordered.
#[derive(Model, Clone, Debug)]
#[acl(allow(create), to = authenticated)]
#[acl(allow(read, write, ship), to = owner)]
#[acl(allow(all), to = role("clerk"))]
#[acl(deny(delete_by_id), to = everyone)]
#[acl(allow(find), to = user("5"))]
struct Order {
    #[model(id, generated)]
    id: i64,
    customer_id: i64,
    #[relation(belongs_to)]
    customer: BelongsTo<Customer>,
}

#[loopwright::methods]
impl Order {
    /// Sends it off.
    #[remote(post = "/ship")]
    async fn ship(&self) -> Result<bool> {
        Ok(true)
    }
}

/// What is for sale.
#[derive(Model, Clone, Debug)]
#[acl(allow(read), to = everyone)]
struct Product {
    #[model(id, generated)]
    id: i64,
}

mod wider {
    use loopwright::prelude::*;

    /// What is for sale.
    #[derive(Model, Clone, Debug)]
    #[acl(allow(read), to = everyone)]
    #[acl(allow(create), to = role("clerk"))]
    pub struct Product {
        #[model(id, generated)]
        pub id: i64,
    }
}

mod narrower {
    use loopwright::prelude::*;

    /// What is for sale.
    #[derive(Model, Clone, Debug)]
    #[acl(allow(find), to = everyone)]
    pub struct Product {
        #[model(id, generated)]
        pub id: i64,
    }
}

fn app() -> App {
    // Nothing answers there, so whatever needs a database fails.
    let app = App::new()
        .data_source("db", "postgres://nobody@127.0.0.1:1/nothing")
        .models::<(Customer, Order)>();
    match std::env::var("LW_TEST_RULES").as_deref() {
        Ok("wider") => app.models::<(wider::Product,)>(),
        Ok("narrower") => app.models::<(narrower::Product,)>(),
        Ok("rows") => app
            .models::<(Product, Acl)>()
            .role("clerk", |_| async { Ok(false) }),
        _ => app.models::<(Product,)>(),
    }
}

#[loopwright::main]
async fn main() -> Result<()> {
    if let Some(file) = std::env::var_os("LW_TEST_SNAPSHOT") {
        app().access_matrix()?.assert_not_wider_than(file);
        return Ok(());
    }
    app().run().await
}

//! An application as it grows: `LW_TEST_VERSION` says which of its versions this is.

use loopwright::prelude::*;

mod first {
    use loopwright::prelude::*;

    /// A coffee shop.
    #[derive(Model)]
    #[acl(open)]
    pub struct Shop {
        #[model(id, generated)]
        pub id: i64,
        pub name: String,
        pub city: Option<String>,
        pub code: i64,
    }

    #[derive(Model)]
    #[acl(open)]
    pub struct Review {
        #[model(id, generated)]
        pub id: i64,
        pub rating: u8,
        pub shop_id: i64,
    }
}

/// A column with a default, one without a value for old rows, one of another type, an index, a unique one, a foreign key
/// and comments.
mod second {
    use loopwright::prelude::*;

    /// A coffee shop that people review.
    ///
    /// This is no comment in the database.
    #[derive(Model)]
    #[acl(open)]
    pub struct Shop {
        #[model(id, generated)]
        pub id: i64,
        /// Over the door.
        #[model(unique)]
        #[validate(length(max = 40))]
        pub name: String,
        #[model(index)]
        pub city: Option<String>,
        pub code: String,
        #[model(default = true)]
        pub open: bool,
        pub owner: String,
    }

    #[derive(Model)]
    #[acl(open)]
    pub struct Review {
        #[model(id, generated)]
        pub id: i64,
        pub rating: Option<u8>,
        pub shop_id: i64,

        #[relation(belongs_to, constraint, on_delete = "cascade")]
        pub shop: BelongsTo<Shop>,
    }
}

/// Something is gone.
mod third {
    use loopwright::prelude::*;

    /// A coffee shop that people review.
    #[derive(Model)]
    #[acl(open)]
    pub struct Shop {
        #[model(id, generated)]
        pub id: i64,
        /// Over the door.
        #[model(unique)]
        #[validate(length(max = 40))]
        pub name: String,
        pub code: String,
        #[model(default = true)]
        pub open: bool,
        pub owner: String,
    }
}

/// More than the first, and nothing that can't be taken back.
mod fourth {
    use loopwright::prelude::*;

    /// A coffee shop with a "name" over its door.
    #[derive(Model)]
    #[acl(open)]
    pub struct Shop {
        #[model(id, generated)]
        pub id: i64,
        #[model(unique)]
        #[validate(length(max = 40))]
        pub name: String,
        #[model(index)]
        pub city: Option<String>,
        pub code: i64,
        #[model(default = "it's \"open\" \\ new\r\n")]
        pub state: String,
    }

    #[derive(Model)]
    #[acl(open)]
    pub struct Review {
        #[model(id, generated)]
        pub id: i64,
        pub rating: u8,
        pub shop_id: i64,
        pub author: String,

        #[relation(belongs_to, constraint)]
        pub shop: BelongsTo<Shop>,
    }
}

#[loopwright::main]
async fn main() -> Result<()> {
    let app = App::new();
    match std::env::var("LW_TEST_VERSION").as_deref() {
        Ok("4") => app.models::<(fourth::Shop, fourth::Review)>().run().await,
        Ok("3") => app.models::<(third::Shop,)>().run().await,
        Ok("2") => app.models::<(second::Shop, second::Review)>().run().await,
        _ => app.models::<(first::Shop, first::Review)>().run().await,
    }
}

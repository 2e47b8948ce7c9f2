/// A coffee shop.
#[derive(Model)]
#[acl(open)]
pub struct CoffeeShop {
    #[model(id, generated)]
    pub id: i64,
    pub name: String,
    pub city: Option<String>,
    pub stars: f64,
    pub open: bool,
    pub opened: DateTime<Utc>,
    pub tags: Vec<String>,
    pub(crate) owner_id: Uuid,
}

// expands to

#[allow(deprecated)]
const _: () = {
    use ::loopwright::__private as __lw;
    #[allow(unused_imports)]
    use __lw::NoMethods as _;
    static __LW_DEF: __lw::ModelDef = __lw::ModelDef::new(
            "CoffeeShop",
            "CoffeeShops",
            "coffee_shop",
            &[
                <i64 as __lw::Property>::PROPERTY.named("id", "id").id().generated(),
                <String as __lw::Property>::PROPERTY.named("name", "name"),
                <Option<String> as __lw::Property>::PROPERTY.named("city", "city"),
                <f64 as __lw::Property>::PROPERTY.named("stars", "stars"),
                <bool as __lw::Property>::PROPERTY.named("open", "open"),
                <DateTime<Utc> as __lw::Property>::PROPERTY.named("opened", "opened"),
                <Vec<String> as __lw::Property>::PROPERTY.named("tags", "tags"),
                <Uuid as __lw::Property>::PROPERTY.named("ownerId", "owner_id"),
            ],
        )
        .docs("A coffee shop.")
        .acls(&[__lw::AclDef::allow(__lw::PrincipalDef::Everyone)])
        .methods(CoffeeShop::__LW_METHODS);
    #[automatically_derived]
    impl __lw::Model for CoffeeShop {
        type Id = i64;
        const DEF: &'static __lw::ModelDef = &__LW_DEF;
        fn id(&self) -> Self::Id {
            <i64 as ::core::clone::Clone>::clone(&self.id)
        }
        fn from_record(
            record: &mut __lw::Record,
        ) -> __lw::Result<Self, __lw::PropertyError> {
            __lw::Ok(Self {
                id: <i64 as __lw::Property>::take_from(record, 0usize)?,
                name: <String as __lw::Property>::take_from(record, 1usize)?,
                city: <Option<String> as __lw::Property>::take_from(record, 2usize)?,
                stars: <f64 as __lw::Property>::take_from(record, 3usize)?,
                open: <bool as __lw::Property>::take_from(record, 4usize)?,
                opened: <DateTime<Utc> as __lw::Property>::take_from(record, 5usize)?,
                tags: <Vec<String> as __lw::Property>::take_from(record, 6usize)?,
                owner_id: <Uuid as __lw::Property>::take_from(record, 7usize)?,
            })
        }
        fn into_record(self) -> __lw::Record {
            let mut record = __lw::Record::new(&__LW_DEF);
            <i64 as __lw::Property>::put_into(&mut record, 0usize, self.id);
            <String as __lw::Property>::put_into(&mut record, 1usize, self.name);
            <Option<String> as __lw::Property>::put_into(&mut record, 2usize, self.city);
            <f64 as __lw::Property>::put_into(&mut record, 3usize, self.stars);
            <bool as __lw::Property>::put_into(&mut record, 4usize, self.open);
            <DateTime<
                Utc,
            > as __lw::Property>::put_into(&mut record, 5usize, self.opened);
            <Vec<String> as __lw::Property>::put_into(&mut record, 6usize, self.tags);
            <Uuid as __lw::Property>::put_into(&mut record, 7usize, self.owner_id);
            record
        }
    }
    #[automatically_derived]
    #[allow(dead_code)]
    impl CoffeeShop {
        ///The property `id`.
        pub const ID: __lw::Column<Self, i64> = __lw::Column::new(0usize);
        ///The property `name`.
        pub const NAME: __lw::Column<Self, String> = __lw::Column::new(1usize);
        ///The property `city`.
        pub const CITY: __lw::Column<Self, Option<String>> = __lw::Column::new(2usize);
        ///The property `stars`.
        pub const STARS: __lw::Column<Self, f64> = __lw::Column::new(3usize);
        ///The property `open`.
        pub const OPEN: __lw::Column<Self, bool> = __lw::Column::new(4usize);
        ///The property `opened`.
        pub const OPENED: __lw::Column<Self, DateTime<Utc>> = __lw::Column::new(5usize);
        ///The property `tags`.
        pub const TAGS: __lw::Column<Self, Vec<String>> = __lw::Column::new(6usize);
        ///The property `owner_id`.
        pub(crate) const OWNER_ID: __lw::Column<Self, Uuid> = __lw::Column::new(7usize);
    }
    const _: () = __lw::check::id(&__LW_DEF);
};

#[derive(Model)]
#[model(tabel = "shops")]
struct Shop {
    code: i64,
    #[validate(length(min = 80, max = 2))]
    name: String,
    #[relation(has_mny)]
    reviews: HasMany<Review>,
}

// expands to

::core::compile_error! {
    "unknown word `tabel` in `#[model(...)]`; did you mean `table`?"
}
::core::compile_error! {
    "unknown word `has_mny` in `#[relation(...)]`; did you mean `has_many`?"
}
::core::compile_error! {
    "model `Shop` is exposed without an access rule; add `#[acl(open)]` to open it to everyone, `#[acl(allow(read), to = everyone)]` or the like, or hide it with `#[model(public = false)]`"
}
::core::compile_error! {
    "`min` is greater than `max`, so no value fits; write `min = 2, max = 80`"
}
::core::compile_error! {
    "model `Shop` has no id; add `#[model(id)]` to the field that identifies an instance"
}
#[allow(deprecated)]
const _: () = {
    use ::loopwright::__private as __lw;
    #[allow(unused_imports)]
    use __lw::NoMethods as _;
    static __LW_DEF: __lw::ModelDef = __lw::ModelDef::new(
            "Shop",
            "Shops",
            "shop",
            &[
                <i64 as __lw::Property>::PROPERTY.named("code", "code").id(),
                <String as __lw::Property>::PROPERTY.named("name", "name"),
            ],
        )
        .relations(
            &[
                __lw::RelationDef::new(
                    __lw::RelationKind::HasMany,
                    "reviews",
                    <HasMany<Review> as __lw::RelationField>::TARGET,
                    "shop_id",
                ),
            ],
        )
        .methods(Shop::__LW_METHODS);
    #[automatically_derived]
    impl __lw::Model for Shop {
        type Id = i64;
        const DEF: &'static __lw::ModelDef = &__LW_DEF;
        fn id(&self) -> Self::Id {
            <i64 as ::core::clone::Clone>::clone(&self.code)
        }
        fn from_record(
            record: &mut __lw::Record,
        ) -> __lw::Result<Self, __lw::PropertyError> {
            __lw::Ok(Self {
                code: <i64 as __lw::Property>::take_from(record, 0usize)?,
                name: <String as __lw::Property>::take_from(record, 1usize)?,
                reviews: <HasMany<
                    Review,
                > as __lw::RelationField>::take_from(record, 0usize)?,
            })
        }
        fn into_record(self) -> __lw::Record {
            let mut record = __lw::Record::new(&__LW_DEF);
            <i64 as __lw::Property>::put_into(&mut record, 0usize, self.code);
            <String as __lw::Property>::put_into(&mut record, 1usize, self.name);
            record
        }
        fn put_related(
            &mut self,
            record: &mut __lw::Record,
            place: __lw::Place,
        ) -> __lw::Result<(), __lw::Error> {
            <HasMany<
                Review,
            > as __lw::RelationField>::move_into(
                &mut self.reviews,
                record,
                place.relations + 0usize,
            )?;
            __lw::Ok(())
        }
    }
    #[automatically_derived]
    #[allow(dead_code)]
    impl Shop {
        ///The property `code`.
        const CODE: __lw::Column<Self, i64> = __lw::Column::new(0usize);
        ///The property `name`.
        const NAME: __lw::Column<Self, String> = __lw::Column::new(1usize);
        ///The relation `reviews`.
        const REVIEWS: __lw::Relation<Self, HasMany<Review>> = __lw::Relation::new(
            0usize,
        );
    }
    const _: () = __lw::check::id(&__LW_DEF);
};

#[derive(Model)]
#[model(public = false)]
struct Secret {
    #[model(id)]
    id: Uuid,
}

// expands to

#[allow(deprecated)]
const _: () = {
    use ::loopwright::__private as __lw;
    #[allow(unused_imports)]
    use __lw::NoMethods as _;
    static __LW_DEF: __lw::ModelDef = __lw::ModelDef::new(
            "Secret",
            "Secrets",
            "secret",
            &[<Uuid as __lw::Property>::PROPERTY.named("id", "id").id()],
        )
        .private()
        .methods(Secret::__LW_METHODS);
    #[automatically_derived]
    impl __lw::Model for Secret {
        type Id = Uuid;
        const DEF: &'static __lw::ModelDef = &__LW_DEF;
        fn id(&self) -> Self::Id {
            <Uuid as ::core::clone::Clone>::clone(&self.id)
        }
        fn from_record(
            record: &mut __lw::Record,
        ) -> __lw::Result<Self, __lw::PropertyError> {
            __lw::Ok(Self {
                id: <Uuid as __lw::Property>::take_from(record, 0usize)?,
            })
        }
        fn into_record(self) -> __lw::Record {
            let mut record = __lw::Record::new(&__LW_DEF);
            <Uuid as __lw::Property>::put_into(&mut record, 0usize, self.id);
            record
        }
    }
    #[automatically_derived]
    #[allow(dead_code)]
    impl Secret {
        ///The property `id`.
        const ID: __lw::Column<Self, Uuid> = __lw::Column::new(0usize);
    }
    const _: () = __lw::check::id(&__LW_DEF);
};

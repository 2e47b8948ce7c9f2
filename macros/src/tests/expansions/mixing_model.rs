#[derive(Model)]
struct Reader {
    email: String,
    #[model(mixin)]
    times: Timestamps,
    #[model(base)]
    pub person: Person,
}
// expands to

#[allow(deprecated)]
const _: () = {
    use ::loopwright::__private as __lw;
    #[allow(unused_imports)]
    use __lw::NoMethods as _;
    const __LW_OWN: __lw::ModelDef = __lw::ModelDef::unmixed(
            "Reader",
            "Readers",
            "reader",
            &[<String as __lw::Property>::PROPERTY.named("email", "email")],
        )
        .methods(Reader::__LW_METHODS);
    const __LW_MIXINS: &[__lw::MixinDef; 2usize] = &[
        <Person as __lw::Mixin>::MIXIN,
        <Timestamps as __lw::Mixin>::MIXIN,
    ];
    const __LW_PLACES: [__lw::Place; 2usize] = __lw::mixin::places(
        &__LW_OWN,
        __LW_MIXINS,
    );
    static __LW_DEF: __lw::ModelDef = __lw::mixed!(__LW_OWN, __LW_MIXINS);
    #[automatically_derived]
    impl __lw::Model for Reader {
        type Id = <Person as __lw::Model>::Id;
        const DEF: &'static __lw::ModelDef = &__LW_DEF;
        fn id(&self) -> Self::Id {
            <Person as __lw::Model>::id(&self.person)
        }
        fn from_record(
            record: &mut __lw::Record,
        ) -> __lw::Result<Self, __lw::PropertyError> {
            __lw::Ok(Self {
                email: <String as __lw::Property>::take_from(record, 0usize)?,
                person: <Person as __lw::Mixin>::from_part(record, __LW_PLACES[0usize])?,
                times: <Timestamps as __lw::Mixin>::from_part(
                    record,
                    __LW_PLACES[1usize],
                )?,
            })
        }
        fn into_record(self) -> __lw::Record {
            let mut record = __lw::Record::new(&__LW_DEF);
            <String as __lw::Property>::put_into(&mut record, 0usize, self.email);
            <Person as __lw::Mixin>::into_part(
                self.person,
                &mut record,
                __LW_PLACES[0usize],
            );
            <Timestamps as __lw::Mixin>::into_part(
                self.times,
                &mut record,
                __LW_PLACES[1usize],
            );
            record
        }
        fn put_related(
            &mut self,
            record: &mut __lw::Record,
            place: __lw::Place,
        ) -> __lw::Result<(), __lw::Error> {
            <Person as __lw::Mixin>::put_part_related(
                &mut self.person,
                record,
                place.then(__LW_PLACES[0usize]),
            )?;
            __lw::Ok(())
        }
    }
    #[automatically_derived]
    #[allow(dead_code)]
    impl Reader {
        ///The property `email`.
        const EMAIL: __lw::Column<Self, String> = __lw::Column::new(0usize);
        ///The part `person`.
        pub const PERSON: __lw::Mixed<Self, Person> = __lw::Mixed::new(
            __LW_PLACES[0usize],
        );
        ///The part `times`.
        const TIMES: __lw::Mixed<Self, Timestamps> = __lw::Mixed::new(
            __LW_PLACES[1usize],
        );
    }
    const _: () = __lw::check::id(&__LW_DEF);
    const _: () = {
        __lw::check::mixin(&__LW_DEF, &__LW_MIXINS[0usize], __LW_PLACES[0usize]);
    };
    const _: () = {
        __lw::check::mere_mixin(&__LW_MIXINS[1usize]);
        __lw::check::mixin(&__LW_DEF, &__LW_MIXINS[1usize], __LW_PLACES[1usize]);
    };
};

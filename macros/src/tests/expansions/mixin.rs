/// When it was made.
#[derive(Mixin)]
pub struct Timestamps {
    #[model(default = now, read_only)]
    pub created_at: DateTime<Utc>,
    #[validate(length(max = 80), if = Self::is_old)]
    note: Option<String>,
}
// expands to

#[allow(deprecated)]
const _: () = {
    use ::loopwright::__private as __lw;
    #[allow(unused_imports)]
    use __lw::NoMethods as _;
    const __LW_DEF: __lw::MixinDef = __lw::MixinDef::new(
            "Timestamps",
            &[
                <DateTime<Utc> as __lw::Property>::PROPERTY
                    .named("createdAt", "created_at")
                    .default(__lw::DefaultDef::Now)
                    .read_only(),
                <Option<String> as __lw::Property>::PROPERTY
                    .named("note", "note")
                    .rules(
                        &[
                            __lw::RuleDef::new(__lw::Rule::Length {
                                    min: __lw::None,
                                    max: __lw::Some(80),
                                    is: __lw::None,
                                })
                                .only_if(
                                    __lw::Guard::Function(|__lw_record, __lw_place| __lw::guard::<
                                        Timestamps,
                                    >(__lw_record, __lw_place, Timestamps::is_old)),
                                ),
                        ],
                    ),
            ],
        )
        .methods(Timestamps::__LW_METHODS);
    #[automatically_derived]
    impl __lw::Mixin for Timestamps {
        const MIXIN: __lw::MixinDef = __LW_DEF;
        fn from_part(
            record: &mut __lw::Record,
            place: __lw::Place,
        ) -> __lw::Result<Self, __lw::PropertyError> {
            __lw::Ok(Self {
                created_at: <DateTime<
                    Utc,
                > as __lw::Property>::take_from(record, place.properties + 0usize)?,
                note: <Option<
                    String,
                > as __lw::Property>::take_from(record, place.properties + 1usize)?,
            })
        }
        fn into_part(self, record: &mut __lw::Record, place: __lw::Place) {
            <DateTime<
                Utc,
            > as __lw::Property>::put_into(
                record,
                place.properties + 0usize,
                self.created_at,
            );
            <Option<
                String,
            > as __lw::Property>::put_into(record, place.properties + 1usize, self.note);
        }
    }
    #[automatically_derived]
    #[allow(dead_code)]
    impl Timestamps {
        ///The property `created_at`.
        pub const CREATED_AT: __lw::Column<Self, DateTime<Utc>> = __lw::Column::new(
            0usize,
        );
        ///The property `note`.
        const NOTE: __lw::Column<Self, Option<String>> = __lw::Column::new(1usize);
    }
    const _: () = __lw::check::default(&__LW_DEF.properties[0usize]);
    const _: () = __lw::check::rule(&__LW_DEF.properties[1usize], 0usize);
};

/// Where something is.
#[derive(Property)]
pub struct Address {
    /// The street and the number.
    pub street: String,
    #[property(name = "zip")]
    pub post_code: Option<String>,
    #[property(default = 1)]
    pub floor: i16,
}

// expands to

#[allow(deprecated)]
const _: () = {
    use ::loopwright::__private as __lw;
    static __LW_DEF: __lw::ObjectDef = __lw::ObjectDef::new(
            "Address",
            &[
                <String as __lw::Property>::PROPERTY
                    .named("street", "street")
                    .docs("The street and the number."),
                <Option<String> as __lw::Property>::PROPERTY.named("zip", "post_code"),
                <i16 as __lw::Property>::PROPERTY
                    .named("floor", "floor")
                    .default(__lw::DefaultDef::Literal(__lw::Literal::Integer(1))),
            ],
        )
        .docs("Where something is.");
    #[automatically_derived]
    impl __lw::Property for Address {
        const TYPE: __lw::PropertyType = __lw::PropertyType::Object(&__LW_DEF);
        const NAME: &'static str = "Address";
        fn into_value(self) -> __lw::Value {
            let mut record = __LW_DEF.empty_record();
            <String as __lw::Property>::put_into(&mut record, 0usize, self.street);
            <Option<
                String,
            > as __lw::Property>::put_into(&mut record, 1usize, self.post_code);
            <i16 as __lw::Property>::put_into(&mut record, 2usize, self.floor);
            __LW_DEF.value(&record)
        }
        fn from_value(value: __lw::Value) -> __lw::Option<Self> {
            let mut record = __LW_DEF.record_of(value)?;
            __lw::Some(Self {
                street: <String as __lw::Property>::take_from(&mut record, 0usize).ok()?,
                post_code: <Option<
                    String,
                > as __lw::Property>::take_from(&mut record, 1usize)
                    .ok()?,
                floor: <i16 as __lw::Property>::take_from(&mut record, 2usize).ok()?,
            })
        }
    }
    const _: () = __lw::check::default(&__LW_DEF.properties[2usize]);
    #[automatically_derived]
    impl __lw::Remotable for Address {
        const TYPE: __lw::RemoteType = __lw::property_type::<Self>();
        fn from_remote(value: __lw::RemoteValue) -> __lw::Result<Self, __lw::Error> {
            __lw::property_from_remote(value)
        }
        fn into_remote(self) -> __lw::RemoteValue {
            __lw::property_into_remote(self)
        }
    }
};

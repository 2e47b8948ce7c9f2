/// How coffee is made.
#[derive(Property)]
#[property(rename_all = "kebab-case")]
pub enum Style {
    Espresso,
    ColdBrew,
    #[property(rename = "drip")]
    Filter,
}

// expands to

#[allow(deprecated)]
const _: () = {
    use ::loopwright::__private as __lw;
    #[automatically_derived]
    impl __lw::Property for Style {
        const TYPE: __lw::PropertyType = __lw::PropertyType::Enum(
            &["espresso", "cold-brew", "drip"],
        );
        const NAME: &'static str = "Style";
        fn into_value(self) -> __lw::Value {
            __lw::variant_value(
                match self {
                    Self::Espresso => "espresso",
                    Self::ColdBrew => "cold-brew",
                    Self::Filter => "drip",
                },
            )
        }
        fn from_value(value: __lw::Value) -> __lw::Option<Self> {
            match __lw::variant_name(&value) {
                "espresso" => __lw::Some(Self::Espresso),
                "cold-brew" => __lw::Some(Self::ColdBrew),
                "drip" => __lw::Some(Self::Filter),
                _ => __lw::None,
            }
        }
    }
    #[automatically_derived]
    impl __lw::Remotable for Style {
        const TYPE: __lw::RemoteType = __lw::property_type::<Self>();
        fn from_remote(value: __lw::RemoteValue) -> __lw::Result<Self, __lw::Error> {
            __lw::property_from_remote(value)
        }
        fn into_remote(self) -> __lw::RemoteValue {
            __lw::property_into_remote(self)
        }
    }
};

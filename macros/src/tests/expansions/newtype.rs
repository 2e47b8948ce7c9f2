/// Identifies a customer.
#[derive(Property)]
pub struct CustomerId(i64);

// expands to

#[allow(deprecated)]
const _: () = {
    use ::loopwright::__private as __lw;
    #[automatically_derived]
    impl __lw::Property for CustomerId {
        const TYPE: __lw::PropertyType = <i64 as __lw::Property>::TYPE;
        const NAME: &'static str = "CustomerId";
        const NULLABLE: bool = <i64 as __lw::Property>::NULLABLE;
        const NULLABLE_ITEMS: bool = <i64 as __lw::Property>::NULLABLE_ITEMS;
        fn into_value(self) -> __lw::Value {
            <i64 as __lw::Property>::into_value(self.0)
        }
        fn from_value(value: __lw::Value) -> __lw::Option<Self> {
            __lw::Some(Self(<i64 as __lw::Property>::from_value(value)?))
        }
    }
    #[automatically_derived]
    impl __lw::Remotable for CustomerId {
        const TYPE: __lw::RemoteType = __lw::property_type::<Self>();
        fn from_remote(value: __lw::RemoteValue) -> __lw::Result<Self, __lw::Error> {
            __lw::property_from_remote(value)
        }
        fn into_remote(self) -> __lw::RemoteValue {
            __lw::property_into_remote(self)
        }
    }
};

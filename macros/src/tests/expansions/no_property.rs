#[derive(Property)]
struct Point(f64, f64);

// expands to

::core::compile_error! {
    "several fields need names; write `struct Name { first: ..., second: ... }`"
}
#[allow(deprecated)]
const _: () = {
    use ::loopwright::__private as __lw;
    #[automatically_derived]
    impl __lw::Property for Point
    where
        Self: ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        const TYPE: __lw::PropertyType = __lw::PropertyType::Json;
        const NAME: &'static str = "Point";
        fn into_value(self) -> __lw::Value {
            ::core::unreachable!()
        }
        fn from_value(_: __lw::Value) -> __lw::Option<Self> {
            ::core::unreachable!()
        }
    }
};

#[derive(KeyValueModel)]
#[model(table = "page")]
pub enum Page {
    Web,
}

// expands to

::core::compile_error! {
    "a key-value model has no table; for other keys in the store give it another name with `name = \"...\"`"
}
::core::compile_error! {
    "a key-value model is a struct around its value; derive `Property` for the enum, and write `struct Page(ThatEnum);`"
}
#[allow(deprecated)]
const _: () = {
    use ::loopwright::__private as __lw;
    static __LW_DEF: __lw::ModelDef = __lw::ModelDef::key_value(
        "Page",
        "Page",
        &[
            __lw::PropertyDef::KEY,
            <::core::primitive::bool as __lw::Property>::PROPERTY.named("value", "value"),
        ],
    );
    #[automatically_derived]
    impl __lw::Described for Page
    where
        Self: ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        const DEF: &'static __lw::ModelDef = &__LW_DEF;
    }
    #[automatically_derived]
    impl __lw::KeyValueModel for Page
    where
        Self: ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        fn from_value(_: __lw::Value) -> __lw::Option<Self> {
            ::core::unreachable!()
        }
        fn into_value(self) -> __lw::Value {
            ::core::unreachable!()
        }
    }
};

#[derive(Model)]
#[acl(open)]
enum Shop<T: Clone> {
    Cafe(T),
    Bar,
}

// expands to

::core::compile_error! {
    "a model has no parameters; write a struct without them for each concrete type"
}
::core::compile_error! {
    "a model is a struct; for an enum as the type of a property write `#[derive(Property)]`"
}
#[allow(deprecated)]
const _: () = {
    use ::loopwright::__private as __lw;
    static __LW_DEF: __lw::ModelDef = __lw::ModelDef::new(
        "Shop",
        "Shop",
        "Shop",
        &[<::core::primitive::i64 as __lw::Property>::PROPERTY.named("id", "id").id()],
    );
    #[automatically_derived]
    impl<T: Clone> __lw::Model for Shop<T>
    where
        Self: ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        type Id = ::core::primitive::i64;
        const DEF: &'static __lw::ModelDef = &__LW_DEF;
        fn id(&self) -> Self::Id {
            ::core::unreachable!()
        }
        fn from_record(_: &mut __lw::Record) -> __lw::Result<Self, __lw::PropertyError> {
            ::core::unreachable!()
        }
        fn into_record(self) -> __lw::Record {
            ::core::unreachable!()
        }
    }
};

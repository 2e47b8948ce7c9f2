/// Pages by their address.
#[derive(KeyValueModel)]
#[model(name = "WebPage", path = "pages")]
#[acl(allow(read, set), to = everyone)]
pub struct Page(Option<String>);

// expands to

#[allow(deprecated)]
const _: () = {
    use ::loopwright::__private as __lw;
    static __LW_DEF: __lw::ModelDef = __lw::ModelDef::key_value(
            "WebPage",
            "pages",
            &[
                __lw::PropertyDef::KEY,
                <Option<String> as __lw::Property>::PROPERTY.named("value", "value"),
            ],
        )
        .docs("Pages by their address.")
        .acls(
            &[
                __lw::AclDef::allow(__lw::PrincipalDef::Everyone)
                    .access(__lw::AccessType::Read),
                __lw::AclDef::allow(__lw::PrincipalDef::Everyone).method("set"),
            ],
        );
    #[automatically_derived]
    impl __lw::Described for Page {
        const DEF: &'static __lw::ModelDef = &__LW_DEF;
    }
    #[automatically_derived]
    impl __lw::KeyValueModel for Page {
        fn from_value(value: __lw::Value) -> __lw::Option<Self> {
            __lw::Some(Self(<Option<String> as __lw::Property>::from_value(value)?))
        }
        fn into_value(self) -> __lw::Value {
            <Option<String> as __lw::Property>::into_value(self.0)
        }
    }
    const _: () = __lw::check::acl_method(&__LW_DEF, "set");
};

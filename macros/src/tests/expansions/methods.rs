#[loopwright::methods]
impl Note {
    /// Counts the words of every text that is stored.
    #[hook(before_save, persist)]
    async fn count(cx: &mut Save<'_, Self>) -> Result<()> {
        Ok(())
    }

    fn first_line(&self) -> &str {
        self.text.lines().next().unwrap_or_default()
    }
}

// expands to

impl Note {
    /// Counts the words of every text that is stored.
    async fn count(cx: &mut Save<'_, Self>) -> Result<()> {
        Ok(())
    }
    fn first_line(&self) -> &str {
        self.text.lines().next().unwrap_or_default()
    }
}
const _: () = {
    use ::loopwright::__private as __lw;
    impl Note {
        #[doc(hidden)]
        pub const __LW_METHODS: __lw::MethodsDef = __lw::MethodsDef::NONE
            .hooks(
                &[
                    __lw::HookDef::new(
                        __lw::HookKind::BeforeSave,
                        "count",
                        |__lw_cx| {
                            __lw::Box::pin(async move {
                                let mut __lw_cx = __lw::Save::<Self>::of(__lw_cx)?;
                                Self::count(&mut __lw_cx).await
                            })
                        },
                    ),
                    __lw::HookDef::new(
                        __lw::HookKind::Persist,
                        "count",
                        |__lw_cx| {
                            __lw::Box::pin(async move {
                                let mut __lw_cx = __lw::Save::<Self>::of(__lw_cx)?;
                                Self::count(&mut __lw_cx).await
                            })
                        },
                    ),
                ],
            );
    }
};

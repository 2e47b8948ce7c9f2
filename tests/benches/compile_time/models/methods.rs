
#[loopwright::methods]
impl MODEL {
    /// Names are stored without the spaces around them.
    #[hook(before_save)]
    async fn tidy(cx: &mut Save<'_, Self>) -> Result<()> {
        if let Some(name) = cx.get(MODEL::NAME) {
            cx.set(MODEL::NAME, name.trim());
        }
        Ok(())
    }

    /// Moves what is open in one city to another.
    #[remote(post = "/move")]
    async fn relocate(cx: &Context, from: String, to: String) -> Result<u64> {
        let models = cx.repository::<MODEL>()?;
        let found = models.find().filter(MODEL::CITY.eq(from).and(MODEL::OPEN.eq(true))).all().await?;
        for model in &found {
            models.update(model.id, Patch::new().set(MODEL::CITY, Some(to.clone()))).await?;
        }
        models.count(MODEL::CITY.eq(to)).await
    }
}

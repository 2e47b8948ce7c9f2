use loopwright::hook::Save;
use loopwright::prelude::*;

/// Somebody: what authors and readers have in common. It is not served for itself.
#[derive(Model, Clone, Debug, Default)]
#[model(public = false)]
#[acl(open)]
pub struct Person {
    /// Identifies the person.
    #[model(id, generated)]
    pub id: i64,
    /// The name that others see.
    #[validate(length(min = 2, max = 80))]
    pub name: String,
    /// Where to reach the person. Never leaves the server.
    #[model(hidden)]
    #[validate(format(email), uniqueness)]
    pub email: String,
}

#[loopwright::methods]
impl Person {
    /// One address is one spelling, for whoever extends a person.
    #[hook(before_save)]
    async fn spell(cx: &mut Save<'_, Self>) -> Result<()> {
        if let Some(email) = cx.get(Person::EMAIL) {
            cx.set(Person::EMAIL, email.to_lowercase());
        }
        Ok(())
    }
}

/// A model.
#[derive(Model)]
#[acl(allow(read), to = everyone)]
#[acl(allow(write), to = role("staff"))]
pub struct MODEL {
    /// The id.
    #[model(id, generated)]
    pub id: i64,
    /// The name.
    #[validate(length(min = 2, max = 80))]
    pub name: String,
    /// The city.
    pub city: Option<String>,
    /// The size.
    pub size: i32,
    /// The price.
    pub price: f64,
    /// Is it open?
    pub open: bool,
    /// Since when.
    #[model(default = now)]
    pub since: DateTime<Utc>,
    /// The owner.
    pub owner_id: Option<i64>,
}

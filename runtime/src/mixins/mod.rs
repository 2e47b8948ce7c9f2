//! Mixins: properties, hooks, methods and scopes that models share; and models that extend another one (contract
//! *models.md* §1.3 and §12).
//!
//! A mixin is a struct that a model holds in a field. Its properties are properties of the model, after the model's own:
//! in JSON, in the table, in filters and in the document. Its hooks, methods and scopes are the model's, too.
//!
//! ```
//! use loopwright::hook::Save;
//! use loopwright::mixins::SoftDelete;
//! use loopwright::prelude::*;
//!
//! /// Who may be asked about it.
//! #[derive(Mixin, Clone, Debug, Default)]
//! struct Contact {
//!     #[validate(format(email))]
//!     email: Option<String>,
//!     phone: Option<String>,
//! }
//!
//! #[loopwright::methods]
//! impl Contact {
//!     /// Addresses are written in small letters.
//!     #[hook(before_save)]
//!     async fn tidy(cx: &mut Save<'_, Self>) -> Result<()> {
//!         if let Some(Some(email)) = cx.get(Contact::EMAIL) {
//!             cx.set(Contact::EMAIL, Some(email.to_lowercase()));
//!         }
//!         Ok(())
//!     }
//! }
//!
//! #[derive(Model, Clone, Debug, Default)]
//! #[acl(open)]
//! struct Shop {
//!     #[model(id, generated)]
//!     id: i64,
//!     name: String,
//!     #[model(mixin)]
//!     contact: Contact,
//!     #[model(mixin)]
//!     deletion: SoftDelete,
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> loopwright::Result<()> {
//! # let app = App::new().data_source("db", "memory:").models::<(Shop,)>().build().await?;
//! let shops = app.repository::<Shop>()?;
//! let contact = Contact { email: Some("Ann@Shop.example".into()), phone: None };
//! let shop = shops.create(Shop { name: "Bel Café".into(), contact, ..Shop::default() }).await?;
//! assert_eq!(shop.contact.email.as_deref(), Some("ann@shop.example"));
//!
//! let by_email = Shop::CONTACT.column(Contact::EMAIL).eq("ann@shop.example");
//! assert_eq!(shops.count(by_email.clone()).await?, 1);
//! shops.delete_by_id(shop.id).await?;
//! assert_eq!(shops.count(by_email.clone()).await?, 0);
//! assert_eq!(shops.unscoped().count(by_email).await?, 1);
//! # Ok(())
//! # }
//! ```
//!
//! # Extending a model
//!
//! `#[model(base)]` on a field of another model's type extends that model: besides the properties, the model has its id,
//! relations, access rules, indexes and the settings `strict`, `force_id`, `strict_delete`, `validate_upsert` and
//! `automatic_validation`, unless it says otherwise. It is kept in a table of its own, with all properties.
//!
//! ```
//! use loopwright::prelude::*;
//!
//! /// Somebody.
//! #[derive(Model, Clone, Debug, Default)]
//! #[model(public = false)]
//! #[acl(allow(read), to = everyone)]
//! struct Person {
//!     #[model(id, generated)]
//!     id: i64,
//!     #[validate(length(min = 2))]
//!     name: String,
//! }
//!
//! /// Somebody who reads.
//! #[derive(Model, Clone, Debug, Default)]
//! struct Reader {
//!     favourite: Option<String>,
//!     #[model(base)]
//!     person: Person,
//! }
//!
//! let names: Vec<_> = Reader::DEF.properties.iter().map(|property| property.name).collect();
//! assert_eq!(names, ["favourite", "id", "name"]);
//! let ann = Reader::PERSON.column(Person::NAME).eq("Ann");
//! ```
//!
//! Hooks of what a model extends and takes in run before its own, in the order of the fields. Of methods and named scopes
//! with one name the model's own counts. A default scope holds besides the model's own.

mod soft_delete;
mod timestamps;

pub use self::soft_delete::SoftDelete;
pub use self::timestamps::Timestamps;

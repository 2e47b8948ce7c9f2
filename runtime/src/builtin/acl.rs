use crate::Model;

/// An access rule that is a row (contract *access-control.md* §2.2): it goes between those of the program. It is not served.
///
/// An application that lists this model asks it with every request.
#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(crate = crate, public = false, name = "ACL", table = "acl")]
#[acl(deny(all), to = everyone)]
pub struct Acl {
    /// The name of the model that it is about.
    #[model(index)]
    pub model: Option<String>,
    /// The method that it is about, `*` for every one.
    pub property: Option<String>,
    /// `READ`, `WRITE`, `EXECUTE`, or `*`.
    pub access_type: Option<String>,
    /// `ALLOW`, `DENY`, or what LoopBack takes for `ALLOW`.
    pub permission: Option<String>,
    /// `ROLE`, `USER` or `APP`; the name of a model of users, where there are several. There, a rule for a `USER` denies
    /// each of them, and allows none.
    pub principal_type: Option<String>,
    /// The name of the role, or the id.
    pub principal_id: Option<String>,
    /// The id.
    #[model(id, generated)]
    pub id: i64,
}

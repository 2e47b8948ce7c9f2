use super::Role;
use crate::Model;
use crate::model::BelongsTo;

/// A member of a role: a user, an application or another role. It is not served.
#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(crate = crate, public = false)]
#[acl(deny(all), to = everyone)]
pub struct RoleMapping {
    /// The id.
    #[model(id, generated)]
    pub id: i64,
    /// What the member is: [`OF_USER`](Self::OF_USER), [`OF_APP`](Self::OF_APP),
    /// [`OF_ROLE`](Self::OF_ROLE), or the name of its model where
    /// there are several models of users.
    pub principal_type: Option<String>,
    /// The member's id, as text.
    #[model(index)]
    pub principal_id: Option<String>,
    /// The id of the role.
    #[model(index)]
    pub role_id: Option<i64>,
    /// The role.
    #[relation(belongs_to)]
    pub role: BelongsTo<Role>,
}

impl RoleMapping {
    /// The type of a user.
    pub const OF_USER: &str = "USER";
    /// The type of an application.
    pub const OF_APP: &str = "APP";
    /// The type of a role, whose members become members too.
    pub const OF_ROLE: &str = "ROLE";
}

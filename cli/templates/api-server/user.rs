use loopwright::prelude::*;

/// Somebody who registers, logs in and is known by a token.
///
/// Everybody may register and log in, and each may see, change and delete themselves.
#[derive(Model, Clone, Debug, Default)]
pub struct User {
    /// What all users have: an address, a password, and the methods to log in and out.
    #[model(base)]
    pub user: loopwright::builtin::User,
}

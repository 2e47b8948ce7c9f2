//! The models that come along: users, their tokens and roles (contract *users.md*, *access-control.md* §6).
//!
//! They are written as any other model is, and ship closed: what may be done with them is said by those that extend them.
//!
//! | model | what it is |
//! |---|---|
//! | [`User`] | somebody who registers and logs in; a model of one's own extends it |
//! | [`AccessToken`] | what a user who has logged in is known by |
//! | [`Role`], [`RoleMapping`] | what users are members of |
//! | [`Acl`] | an access rule that is a row |
//! | [`Application`] | a program that calls on its own behalf, by a key |
//! | [`Scope`] | a name for what a token may be for |
//! | [`SecondFactor`] | what a user shows beside the password |
//!
//! An application that lists a model of users has [`AccessToken`], [`Role`] and [`RoleMapping`] too, in the data source of its
//! first model of users, unless it lists them, or models that extend them, itself.

mod access_token;
mod account;
mod accounts;
mod acl;
mod application;
mod authority;
mod by_mail;
mod configured;
mod credentials;
#[cfg(feature = "jwt")]
mod jwt;
mod jwt_config;
mod letter;
mod password;
mod role;
mod role_mapping;
mod scope;
mod second_factor;
mod secret;
mod service;
mod settings;
mod throttle;
mod totp;
mod user;

pub use access_token::AccessToken;
pub use acl::Acl;
pub use application::Application;
pub use authority::RoleQuery;
pub(crate) use authority::{Authority, RoleResolver};
pub(crate) use configured::as_configured;
#[cfg(feature = "jwt")]
pub(crate) use jwt::Jwt;
pub use jwt_config::JwtConfig;
pub use letter::{LetterKind, UserLetter};
pub use role::Role;
pub use role_mapping::RoleMapping;
pub use scope::Scope;
pub use second_factor::SecondFactor;
pub use service::PasswordReset;
pub(crate) use service::{LetterWriter, ResetHandler, Users};
pub use settings::{TotpConfig, UsersConfig};
pub use user::User;

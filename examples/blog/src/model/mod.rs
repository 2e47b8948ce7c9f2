//! The models, one to a file.

mod author;
mod comment;
mod post;
mod revision;

pub use author::Author;
pub use comment::Comment;
pub use post::{Post, Status};
pub use revision::Revision;

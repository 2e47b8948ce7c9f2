//! The models, one to a file.

mod author;
mod comment;
mod person;
mod post;
mod reader;
mod revision;
mod tagging;

pub use author::Author;
pub use comment::Comment;
pub use person::Person;
pub use post::{Post, Status};
pub use reader::Reader;
pub use revision::Revision;
pub use tagging::Tagging;

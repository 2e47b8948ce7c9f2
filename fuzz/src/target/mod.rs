//! What any bytes are given to. A target that panics has found something.

mod batch;
mod condition;
mod configuration;
mod discovery;
mod failure;
mod filter;
mod loopback;
mod pattern;
mod request;
mod socket;

pub use batch::batch;
pub use condition::{agree, condition, fill};
pub use configuration::configuration;
pub use discovery::discovery;
pub use failure::failure;
pub use filter::filter;
pub use loopback::loopback;
pub use pattern::pattern;
pub use request::request;
pub use socket::socket;

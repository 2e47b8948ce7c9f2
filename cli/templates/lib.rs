//! The application, for its program and its tests.

{{modules}}use loopwright::prelude::*;

/// The application: its models, and what it does besides.
pub fn app() -> App {
    App::new(){{models}}
}

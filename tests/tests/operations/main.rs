//! What those need who run an application: health, metrics, traces, logs, slow and hostile clients, too many of them, and an
//! end that loses nothing.

mod calls;
mod connections;
mod drain;
mod health;
mod load;
mod log;
mod metrics;
mod program;
mod restarts;
mod timing;
mod traces;

use std::error::Error;

use loopwright::prelude::*;

type TestResult<T = ()> = Result<T, Box<dyn Error>>;

/// What somebody has noted down.
#[derive(Model, Clone, Debug)]
#[acl(open)]
struct Note {
    #[model(id, generated)]
    id: i64,
    text: String,
}

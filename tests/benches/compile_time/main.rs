//! What models cost to compile, and how large programs get, beside the same written by hand on axum and SeaORM.
//!
//! `cargo bench -p loopwright-tests --bench compile_time` writes programs with 0, 50 and 200 models of 8 properties each,
//! and lets cargo check and build them: from nothing, and after one property of one model has got another type.
//! Dependencies are compiled before. The hand-written models have ten handlers each, which is still fewer than the
//! endpoints that a loopwright model has. Then it says what the macros expand to, how large the programs are in a release
//! build, and how large the servers of the benchmark of requests are, each by itself.
//!
//! `-- time`, `-- size` and `-- servers` ask for one of these, `-- described`, `-- programmed` and `-- hand_written` for one
//! kind of models, `-- rounds=1` for less time. It runs on Linux.

mod cost;
mod kind;
mod package;
mod server;
mod size;
mod time;

use std::error::Error;
use std::path::Path;

use self::kind::KINDS;

/// How many models the programs have.
const MODELS: [usize; 3] = [0, 50, 200];
/// How often each is compiled, unless said otherwise.
const ROUNDS: usize = 3;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    // `cargo test --benches` only wants to know that this compiles.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()?;
    let rounds = arguments
        .iter()
        .find_map(|word| word.strip_prefix("rounds="));
    let rounds = rounds.map_or(Ok(ROUNDS), str::parse)?;
    let said = |word: &str| arguments.iter().any(|argument| argument == word);
    let all = !["time", "size", "servers"].into_iter().any(said);
    let any = !KINDS.iter().any(|kind| said(kind.name));
    let kinds: Vec<_> = KINDS.iter().filter(|kind| any || said(kind.name)).collect();
    if all || said("time") {
        time::print(&root, &kinds, rounds)?;
    }
    if all || said("size") {
        size::print(&root, &kinds)?;
    }
    if all || said("servers") {
        server::print(&root)?;
    }
    Ok(())
}

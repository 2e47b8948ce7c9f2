//! How costs grow with what there is: rows, models, rules, open change streams, included rows.
//!
//! `cargo bench -p loopwright-tests --bench growth` starts an application for each size, in a process of its own (this
//! program, told by its environment to serve), and asks it for the same again and again. What counts is the time of that
//! process on the processors, all threads, from the operating system's accounting (Linux): least of three repetitions. Each
//! curve is printed as a table, and drawn into `docs/growth`. `-- rows streams` measures only these curves; `-- quick`
//! measures little, for a look at whether all of it works, and draws into the target folder.

// The other benchmark of what a process costs.
#[path = "../requests/cost.rs"]
mod cost;
mod curve;
mod definitions;
mod includes;
mod models;
mod pace;
mod picture;
mod rows;
mod rules;
mod server;
mod streams;

use std::error::Error;
use std::path::Path;

use self::curve::Curve;
use self::pace::Pace;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Tells the process that is to be a server what it serves.
const SERVER: &str = "LW_GROWTH_SERVER";

const CURVES: [&str; 5] = ["rows", "models", "rules", "streams", "includes"];

#[tokio::main]
async fn main() -> Result<()> {
    if let Ok(what) = std::env::var(SERVER) {
        return serve(&what).await;
    }
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let said = |word: &str| arguments.iter().any(|argument| argument == word);
    // `cargo test --benches` only wants to know that this compiles.
    if !said("--bench") {
        return Ok(());
    }
    rlimit::increase_nofile_limit(u64::MAX)?;
    let (pace, folder) = match said("quick") {
        true => (Pace::QUICK, env!("CARGO_TARGET_TMPDIR")),
        false => (
            Pace::FULL,
            concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/growth"),
        ),
    };
    std::fs::create_dir_all(folder)?;
    let all = CURVES.iter().all(|name| !said(name));
    for name in CURVES {
        if all || said(name) {
            for curve in curves(name, &pace).await? {
                println!("\n## {}\n\n{}", curve.title, curve.table());
                let file = Path::new(folder).join(format!("{}.svg", curve.name));
                picture::draw(&curve, &file)?;
            }
        }
    }
    Ok(())
}

async fn curves(name: &str, pace: &Pace) -> Result<Vec<Curve>> {
    match name {
        "rows" => rows::curves(pace).await,
        "models" => models::curves(pace).await,
        "rules" => rules::curves(pace).await,
        "streams" => streams::curves(pace).await,
        _ => includes::curves(pace).await,
    }
}

/// Serves what `what` says, until the process is ended.
async fn serve(what: &str) -> Result<()> {
    let words: Vec<_> = what.split(' ').collect();
    match words[..] {
        ["rows", url] => rows::serve(url).await,
        ["models", folder, url, tables] => models::serve(folder, url, tables == "compared").await,
        ["rules", folder, url, roles] => rules::serve(folder, url, roles.parse()?).await,
        ["decisions", folder] => rules::decide(folder).await,
        ["streams"] => streams::serve().await,
        ["includes", url] => includes::serve(url).await,
        _ => Err(format!("{SERVER}: there is no server {what:?}").into()),
    }
}

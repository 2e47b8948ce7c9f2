//! Each fuzz target with its seeds, with every input that once failed, and with texts that are almost one of these: the
//! same ones in every run.
//!
//! `fuzz/` says how to look for more.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Once;

use loopwright_fuzz::mutation::mutate;
use loopwright_fuzz::target::{agree, fill};
use loopwright_fuzz::{TARGETS, Target};
use loopwright_tests::{mongodb_url, mysql_url, postgres_url};

type TestResult = Result<(), Box<dyn std::error::Error>>;

/// How long a mutated input is at most.
const LONGEST: usize = 8192;

/// The seeds of a target, in the order of their names.
fn seeds(name: &str) -> Result<Vec<Vec<u8>>, Box<dyn std::error::Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder.join(name))? {
        paths.push(entry?.path());
    }
    paths.sort();
    let seeds: Result<Vec<_>, _> = paths.iter().map(std::fs::read).collect();
    Ok(seeds?)
}

/// The seeds, and then so many inputs that are made of them.
fn inputs(name: &str, many: u64) -> Result<Vec<Vec<u8>>, Box<dyn std::error::Error>> {
    let seeds = seeds(name)?;
    assert!(!seeds.is_empty(), "{name} has no seeds");
    let mutated = (0..many).zip(seeds.iter().cycle()).map(|(number, seed)| {
        let place = usize::try_from(number).unwrap_or_default() / seeds.len();
        mutate(seed, &seeds[place % seeds.len()], LONGEST, number)
    });
    Ok(seeds.iter().cloned().chain(mutated).collect())
}

thread_local! {
    /// While a target runs on this thread: what it has panicked with, also where somebody has caught it.
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
    static RUNS: Cell<bool> = const { Cell::new(false) };
}

/// Has panics of targets kept rather than printed.
fn keep_panics() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let others = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if RUNS.get() {
                let first = PANIC.take();
                PANIC.set(first.or_else(|| Some(panic.to_string())));
            } else {
                others(panic);
            }
        }));
    });
}

/// Gives the inputs to the target. An application catches panics: they are found all the same.
fn run(name: &str, many: u64) -> TestResult {
    keep_panics();
    RUNS.set(true);
    let (_, target): (_, Target) = *TARGETS
        .iter()
        .find(|(other, _)| *other == name)
        .ok_or("there is no such target")?;
    for input in inputs(name, many)? {
        let _ = catch_unwind(AssertUnwindSafe(|| target(&input)));
        if let Some(panic) = PANIC.take() {
            let shown = input.escape_ascii();
            return Err(format!(
                "{name}: {panic}\nthe input, to keep in fuzz/corpus/{name}: {shown}"
            )
            .into());
        }
    }
    Ok(())
}

/// A test for each target, with so many inputs beside its seeds.
macro_rules! targets {
    ($($target:ident: $many:expr,)*) => {
        $(
            #[test]
            fn $target() -> TestResult {
                run(stringify!($target), $many)
            }
        )*

        #[test]
        fn every_target_is_run() {
            let run = [$(stringify!($target)),*];
            assert!(TARGETS.iter().map(|(name, _)| *name).eq(run));
        }
    };
}

targets! {
    batch: 600,
    condition: 600,
    configuration: 150,
    discovery: 400,
    failure: 600,
    filter: 5000,
    loopback: 400,
    pattern: 5000,
    request: 800,
    socket: 300,
}

/// What the data source at `url` finds is what is found in memory.
async fn conditions_agree(url: Option<String>) -> TestResult {
    let Some(url) = url else {
        return Ok(()); // it has been said why
    };
    let (memory, other) = (fill("memory:").await?, fill(&url).await?);
    for input in inputs("condition", 600)? {
        agree(&memory, &other, &input).await;
    }
    Ok(())
}

#[tokio::test]
async fn conditions_agree_on_postgres() -> TestResult {
    conditions_agree(postgres_url()).await
}

#[tokio::test]
async fn conditions_agree_on_mysql() -> TestResult {
    conditions_agree(mysql_url()).await
}

#[tokio::test]
async fn conditions_agree_on_mongodb() -> TestResult {
    conditions_agree(mongodb_url()).await
}

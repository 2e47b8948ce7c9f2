//! How long models take to compile.

use std::path::Path;

use crate::cost::Cost;
use crate::kind::Kind;
use crate::{MODELS, Result};

/// What is asked of cargo, and is it asked after a change, with what the compiler has kept?
const TASKS: [(&str, bool); 4] = [
    ("check", false),
    ("check", true),
    ("build", false),
    ("build", true),
];

pub fn print(root: &Path, kinds: &[&Kind], rounds: usize) -> Result<()> {
    let [none, few, many] = MODELS;
    println!(
        "\n| CPU; wall, in s | {none} models | {few} | {many} | per model, CPU | growth |\n|---|---|---|---|---|---|"
    );
    for kind in kinds {
        for (task, changed) in TASKS {
            let mut costs = Vec::new();
            for models in MODELS {
                costs.push(cost(root, kind, models, task, changed, rounds)?);
            }
            let when = if changed { ", one change" } else { "" };
            println!("| {}: {task}{when} | {} |", kind.title, row(&costs));
        }
    }
    Ok(())
}

/// The least of the rounds.
fn cost(
    root: &Path,
    kind: &Kind,
    models: usize,
    task: &str,
    changed: bool,
    rounds: usize,
) -> Result<Cost> {
    let package = kind.package(root, models)?;
    // The first brings the dependencies, or what the compiler keeps.
    if changed || models == 0 {
        package.write(&kind.source(models, 0))?;
        package.cost(task, changed)?;
    }
    let mut least = Cost {
        cpu: f64::INFINITY,
        wall: f64::INFINITY,
    };
    for round in 1..=rounds {
        package.write(&kind.source(models, if changed { round } else { 0 }))?;
        least = least.least(package.cost(task, changed)?);
    }
    Ok(least)
}

/// The costs; what one of many models adds; and that beside what one of the first adds, which is 1 where costs grow as the
/// number of models does.
fn row(costs: &[Cost]) -> String {
    let seconds = costs
        .iter()
        .map(|cost| format!("{:.2}; {:.2}", cost.cpu / 1e3, cost.wall / 1e3));
    let seconds: Vec<_> = seconds.collect();
    let added = |from: usize, to: usize| {
        (costs[to].cpu - costs[from].cpu) / (MODELS[to] - MODELS[from]) as f64
    };
    let growth = added(1, 2) / added(0, 1);
    format!(
        "{} | {:.1} ms | {growth:.2}",
        seconds.join(" | "),
        added(0, 2)
    )
}

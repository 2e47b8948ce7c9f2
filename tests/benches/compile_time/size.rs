//! How large models get.

use std::path::Path;

use crate::kind::Kind;
use crate::{MODELS, Result};

pub fn print(root: &Path, kinds: &[&Kind]) -> Result<()> {
    let [none, few, many] = MODELS;
    println!(
        "\n| | expanded lines per model | expanded bytes | release binary, {none} models | {few} | {many} | per model |\n\
         |---|---|---|---|---|---|---|"
    );
    for kind in kinds {
        let (mut lines, mut bytes, mut binary) = (Vec::new(), Vec::new(), Vec::new());
        for models in MODELS {
            let package = kind.package(root, models)?;
            package.write(&kind.source(models, 0))?;
            let expanded = package.expanded()?;
            lines.push(expanded.lines().count() as f64);
            bytes.push(expanded.len() as f64);
            binary.push(package.size()? as f64);
        }
        let per_model = |sizes: &[f64]| (sizes[2] - sizes[0]) / (many - none) as f64;
        let megabytes: Vec<_> = binary
            .iter()
            .map(|size| format!("{:.2} MB", size / 1e6))
            .collect();
        println!(
            "| {} | {:.0} | {:.0} | {} | {:.1} kB |",
            kind.title,
            per_model(&lines),
            per_model(&bytes),
            megabytes.join(" | "),
            per_model(&binary) / 1e3,
        );
    }
    Ok(())
}

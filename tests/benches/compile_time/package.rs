//! A program in a folder of its own, as cargo compiles it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Result;
use crate::cost::{Cost, output};

/// Dependencies are compiled once, whatever the program does itself.
const PROFILES: &str = r#"
[profile.dev]
debug = "line-tables-only"

[profile.dev.package."*"]
debug = false
incremental = false

[profile.release]
strip = "symbols"
"#;

pub struct Package {
    name: String,
    folder: PathBuf,
    target: PathBuf,
}

impl Package {
    /// With these lines as its dependencies, in which `RUNTIME` stands for loopwright's folder, and tokio.
    pub fn new(root: &Path, name: String, dependencies: &str) -> Result<Self> {
        let all = root.join("target").join("compile-time");
        let folder = all.join(&name);
        fs::create_dir_all(folder.join("src"))?;
        let runtime = root.join("runtime");
        let dependencies = dependencies.replace("RUNTIME", &runtime.display().to_string());
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
             [dependencies]\n{dependencies}\ntokio = {{ version = \"1\", features = [\"full\"] }}\n{PROFILES}"
        );
        fs::write(folder.join("Cargo.toml"), manifest)?;
        // The versions that the repository has been tested with.
        fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        Ok(Package {
            name,
            folder,
            target: all.join("target"),
        })
    }

    /// Gives it this source; what was compiled before is older.
    pub fn write(&self, source: &str) -> Result<()> {
        Ok(fs::write(self.folder.join("src").join("main.rs"), source)?)
    }

    pub fn cost(&self, task: &str, incremental: bool) -> Result<Cost> {
        let incremental = format!("profile.dev.incremental={incremental}");
        Cost::of(self.cargo(task).args(["--config", &incremental]))
    }

    /// What its macros expand to.
    pub fn expanded(&self) -> Result<String> {
        let mut command = self.cargo("rustc");
        // Printing the expansion is unstable in the compiler; nothing else is. Cargo's own environment would say that of the
        // dependencies too, and compile them anew.
        command
            .args(["--profile", "check", "--config"])
            .arg("env.RUSTC_BOOTSTRAP='1'")
            .args(["--", "-Zunpretty=expanded"]);
        output(&mut command)
    }

    /// How many bytes the program has in a release build, without its symbols.
    pub fn size(&self) -> Result<u64> {
        output(self.cargo("build").arg("--release"))?;
        let program = self.target.join("release").join(&self.name);
        Ok(fs::metadata(program)?.len())
    }

    fn cargo(&self, task: &str) -> Command {
        let mut command = Command::new(env!("CARGO"));
        command
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", &self.target)
            .env_remove("CARGO_INCREMENTAL")
            .args([task, "--quiet"]);
        command
    }
}

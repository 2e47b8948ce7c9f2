//! Questions at a terminal: util-linux's `script` is one.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::support::{TestResult, done, runtime};

/// Somebody who reads what the command asks.
struct Terminal {
    process: Child,
    input: ChildStdin,
    output: Receiver<Vec<u8>>,
    /// What has been read, and not been waited for.
    seen: String,
}

impl Terminal {
    /// The command, or nothing without a `script` to run it.
    fn open(folder: &Path, arguments: &str) -> TestResult<Option<Self>> {
        if Command::new("script").arg("--version").output().is_err() {
            assert!(
                std::env::var_os("CI").is_none(),
                "`script` is missing; install util-linux"
            );
            return Ok(None);
        }
        let line = format!("{} {arguments}", env!("CARGO_BIN_EXE_loopwright"));
        let mut process = Command::new("script")
            .args(["--quiet", "--return", "--command", &line, "/dev/null"])
            .current_dir(folder)
            .env("TERM", "xterm")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = process.stdin.take().ok_or("no input")?;
        let mut printed = process.stdout.take().ok_or("no output")?;
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 1024];
            while let Ok(count @ 1..) = printed.read(&mut bytes) {
                if sender.send(bytes[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Ok(Some(Terminal {
            process,
            input,
            output,
            seen: String::new(),
        }))
    }

    /// Waits for a question and answers it.
    fn answer(&mut self, question: &str, keys: &str) -> TestResult {
        self.wait_for(question)?;
        self.input.write_all(keys.as_bytes())?;
        self.input.flush()?;
        Ok(())
    }

    fn wait_for(&mut self, text: &str) -> TestResult {
        loop {
            if let Some((_, rest)) = self.seen.split_once(text) {
                self.seen = rest.to_owned();
                return Ok(());
            }
            let bytes = self
                .output
                .recv_timeout(Duration::from_secs(30))
                .map_err(|_| format!("no {text:?} in {:?}", self.seen))?;
            self.seen.push_str(&String::from_utf8_lossy(&bytes));
        }
    }

    fn end(mut self) -> TestResult<Option<i32>> {
        Ok(self.process.wait()?.code())
    }
}

const ENTER: &str = "\r";
const DOWN: &str = "\u{1b}[B";

#[test]
fn a_project_is_asked_for() -> TestResult {
    let folder = tempfile::tempdir()?;
    let arguments = format!("new --loopwright-path {}", runtime());
    let Some(mut terminal) = Terminal::open(folder.path(), &arguments)? else {
        return Ok(());
    };
    terminal.answer("What's the name of your application?", "a/b\r")?;
    // The question comes again, with the reason.
    terminal.wait_for("can't be called `a/b`")?;
    terminal.answer("What's the name of your application?", "my-api\r")?;
    terminal.answer(
        "What kind of application",
        &format!("{DOWN}{DOWN}{DOWN}{ENTER}"),
    )?;
    terminal.answer("Where does it keep its data?", ENTER)?;
    terminal.answer("What is it called", ENTER)?;
    terminal.wait_for("created my-api")?;
    assert_eq!(terminal.end()?, Some(0));
    assert!(folder.path().join("my-api/src/models/note.rs").is_file());
    let config = fs::read_to_string(folder.path().join("my-api/loopwright.toml"))?;
    assert!(
        config.contains("title = \"my-api\"") && config.contains("sqlite://my-api.db"),
        "{config}"
    );
    Ok(())
}

#[test]
fn a_model_and_its_properties_are_asked_for() -> TestResult {
    let folder = tempfile::tempdir()?;
    done(
        folder.path(),
        &[
            "new",
            "api",
            "--template",
            "empty-server",
            "--loopwright-path",
            &runtime(),
        ],
    )?;
    let project = folder.path().join("api");
    let Some(mut terminal) = Terminal::open(&project, "add model")? else {
        return Ok(());
    };
    terminal.answer("The model's name:", "pet\r")?;
    terminal.answer("A property (an empty name when done):", "name\r")?;
    terminal.answer("Its type:", "strng\r")?;
    terminal.wait_for("did you mean `string`?")?;
    terminal.answer("Its type:", "string\r")?;
    terminal.answer("Required?", "y\r")?;
    terminal.answer("A property (an empty name when done):", "legs\r")?;
    terminal.answer("Its type:", "integer\r")?;
    terminal.answer("Required?", ENTER)?;
    terminal.answer("Its default (none if empty):", "4\r")?;
    terminal.answer("A property (an empty name when done):", ENTER)?;
    terminal.answer("Who may use it?", &format!("{DOWN}{ENTER}"))?;
    terminal.wait_for("created src/models/pet.rs")?;
    assert_eq!(terminal.end()?, Some(0));
    let pet = fs::read_to_string(project.join("src/models/pet.rs"))?;
    for part in [
        "#[acl(allow(read), to = everyone)]\npub struct Pet",
        "pub name: String,",
        "#[model(default = 4)]\n    pub legs: i64,",
    ] {
        assert!(pet.contains(part), "{pet}");
    }
    Ok(())
}

#[test]
fn who_goes_away_leaves_everything_as_it_was() -> TestResult {
    let folder = tempfile::tempdir()?;
    let Some(mut terminal) = Terminal::open(folder.path(), "new")? else {
        return Ok(());
    };
    terminal.answer("What's the name of your application?", "\u{3}")?;
    terminal.wait_for("nothing was written")?;
    assert_eq!(terminal.end()?, Some(130));
    assert_eq!(fs::read_dir(folder.path())?.count(), 0);
    Ok(())
}

#[test]
fn a_middleware_in_a_phase_of_ones_own_is_asked_for() -> TestResult {
    let folder = tempfile::tempdir()?;
    let arguments = [
        "new",
        "api",
        "--template",
        "empty-server",
        "--loopwright-path",
        &runtime(),
    ];
    done(folder.path(), &arguments)?;
    let project = folder.path().join("api");
    let Some(mut terminal) = Terminal::open(&project, "add middleware")? else {
        return Ok(());
    };
    terminal.answer("The middleware's name:", "audit\r")?;
    terminal.answer("Its phase", "audit:during\r")?;
    terminal.wait_for("is no phase")?;
    terminal.answer("Its phase", "audits:before\r")?;
    terminal.answer(
        "Which phase does it stand before?",
        &format!("{DOWN}{DOWN}{DOWN}{ENTER}"),
    )?;
    terminal.answer("Only below a path", "api\r")?;
    terminal.wait_for("begin it with `/`")?;
    terminal.answer("Only below a path", "/api\r")?;
    terminal.answer("Only below a path", ENTER)?;
    terminal.wait_for("created src/middleware/audit.rs")?;
    assert_eq!(terminal.end()?, Some(0));
    let library = fs::read_to_string(project.join("src/lib.rs"))?;
    assert!(
        library.contains(".phases([\"auth\", \"audits\", \"parse\"])"),
        "{library}"
    );
    let audit = fs::read_to_string(project.join("src/middleware/audit.rs"))?;
    assert!(
        audit.contains("Middleware::new(\"audits:before\"") && audit.contains("[\"/api\"]"),
        "{audit}"
    );
    Ok(())
}

#[test]
fn a_relation_to_any_model_is_asked_for() -> TestResult {
    let folder = tempfile::tempdir()?;
    let arguments = [
        "new",
        "api",
        "--template",
        "notes",
        "--loopwright-path",
        &runtime(),
    ];
    done(folder.path(), &arguments)?;
    let project = folder.path().join("api");
    let Some(mut terminal) = Terminal::open(&project, "add relation")? else {
        return Ok(());
    };
    terminal.answer("The model that has it:", ENTER)?;
    terminal.answer("How do the two belong together?", ENTER)?;
    terminal.answer("The model that it leads to:", &format!("{DOWN}{ENTER}"))?;
    terminal.answer("Its name:", "subject\r")?;
    terminal.answer("The field that holds the key", ENTER)?;
    terminal.wait_for("changed src/models/note.rs")?;
    assert_eq!(terminal.end()?, Some(0));
    let note = fs::read_to_string(project.join("src/models/note.rs"))?;
    assert!(note.contains("pub subject: BelongsTo<AnyModel>,"), "{note}");
    Ok(())
}

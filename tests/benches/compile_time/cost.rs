//! What it costs to run a program.

use std::fs;
use std::process::Command;
use std::time::Instant;

use crate::Result;

#[derive(Clone, Copy)]
pub struct Cost {
    /// Milliseconds of processors, of all threads and all programs that it has run in turn.
    pub cpu: f64,
    /// Milliseconds until it was done.
    pub wall: f64,
}

impl Cost {
    /// Runs the command.
    pub fn of(command: &mut Command) -> Result<Self> {
        let (before, begun) = (children_milliseconds()?, Instant::now());
        output(command)?;
        Ok(Cost {
            cpu: children_milliseconds()? - before,
            wall: begun.elapsed().as_secs_f64() * 1e3,
        })
    }

    /// Each the least of both: what else the machine does only adds to it.
    pub fn least(self, other: Self) -> Self {
        Cost {
            cpu: self.cpu.min(other.cpu),
            wall: self.wall.min(other.wall),
        }
    }
}

/// What the command prints. Whatever it says is the error, should it fail.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command.output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// User and system time of all children that have ended, in milliseconds.
fn children_milliseconds() -> Result<f64> {
    // The 15th and 16th fields after the program's name, which may contain spaces, in ticks of 10 ms.
    let stat = fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(')').ok_or("no name in /proc/self/stat")?;
    let ticks = fields
        .split_whitespace()
        .skip(13)
        .take(2)
        .map(str::parse::<f64>);
    Ok(ticks.sum::<std::result::Result<f64, _>>()? * 10.0)
}

//! What the operating system says that a process has cost.

use std::fs;
use std::time::Duration;

use crate::Result;

/// The time that the threads of a process have been on a processor.
pub fn cpu(process: u32) -> Result<Duration> {
    let mut nanoseconds = 0;
    for thread in fs::read_dir(format!("/proc/{process}/task"))? {
        let spent = fs::read_to_string(thread?.path().join("schedstat"))?;
        let spent = spent.split(' ').next().unwrap_or_default();
        nanoseconds += spent.parse::<u64>()?;
    }
    Ok(Duration::from_nanos(nanoseconds))
}

/// The same of a process and those that it has started and that are still there.
pub fn cpu_of_family(process: u32) -> Result<Duration> {
    let children = format!("/proc/{process}/task/{process}/children");
    let mut all = cpu(process)?;
    for child in fs::read_to_string(children)?.split_whitespace() {
        // One that has just ended costs nothing more.
        all += cpu(child.parse()?).unwrap_or_default();
    }
    Ok(all)
}

/// The memory that a process has in use, in kB.
pub fn memory(process: u32) -> Result<u64> {
    field(process, "VmRSS:")
}

/// Who has started it.
pub fn parent(process: u32) -> Result<u32> {
    Ok(u32::try_from(field(process, "PPid:")?)?)
}

fn field(process: u32, name: &str) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let value = line.and_then(|line| line.split_whitespace().next());
    Ok(value.ok_or("the system does not tell")?.parse()?)
}

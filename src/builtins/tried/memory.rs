//! How much memory the process took at most, as Linux counts it. Elsewhere nothing is counted.

use std::fs;

/// Forgets the most so far, and tells what there is now, in bytes.
pub(super) fn begin() -> u64 {
    // 5 resets the peak (proc_pid_clear_refs(5)).
    let _ = fs::write("/proc/self/clear_refs", "5");
    status("VmRSS:")
}

/// How much more there was at most.
pub(super) fn grown(before: u64) -> u64 {
    status("VmHWM:").saturating_sub(before)
}

fn status(name: &str) -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) << 10
}

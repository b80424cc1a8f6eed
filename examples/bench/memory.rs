//! How much memory this process takes, on Linux.

/// Megabytes of this process, by a line of Linux's `/proc/self/status`.
pub fn megabytes(line: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let value = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':'));
    let kilobytes: f64 = value.unwrap().trim().trim_end_matches(" kB").parse().unwrap();
    kilobytes / 1024.0
}

/// Lets `VmHWM` begin again from what is in use now.
pub fn forget_peak() {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
}

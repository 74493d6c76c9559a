//! The progress bar: on standard error, and only where that is a terminal.

use std::io::{IsTerminal as _, stderr};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar over `total` items, a count where the total is not known, nothing where nobody watches.
pub(super) fn bar(total: Option<usize>) -> ProgressBar {
    if !stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let total = total.map(|total| u64::try_from(total).unwrap_or(u64::MAX));
    let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr_with_hz(10));
    let template = if total.is_some() { "{bar:30} {pos}/{len} components {elapsed}" } else { "{spinner} {pos} components {elapsed}" };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

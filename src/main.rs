//! The `vidimus` program.

fn main() {}

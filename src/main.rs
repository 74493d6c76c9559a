//! The `vidimus` program.

mod cli;

/// Evaluation is a third allocation: the allocator of the program, not of the library, is one that is quick at it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    cli::main()
}

//! The program: parse, run, exit code.

mod cli;

fn main() {}

//! Allocations of the program: nothing that grows without need, and nothing large for a damaged file.
//!
//! A binary of its own, as it counts with its own allocator, and a `main` of its own, as its tests must run one after the other.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "all of this is test: what its functions lack fails the test that called them"
)]

mod growth;
mod mutation;
mod torture_scenarios;
mod torture_texts;

use libtest_mimic::{Arguments, Trial};
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

fn main() {
    let mut arguments = Arguments::from_args();
    // All of them count the same heap.
    arguments.test_threads = Some(1);
    let tests = growth::TESTS
        .iter()
        .chain(torture_texts::TESTS)
        .chain(torture_scenarios::TESTS);
    let trials = tests.map(|&(name, test)| trial(name, test));
    let ignored = torture_texts::IGNORED_TESTS.iter().chain(torture_scenarios::IGNORED_TESTS);
    let ignored = ignored.map(|&(name, test)| trial(name, test).with_ignored_flag(true));
    libtest_mimic::run(&arguments, trials.chain(ignored).collect()).exit();
}

/// A test that fails by panicking.
fn trial(name: &str, test: fn()) -> Trial {
    Trial::test(name, move || {
        test();
        Ok(())
    })
}

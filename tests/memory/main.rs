//! What the program allocates: nothing that grows without need, and nothing large for a damaged file.
//!
//! A binary of its own, as it counts with its own allocator, and a `main` of its own, as its tests must run one after the other.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "all of this is test: what its functions lack fails the test that called them"
)]

mod growth;

use libtest_mimic::{Arguments, Trial};
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

fn main() {
    let mut arguments = Arguments::from_args();
    // All of them count the same heap.
    arguments.test_threads = Some(1);
    let tests = growth::TESTS.iter();
    let trials = tests.map(|&(name, test)| trial(name, test));
    libtest_mimic::run(&arguments, trials.collect()).exit();
}

/// A test that fails by panicking.
fn trial(name: &str, test: fn()) -> Trial {
    Trial::test(name, move || {
        test();
        Ok(())
    })
}

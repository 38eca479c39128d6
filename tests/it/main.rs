//! The crate as a person meets it, and its architecture tests.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "all of this is test: what its functions lack fails the test that called them"
)]

mod architecture;
mod cli_apply;
mod cli_compare;
mod cli_explain;
mod cli_export;
mod cli_files;
mod cli_identity;
mod cli_report;
mod cli_runs;
mod cli_scenario;
mod cli_usage;
mod gardens;
mod learning;
mod memory_limits;
mod recordings;
mod resuming;
mod rules;
mod scenarios;
mod signals;
mod torture_kills;

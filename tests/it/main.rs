//! The crate as a person meets it, and the rules of the house.

mod cli_usage;
mod house;
mod scenarios;

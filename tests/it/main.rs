//! The crate as a person meets it, and the rules of the house.

mod house;
mod scenarios;

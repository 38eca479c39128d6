//! Parsing of human-written text that reports all mistakes at once, each with its location and the nearest valid alternative.
//!
//! There are three steps: [`tree`] keeps every key and value with its file and location, [`schema`] describes what a type
//! accepts, and [`check`] compares the two. The result is a list of [`Mistake`]s: data for a terminal, a window or an editor.

mod check;
mod mistake;
mod schema;
mod syntax;
mod tree;

pub(crate) use mistake::MOST_DRAWN_BYTES;
pub use mistake::{Mistake, Mistakes};
pub(crate) use schema::ANY_NAME;
pub use schema::{Entry, Field, Schema};

pub use crate::suggestion::nearest;

pub(super) use check::{examine, key_of};
pub(super) use tree::{Content, Files, Node, kind};

/// Appends a key to a path.
pub(crate) fn join(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

/// Formats a path with dots: `seasons.0.look` for `seasons[0].look`.
pub(super) fn dotted(path: &garde::Path) -> String {
    path.to_string().replace('[', ".").replace(']', "")
}

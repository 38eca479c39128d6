//! Text that people write: read with all of its mistakes at once, each with its place and the nearest thing that would be right.
//!
//! Three steps. [`tree`] keeps every key and value with the file and the place it came from, [`schema`] says what a type takes, and
//! [`check`] lays one on the other. What is wrong is a list of [`Mistake`]s: data, for a terminal, a window or an editor.

mod check;
mod mistake;
mod schema;
mod syntax;
mod tree;

pub use mistake::{Mistake, Mistakes};
pub use schema::{Entry, Field, Schema};

pub use crate::suggestion::nearest;

pub(super) use check::{examine, key_of};
pub(super) use tree::{Content, Files, Node, kind};

/// A path that goes one key further.
pub(crate) fn join(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

/// A path as it is written here: `seasons.0.look` for `seasons[0].look`.
pub(super) fn dotted(path: &garde::Path) -> String {
    path.to_string().replace('[', ".").replace(']', "")
}

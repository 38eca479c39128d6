//! Suggestions for mistyped names.

/// Returns the name most similar to `name`; empty if there are no names.
pub(crate) fn nearest(name: &str, names: impl Iterator<Item = &'static str>) -> &'static str {
    let likeness = |candidate: &str| strsim::jaro_winkler(name, candidate);
    names.max_by(|a, b| likeness(a).total_cmp(&likeness(b))).unwrap_or_default()
}

//! Names that were mistyped: the one that was probably meant, if one is near enough to say so.

/// Minimum similarity (0..1) at which one word is taken for a misspelling of another.
const ALIKE: f64 = 0.55;

/// Returns the candidate that `word` was most likely meant to be, if one is similar enough.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let scored = candidates
        .into_iter()
        .map(|candidate| (likeness(&word, &candidate.to_lowercase()), candidate));
    // Among equals the first wins, so that the result does not depend on the order of ties.
    let best = scored.fold(None, |best: Option<(f64, &str)>, next| match best {
        Some(best) if best.0 >= next.0 => Some(best),
        _ => Some(next),
    });
    best.filter(|(likeness, _)| *likeness >= ALIKE)
        .map(|(_, candidate)| candidate)
}

/// A hint for a name that does not exist: the one that was probably meant, or all that there are.
pub fn hint<'a>(word: &str, kinds: &str, candidates: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match nearest(word, candidates.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the {kinds} are {}", candidates.into_iter().collect::<Vec<_>>().join(", ")),
    }
}

fn likeness(word: &str, candidate: &str) -> f64 {
    // Distances are quadratic in length, and a very long text is not a misspelled name.
    if word.chars().count() > 80 {
        return 0.0;
    }
    let whole = strsim::normalized_damerau_levenshtein(word, candidate);
    // `tint` for `tint_deviation`, `thristy` for `plant_thirsty`: a misspelled part of the name.
    let part = |part: &str| 0.9 * strsim::normalized_damerau_levenshtein(word, part);
    let parts = candidate.split(['_', '.', ' ', '-']).filter(|part| part.len() >= 4).map(part);
    let pairs = candidate
        .match_indices('_')
        .flat_map(|(place, _)| [&candidate[..place], &candidate[place + 1..]])
        .map(part);
    parts.chain(pairs).fold(whole, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_what_was_meant() {
        let keys = ["ground", "sky", "wall", "plant_fine", "plant_thirsty", "tint_deviation"];
        for (written, meant) in [
            ("grund", Some("ground")),
            ("Sky", Some("sky")),
            ("plant_thristy", Some("plant_thirsty")),
            ("thristy", Some("plant_thirsty")),
            ("tint", Some("tint_deviation")),
            ("elephant", None),
            ("", None),
            ("x", None),
        ] {
            assert_eq!(nearest(written, keys), meant, "{written}");
        }
    }

    #[test]
    fn what_is_like_nothing_is_told_all_there_is() {
        assert_eq!(hint("sprng", "seasons", ["spring", "winter"]), "did you mean `spring`?");
        assert_eq!(
            hint("nope", "seasons", ["spring", "winter"]),
            "the seasons are spring, winter"
        );
    }
}

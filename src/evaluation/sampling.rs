//! Sample of the seasons that are evaluated after each season.
//!
//! A complete score matrix grows with the square of the number of seasons: a hundred seasons would take ten thousand evaluations, seven times as
//! many decisions as learning. Long lives are therefore evaluated in a sample that is the same for every run: all seasons before learning and at
//! the end; in between the season just learned, the one that comes next, and those that were learned at fixed numbers of seasons before.

/// Number of seasons of a year from which a life counts as long, and is evaluated in a sample.
pub const LONG_LIFE_SEASONS: usize = 20;
/// Numbers of seasons back at which past seasons are evaluated in a long life.
pub const SAMPLED_LAGS: [usize; 6] = [1, 2, 5, 10, 20, 50];

/// Returns `true` if a season is evaluated in a row of the score matrix (0: before learning; `i`: after the `i`-th learned season, through all
/// years), in a run of `years` years of `seasons` seasons.
pub fn is_evaluated(row: usize, season: usize, seasons: usize, years: usize) -> bool {
    let last_row = seasons.saturating_mul(years);
    if seasons < LONG_LIFE_SEASONS || row == 0 || row >= last_row {
        return season < seasons;
    }
    let learned = row - 1;
    let is_of = |number: usize| number % seasons == season;
    let past = SAMPLED_LAGS.iter().filter_map(|lag| learned.checked_sub(*lag));
    is_of(learned) || is_of(row) || past.into_iter().any(is_of)
}

/// Returns the seasons that are evaluated in a row, in ascending order.
pub fn evaluated_seasons(row: usize, seasons: usize, years: usize) -> Vec<usize> {
    (0..seasons)
        .filter(|&season| is_evaluated(row, season, seasons, years))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_years_are_evaluated_completely() {
        for row in 0..=4 * 3 {
            assert_eq!(evaluated_seasons(row, 4, 3), [0, 1, 2, 3]);
        }
    }

    #[test]
    fn a_long_life_is_evaluated_in_a_sample_and_completely_at_both_ends() {
        let all: Vec<usize> = (0..100).collect();
        assert_eq!(evaluated_seasons(0, 100, 1), all);
        assert_eq!(evaluated_seasons(100, 100, 1), all);
        assert_eq!(evaluated_seasons(1, 100, 1), [0, 1]);
        assert_eq!(evaluated_seasons(12, 100, 1), [1, 6, 9, 10, 11, 12]);
        assert_eq!(evaluated_seasons(61, 100, 1), [10, 40, 50, 55, 58, 59, 60, 61]);
        let evaluations: usize = (0..=100).map(|row| evaluated_seasons(row, 100, 1).len()).sum();
        assert!(evaluations < 1_000, "{evaluations}");
    }

    #[test]
    fn seasons_of_a_second_year_are_the_same_seasons() {
        assert_eq!(evaluated_seasons(21, 20, 2), [0, 1, 10, 15, 18, 19]);
    }
}

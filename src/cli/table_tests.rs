//! Tables are read by people, at 80 columns, and by who pastes them into Markdown.

use perennial::evaluation::{Ledger, ScoreBaseline, ScoreMatrix, Timing};
use perennial::training::summary::RunName;

use super::*;

fn finished(seasons: usize, years: usize) -> Summary {
    let baseline = ScoreBaseline {
        random_return: 0.0,
        gardener_return: 1.0,
        planner_return: None,
        idle_return: None,
    };
    let names = (0..seasons).map(|season| format!("a long season {season}")).collect();
    let mut matrix = ScoreMatrix::new(names, years, vec![baseline; seasons]).unwrap();
    for row in 0..=seasons * years {
        matrix
            .push_returns((0..seasons).map(|season| (row as f64 - season as f64) / 3.0).collect())
            .unwrap();
    }
    let name = RunName {
        run_id: "a-run".into(),
        scenario: "a year".into(),
        method: "replay".into(),
        ..RunName::default()
    };
    let timing = Timing {
        environment_s: 16.0,
        learning_s: 20.0,
        evaluation_s: 4.0,
        inside_s: 1.0,
        total_s: 41.0,
    };
    Summary::new(name, &matrix, Vec::new(), Ledger::default(), timing).unwrap()
}

#[test]
fn everything_fits_into_80_columns() {
    for (seasons, years) in [(1, 1), (4, 1), (4, 3), (7, 1), (12, 2), (3, 11), (100, 1)] {
        let text = summary(&finished(seasons, years), false);
        let widest = text.lines().max_by_key(|line| line.chars().count()).unwrap();
        assert!(widest.chars().count() <= 80, "{seasons} seasons: {widest}");
    }
}

#[test]
fn a_long_life_has_a_row_for_each_season() {
    let text = summary(&finished(100, 1), false);
    let row = |name: &str| {
        let start = format!("| {name} ");
        let line = text
            .lines()
            .find(|line| line.starts_with(&start))
            .unwrap_or_else(|| panic!("{name}"));
        line.split('|')
            .map(str::trim)
            .filter(|cell| !cell.is_empty())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(row("season"), ["season", "before", "learned", "at the end"]);
    // A score is a third of the rows since; the first season was never known before anything was learned.
    assert_eq!(row("a long season 0"), ["a long season 0", "0.00", "0.33*", "33.33"]);
    assert_eq!(row("a long season 99"), ["a long season 99", "0.00", "0.33*", "0.33"]);
}

#[test]
fn no_season_is_left_out() {
    let text = summary(&finished(12, 1), false);
    // Three tables, of five, five and two seasons; in each season's own row and column a star.
    assert_eq!(text.lines().filter(|line| line.contains("nothing")).count(), 3);
    assert_eq!(text.matches("* |").count(), 12);
}

#[test]
fn colour_is_there_only_where_it_is_asked_for() {
    assert!(!summary(&finished(4, 1), false).contains('\u{1b}'));
    assert!(summary(&finished(4, 1), true).contains('\u{1b}'));
}

#[test]
fn a_number_that_is_not_there_is_no_zero_and_a_zero_has_no_sign() {
    assert_eq!(
        [None, Some(0.0), Some(-0.001), Some(-0.5), Some(1.254)].map(number),
        ["-", "0.00", "0.00", "-0.50", "1.25"]
    );
    assert_eq!(
        [999, 1_000, 2_500_000, 3_000_000_000].map(bytes_text),
        ["999 B", "1.0 kB", "2.5 MB", "3.00 GB"]
    );
}

#[test]
fn the_table_of_a_year_reads_like_this() {
    let text = matrices(&finished(2, 1), false).concat();
    assert_eq!(
        text,
        "| after    | a long … | a long … |\n\
         |----------|----------|----------|\n\
         | nothing  |    0.00  |   -0.33  |\n\
         | a long … |    0.33* |    0.00  |\n\
         | a long … |    0.67  |    0.33* |"
    );
}

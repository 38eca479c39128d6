//! Tests of all measures against matrices worked out by hand, and of properties that hold for any matrix.

use proptest::prelude::*;

use super::*;
use crate::evaluation::curve::tests::curve;
use crate::evaluation::matrix::tests::matrix;

const EPSILON: f64 = 1e-12;

fn close(left: f64, right: f64) {
    assert!((left - right).abs() < EPSILON, "{left} is not {right}");
}

fn all_close(left: &[f64], right: &[f64]) {
    assert_eq!(left.len(), right.len());
    left.iter().zip(right).for_each(|(&left, &right)| close(left, right));
}

/// A year of three seasons with zeros and negative scores; the expected numbers below are worked out by hand from it.
fn year() -> ScoreMatrix {
    matrix(
        1,
        &[
            &[0.0, -0.2, 0.1],  // before any learning
            &[1.0, -0.5, 0.0],  // after season 0
            &[0.25, 0.5, 0.3],  // after season 1
            &[-0.5, 0.75, 1.2], // after season 2
        ],
    )
}

/// Two years of two seasons.
fn two_years() -> ScoreMatrix {
    matrix(
        2,
        &[
            &[0.0, 0.0],
            &[1.0, 0.1], // spring
            &[0.4, 0.8], // autumn
            &[1.2, 0.2], // spring again
            &[0.6, 1.0], // autumn again
        ],
    )
}

/// A year of three seasons that turn into each other: at the ends they have turned already, and the own ends are where they begin to.
fn gradual_year() -> ScoreMatrix {
    let turning = [(0, vec![1.0, -0.4, 0.0]), (1, vec![0.5, 0.8, 0.1])];
    year().with_turning(turning.into_iter().collect()).unwrap()
}

#[test]
fn in_a_gradual_year_a_season_counts_from_where_it_begins_to_turn() {
    let gradual = gradual_year();
    // Season 0: 1.0 -> -0.5; season 1: 0.8 -> 0.75, though it scored 0.5 at its end.
    close(forgetting(&gradual).unwrap(), f64::midpoint(1.5, 0.05));
    close(backward_transfer(&gradual).unwrap(), -f64::midpoint(1.5, 0.05));
    close(forgetting_from_best(&gradual).unwrap(), (1.5 + 0.05) / 3.0);
    close(plasticity_gap(&gradual, &[1.1, 1.0, 0.9]).unwrap(), (0.1 + 0.2 - 0.3) / 3.0);
    // A season that is already mixed into the one before it has been seen.
    all_close(&zero_shot(&gradual).unwrap(), &[-0.4 - -0.2, 0.1 - 0.1]);
    all_close(&worst_retained(&gradual).unwrap(), &[-0.5, 0.5, 1.2]);
    // What did not turn is where it was.
    close(average_performance(&gradual).unwrap(), average_performance(&year()).unwrap());
    close(gradual.own_end_score(0, 2, 2).unwrap(), 1.2);
}

#[test]
fn a_turning_season_that_was_not_evaluated_has_no_own_end_rather_than_a_wrong_one() {
    let older = year().with_turning([(0, vec![1.0, 0.0, 0.0])].into_iter().collect()).unwrap();
    assert!(matches!(
        forgetting(&older),
        Err(Undefined::NotEvaluatedTurning { season }) if season == "season 1"
    ));
    assert!(average_performance(&older).is_ok());
    assert!(year().with_turning([(0, vec![1.0])].into_iter().collect()).is_err());
    assert!(year().with_turning([(0, vec![f64::NAN; 3])].into_iter().collect()).is_err());
}

#[test]
fn average_performance_is_the_mean_of_the_last_row() {
    close(average_performance(&year()).unwrap(), (-0.5 + 0.75 + 1.2) / 3.0);
    close(average_performance(&two_years()).unwrap(), 0.8);
    // A zero is a value: it is not left out of the mean.
    close(
        average_performance(&matrix(1, &[&[9.0, 9.0], &[9.0, 9.0], &[0.0, 1.0]])).unwrap(),
        0.5,
    );
}

#[test]
fn harm_is_cut_off_at_chance() {
    close(performance_without_harm(&year()).unwrap(), (0.75 + 1.2) / 3.0);
    close(
        performance_without_harm(&two_years()).unwrap(),
        average_performance(&two_years()).unwrap(),
    );
}

#[test]
fn a_season_is_kept_if_more_than_half_of_it_is_left() {
    // 1.0 -> -0.5 is lost, 0.5 -> 0.75 and the last season are kept.
    assert_eq!(seasons_kept(&year()).unwrap(), 2);
    // Spring was last left at 1.2: 0.6 is just half of it, and not more.
    assert_eq!(seasons_kept(&two_years()).unwrap(), 1);
    // What was never learned is not kept, though -0.1 is above half of -1.
    assert_eq!(
        seasons_kept(&matrix(1, &[&[0.0, 0.0], &[-1.0, 0.0], &[-0.1, 0.04]])).unwrap(),
        0
    );
    assert!(seasons_kept(&matrix(1, &[&[0.0], &[0.1]])).is_ok_and(|kept| kept == 1));
}

#[test]
fn forgetting_leaves_out_the_last_season_only() {
    // Season 0: 1.0 -> -0.5 loses 1.5; season 1: 0.5 -> 0.75 gains 0.25.
    close(forgetting(&year()).unwrap(), f64::midpoint(1.5, -0.25));
    // Several years: spring was last left at 1.2 and ends at 0.6.
    close(forgetting(&two_years()).unwrap(), 0.6);
}

#[test]
fn forgetting_from_best_counts_from_the_best_learned_row() {
    // Bests after row 0: 1.0, 0.75, 1.2; at the end -0.5, 0.75, 1.2.
    close(forgetting_from_best(&year()).unwrap(), 1.5 / 3.0);
    close(forgetting_from_best(&two_years()).unwrap(), 0.3);
    // Row 0 is luck, not learning: it cannot be forgotten.
    close(forgetting_from_best(&matrix(1, &[&[5.0], &[1.0]])).unwrap(), 0.0);
}

#[test]
fn backward_transfer_counts_from_the_first_time() {
    close(backward_transfer(&year()).unwrap(), f64::midpoint(-1.5, 0.25));
    // Spring 1.0 -> 0.6, autumn 0.8 -> 1.0: both were followed by something.
    close(backward_transfer(&two_years()).unwrap(), f64::midpoint(-0.4, 0.2));
}

#[test]
fn zero_shot_is_what_the_seasons_before_taught() {
    all_close(&zero_shot(&year()).unwrap(), &[-0.5 - -0.2, 0.3 - 0.1]);
}

#[test]
fn worst_retained_begins_when_a_season_was_learned() {
    // Season 1 scored -0.5 before it was learned: that is not a loss.
    all_close(&worst_retained(&year()).unwrap(), &[-0.5, 0.5, 1.2]);
    all_close(&worst_retained(&two_years()).unwrap(), &[0.4, 0.2]);
}

#[test]
fn plasticity_gap_compares_with_joint_at_each_own_end() {
    // Own ends: 1.0, 0.5, 1.2.
    close(plasticity_gap(&year(), &[1.1, 1.0, 0.9]).unwrap(), (0.1 + 0.5 - 0.3) / 3.0);
    assert!(matches!(
        plasticity_gap(&year(), &[1.0]),
        Err(Undefined::Mismatch {
            expected: 3,
            found: 1,
            ..
        })
    ));
}

#[test]
fn plasticity_gap_by_area_is_positive_where_fresh_networks_learn_faster() {
    let aged = [curve(&[(0, 0.0), (100, 0.5)]), curve(&[(0, 0.0), (100, 1.0)])];
    let fresh = [curve(&[(0, 0.0), (100, 1.0)]), curve(&[(0, 0.0), (100, 1.0)])];
    close(plasticity_gap_by_area(&aged, &fresh).unwrap(), 0.125);
    assert!(plasticity_gap_by_area(&aged, &fresh[..1]).is_err());
    assert!(plasticity_gap_by_area(&[], &[]).is_err());
}

#[test]
fn forward_transfer_is_a_fraction_of_the_room_and_not_defined_where_there_is_none() {
    let flat = |height: f64| curve(&[(0, height), (10, height)]);
    close(forward_transfer(&flat(0.75), &flat(0.5)).unwrap(), 0.5);
    close(forward_transfer(&flat(0.25), &flat(0.5)).unwrap(), -0.5);
    // A quarter is just enough; whoever learns, its score may pass 1.
    close(forward_transfer(&flat(1.25), &flat(0.75)).unwrap(), 2.0);
    for height in [0.76, 0.96, 1.1] {
        assert_eq!(
            forward_transfer(&flat(0.9), &flat(height)),
            Err(Undefined::NoRoom {
                area: height,
                least: 0.25
            })
        );
        // The same difference, undivided.
        close(plasticity_gap_by_area(&[flat(0.9)], &[flat(height)]).unwrap(), height - 0.9);
    }
}

#[test]
fn the_area_needs_no_reference() {
    let curves = [curve(&[(0, 0.0), (100, 1.0)]), curve(&[(0, 1.0), (100, -1.0)])];
    close(area(&curves).unwrap(), 0.25);
    assert!(area(&[]).is_err());
}

#[test]
fn year_retention_asks_what_is_left_a_year_later() {
    let retention = year_retention(&two_years()).unwrap();
    // Spring left at 1.0, comes back at 0.4; autumn left at 0.8, comes back at 0.2.
    assert_eq!(retention.len(), 1);
    close(retention[0][0].clone().unwrap(), 0.4);
    close(retention[0][1].clone().unwrap(), 0.25);
}

#[test]
fn a_season_never_learned_has_no_retention() {
    let hopeless = matrix(2, &[&[0.0, 0.0], &[0.0, 0.0], &[0.0, -1.0], &[0.5, 0.0], &[0.5, 0.5]]);
    let retention = year_retention(&hopeless).unwrap();
    assert_eq!(
        retention[0],
        [
            Err(Undefined::NeverLearned { score: 0.0 }),
            Err(Undefined::NeverLearned { score: -1.0 })
        ]
    );
}

#[test]
fn relearning_savings_compare_the_way_to_the_same_level() {
    let first = curve(&[(0, 0.0), (1_000, 1.0)]);
    // 0.9 after 900 decisions; now after 90.
    close(
        relearning_savings(&first, &curve(&[(0, 0.0), (100, 1.0), (1_000, 1.0)])).unwrap(),
        0.9,
    );
    close(relearning_savings(&first, &curve(&[(0, 0.95), (1_000, 1.0)])).unwrap(), 1.0);
    close(
        relearning_savings(&first, &curve(&[(0, 0.0), (1_000, 0.45), (1_800, 0.9)])).unwrap(),
        -1.0,
    );
    let never = curve(&[(0, 0.0), (1_000, 0.5)]);
    assert!(matches!(
        relearning_savings(&first, &never),
        Err(Undefined::NeverReached { .. })
    ));
    assert!(matches!(
        relearning_savings(&curve(&[(0, 0.0), (10, -0.5)]), &first),
        Err(Undefined::NeverLearned { .. })
    ));
    assert!(matches!(
        relearning_savings(&curve(&[(0, 1.0), (10, 1.0)]), &first),
        Err(Undefined::NothingToSave { .. })
    ));
}

#[test]
fn water_is_counted_by_what_it_met() {
    let count = WateringCount {
        thirst_relieved: 6.0,
        sprays_thirsty: 8,
        sprays_needless: 1,
        sprays_ground: 11,
    };
    close(count.thirst_relieved_per_l(0.5).unwrap(), 0.6);
    close(count.correct_percent().unwrap(), 40.0);
    let both: WateringCount = [count, count].into_iter().sum();
    assert_eq!((both.sprays(), both.thirst_relieved), (40, 12.0));
    close(both.correct_percent().unwrap(), 40.0);
    assert!(WateringCount::default().correct_percent().is_err());
    assert!(WateringCount::default().thirst_relieved_per_l(0.5).is_err());
    assert!(count.thirst_relieved_per_l(0.0).is_err());
}

#[test]
fn one_season_has_an_average_but_nothing_to_forget() {
    let single = matrix(1, &[&[0.0], &[0.8]]);
    close(average_performance(&single).unwrap(), 0.8);
    assert_eq!(forgetting(&single), Err(Undefined::TooFewSeasons { seasons: 1, needed: 2 }));
    assert!(backward_transfer(&single).is_err());
    assert!(zero_shot(&single).is_err());
    assert_eq!(year_retention(&single).unwrap_err(), Undefined::TooFewYears { years: 1 });
}

#[test]
fn an_unfinished_run_has_no_measures_rather_than_wrong_ones() {
    let unfinished = matrix(1, &[&[0.0, 0.0], &[1.0, 0.0]]);
    assert_eq!(
        average_performance(&unfinished),
        Err(Undefined::NotEvaluated { row: 2, rows: 2 })
    );
    assert!(forgetting(&unfinished).is_err());
    assert!(worst_retained(&unfinished).is_err());
}

fn any_year() -> impl Strategy<Value = ScoreMatrix> {
    (2_usize..6).prop_flat_map(|seasons| {
        let row = prop::collection::vec(-3.0_f64..3.0, seasons);
        prop::collection::vec(row, seasons + 1).prop_map(|rows| {
            let rows: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
            matrix(1, &rows)
        })
    })
}

proptest! {
    #[test]
    fn forgetting_from_best_is_never_negative(matrix in any_year()) {
        prop_assert!(forgetting_from_best(&matrix).unwrap() >= 0.0);
    }

    #[test]
    fn in_one_year_backward_transfer_is_forgetting_turned_round(matrix in any_year()) {
        prop_assert!((backward_transfer(&matrix).unwrap() + forgetting(&matrix).unwrap()).abs() < EPSILON);
    }

    #[test]
    fn the_worst_moment_is_no_better_than_own_end_or_end(matrix in any_year()) {
        for (season, worst) in worst_retained(&matrix).unwrap().into_iter().enumerate() {
            prop_assert!(worst <= matrix.score(matrix.row_after(0, season), season).unwrap());
            prop_assert!(worst <= matrix.score(matrix.last_row(), season).unwrap());
        }
    }

    #[test]
    fn average_performance_lies_between_the_ends_of_the_last_row(matrix in any_year()) {
        let last = matrix.scores(matrix.last_row()).unwrap();
        let (low, high) = last.iter().fold((f64::MAX, f64::MIN), |(low, high), &score| (low.min(score), high.max(score)));
        let average = average_performance(&matrix).unwrap();
        prop_assert!(low - EPSILON <= average && average <= high + EPSILON);
    }

    #[test]
    fn harm_never_raises_a_performance(matrix in any_year()) {
        prop_assert!(performance_without_harm(&matrix).unwrap() >= average_performance(&matrix).unwrap().max(0.0) - EPSILON);
        prop_assert!(seasons_kept(&matrix).unwrap() <= matrix.seasons().len());
    }

    #[test]
    fn a_policy_that_never_changes_forgets_nothing(row in prop::collection::vec(-3.0_f64..3.0, 2..6)) {
        let rows = vec![row.as_slice(); row.len() + 1];
        let matrix = matrix(1, &rows);
        prop_assert_eq!(forgetting(&matrix).unwrap(), 0.0);
        prop_assert_eq!(forgetting_from_best(&matrix).unwrap(), 0.0);
        prop_assert!(zero_shot(&matrix).unwrap().iter().all(|&gain| gain == 0.0));
    }
}

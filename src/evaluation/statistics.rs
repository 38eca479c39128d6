//! Statistics for results from few seeds.
//!
//! Agarwal et al. 2021, "Deep Reinforcement Learning at the Edge of the Statistical Precipice": the interquartile mean in place of
//! mean or best run, stratified bootstrap intervals in place of standard errors, and the probability of improvement in place of
//! "method A has the higher mean". Seeds are paired: two methods that share a seed share their gardens.
//!
//! **Claims.** An interval that leaves out 0 is no test: with few seeds it is too narrow, and of twenty methods that are all alike one
//! would seem better. So a claim of a difference is a permutation test of the paired differences ([`sign_flip`]; Fisher 1935, "The Design of
//! Experiments", section 21), exact for up to sixteen seeds, and corrected for how many were made ([`holm`]; Holm 1979). It flips signs and
//! nothing else: it assumes that a difference is as likely to be `d` as `-d` if the methods are alike, not that it is normally distributed.
//! The test statistic is the mean and not the interquartile mean: of ten seeds that leaves out four, so that no result would have a
//! probability below 8/1,024, and after correction nothing could ever be told apart. Written out here, because the crates of statistics
//! have t and rank tests, which assume more or see less, and no exact permutation test.

use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::Undefined;
use super::matrix::finite;
use super::measures::mean;
use crate::random::{Stream, stream};

/// Default number of bootstrap resamples.
pub const RESAMPLES: usize = 2_000;

/// Least number of seeds for which an interval is shown; with fewer, the values themselves are.
///
/// A percentile bootstrap covers the true value less often than it says where values are few: simulated with normal values, its 95 % are
/// 74 % with three seeds, 89 % with five and 93 % with ten.
pub const LEAST_SEEDS: usize = 10;
/// Probability below which a corrected difference counts as one.
pub const LEVEL: f64 = 0.05;
/// Largest number of pairs of which all signs are tried; with more, signs are drawn.
const MOST_EXACT_PAIRS: usize = 16;
/// Difference of two scores that is no more than rounding.
const ROUNDING: f64 = 1e-9;
/// Number of draws where not all signs are tried.
const SIGN_DRAWS: usize = 100_000;

/// A value with its 95 % confidence interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Value computed from all data.
    pub value: f64,
    /// Lower end of the interval: the 2.5th percentile of the bootstrap.
    pub low: f64,
    /// Upper end of the interval: the 97.5th percentile.
    pub high: f64,
}

/// Returns the random stream of a report's bootstrap.
pub fn bootstrap_stream(seed: u64) -> Stream {
    stream(seed, "bootstrap", 0)
}

/// Returns the mean of the middle half: a quarter of the values (rounded down) is left out at each end.
///
/// Less sensitive to one lucky or failed seed than the mean, and more efficient than the median.
///
/// # Errors
/// Returns an error if there are no values or one is not finite.
pub fn interquartile_mean(values: &[f64]) -> Result<f64, Undefined> {
    for &value in values {
        finite("value", value)?;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let cut = sorted.len() / 4;
    mean("interquartile mean", &sorted[cut..sorted.len() - cut])
}

/// Returns an aggregate with its stratified bootstrap 95 % interval.
///
/// `strata` holds one list of values per stratum (a season, a scenario), with one value per seed. Each resample draws as many
/// values from each stratum as it has, with replacement and separately from the other strata, and aggregates them all together.
///
/// # Errors
/// Returns an error if there are no values or no resamples, or if the aggregate of a resample is undefined.
pub fn bootstrap(
    strata: &[Vec<f64>],
    aggregate: impl Fn(&[f64]) -> Result<f64, Undefined>,
    resamples: usize,
    random: &mut Stream,
) -> Result<Estimate, Undefined> {
    let value = aggregate(&strata.concat())?;
    let aggregates = (0..resamples).map(|_| {
        let drawn: Vec<f64> = strata.iter().flat_map(|values| resample(values, random)).collect();
        aggregate(&drawn)
    });
    interval(value, aggregates.collect::<Result<Vec<_>, _>>()?)
}

/// Returns the rank correlation of pairs of values: Pearson's correlation of their ranks, where equal values share the mean of theirs.
///
/// Source: Spearman 1904, "The Proof and Measurement of Association between Two Things".
///
/// # Errors
/// Returns an error if the numbers of values differ or are zero, a value is not finite, or all values of one side are equal.
pub fn rank_correlation(first: &[f64], second: &[f64]) -> Result<f64, Undefined> {
    paired(first, second)?;
    let [first, second] = [ranks(first), ranks(second)];
    let middle = mean("rank", &first)?;
    let moment = |one: &[f64], other: &[f64]| -> f64 {
        one.iter()
            .zip(other)
            .map(|(one, other)| (one - middle) * (other - middle))
            .sum()
    };
    let spread = (moment(&first, &first) * moment(&second, &second)).sqrt();
    finite("rank correlation", moment(&first, &second) / spread)
}

/// Returns the rank of each value, from 1; equal values share the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let rank = |value: &f64| {
        let below = values.iter().filter(|other| *other < value).count();
        let equal = values.iter().filter(|other| *other == value).count();
        below as f64 + (equal as f64 + 1.0) / 2.0
    };
    values.iter().map(rank).collect()
}

/// Returns the seed-by-seed advantage of the first over the second: the interquartile mean of the differences, with its interval.
///
/// # Errors
/// Returns an error if the numbers of values differ or are zero, or a value is not finite.
pub fn paired_difference(first: &[f64], second: &[f64], resamples: usize, random: &mut Stream) -> Result<Estimate, Undefined> {
    paired(first, second)?;
    let differences = first.iter().zip(second).map(|(first, second)| first - second).collect();
    bootstrap(&[differences], interquartile_mean, resamples, random)
}

/// Returns the probability that differences at least as far from 0 on average arise from methods that are alike: the fraction of all ways to
/// choose the signs of these differences that give a mean as far from 0. Two-sided. Differences below 1e-9 are rounding, and count as 0.
///
/// With `n` seeds it is never below `2^(1 - n)`. With more than sixteen, 100,000 choices are drawn, and the observed one counts as one of
/// them (Phipson and Smyth 2010), so that it is never 0.
///
/// # Errors
/// Returns an error if there are no differences or one is not finite.
pub fn sign_flip(differences: &[f64], random: &mut Stream) -> Result<f64, Undefined> {
    for &difference in differences {
        finite("difference", difference)?;
    }
    // Values that are equal but for rounding would differ in one direction in all seeds.
    let told = |difference: &f64| if difference.abs() < ROUNDING { 0.0 } else { *difference };
    let differences: Vec<f64> = differences.iter().map(told).collect();
    let observed = mean("paired difference", &differences)?.abs() * differences.len() as f64;
    // Sums of the same numbers in other signs differ in their last bits where they are equal.
    let least = observed - 1e-12 * differences.iter().map(|difference| difference.abs()).sum::<f64>();
    let sum = |signs: u64| -> f64 {
        let signed = differences.iter().enumerate();
        signed
            .map(|(place, difference)| {
                if signs >> (place % 64) & 1 == 1 {
                    -difference
                } else {
                    *difference
                }
            })
            .sum()
    };
    if differences.len() <= MOST_EXACT_PAIRS {
        let choices = 1_u64 << differences.len();
        let extreme = (0..choices).filter(|&signs| sum(signs).abs() >= least).count();
        return Ok(extreme as f64 / choices as f64);
    }
    let extreme = (0..SIGN_DRAWS).filter(|_| {
        let drawn: f64 = differences
            .chunks(64)
            .map(|differences| {
                let signs: u64 = random.random();
                let signed = differences.iter().enumerate();
                signed
                    .map(|(place, difference)| if signs >> place & 1 == 1 { -difference } else { *difference })
                    .sum::<f64>()
            })
            .sum();
        drawn.abs() >= least
    });
    Ok((extreme.count() + 1) as f64 / (SIGN_DRAWS + 1) as f64)
}

/// Corrects the probabilities of several tests for their number, so that the probability of any false claim among them is at most the level:
/// `p_(i) = max_(k <= i) min(1, (m - k + 1) p_(k))`, in ascending order of `p`. Returns them in the given order.
///
/// Source: Holm 1979, "A Simple Sequentially Rejective Multiple Test Procedure".
pub fn holm(probabilities: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..probabilities.len()).collect();
    order.sort_by(|&left, &right| probabilities[left].total_cmp(&probabilities[right]));
    let mut corrected = vec![1.0; probabilities.len()];
    let mut highest = 0.0_f64;
    for (place, &number) in order.iter().enumerate() {
        let times = (probabilities.len() - place) as f64;
        highest = highest.max((times * probabilities[number]).min(1.0));
        corrected[number] = highest;
    }
    corrected
}

/// Returns how many comparisons can be made of so many paired seeds such that the clearest of them can still be told apart.
pub fn most_comparisons(seeds: usize) -> u64 {
    let least = 0.5_f64.powi(i32::try_from(seeds).unwrap_or(i32::MAX).saturating_sub(1));
    (LEVEL / least) as u64
}

/// Returns the probability that a run of the first is better than a run of the second, where a tie counts half: the mean over
/// strata of `mean_(x, y) [x > y] + [x = y] / 2`, with its stratified bootstrap interval.
///
/// Source: Agarwal et al. 2021, section 4.3 (Mann-Whitney U).
///
/// # Errors
/// Returns an error if the numbers of strata differ or are zero, or a stratum is empty.
pub fn probability_of_improvement(
    first: &[Vec<f64>],
    second: &[Vec<f64>],
    resamples: usize,
    random: &mut Stream,
) -> Result<Estimate, Undefined> {
    if first.len() != second.len() {
        return Err(Undefined::Mismatch {
            what: "strata",
            expected: first.len(),
            found: second.len(),
        });
    }
    for &value in first.iter().chain(second).flatten() {
        finite("value", value)?;
    }
    let probability = |first: &[Vec<f64>], second: &[Vec<f64>]| {
        let each = first
            .iter()
            .zip(second)
            .map(|(first, second)| wins(first, second))
            .collect::<Result<Vec<_>, _>>()?;
        mean("probability of improvement", &each)
    };
    let value = probability(first, second)?;
    let aggregates = (0..resamples).map(|_| {
        let mut draw = |strata: &[Vec<f64>]| strata.iter().map(|values| resample(values, random)).collect::<Vec<_>>();
        let (first, second) = (draw(first), draw(second));
        probability(&first, &second)
    });
    interval(value, aggregates.collect::<Result<Vec<_>, _>>()?)
}

/// Draws as many values as there are, with replacement.
fn resample(values: &[f64], random: &mut Stream) -> Vec<f64> {
    (0..values.len())
        .map(|_| values[random.random_range(0..values.len())])
        .collect()
}

/// Returns the fraction of all pairs in which the first is greater, with ties counting half.
fn wins(first: &[f64], second: &[f64]) -> Result<f64, Undefined> {
    let pairs = first
        .iter()
        .flat_map(|x| second.iter().map(move |y| f64::from(x > y) + 0.5 * f64::from(x == y)));
    mean("probability of improvement", &pairs.collect::<Vec<_>>())
}

fn paired(first: &[f64], second: &[f64]) -> Result<(), Undefined> {
    if first.len() == second.len() {
        Ok(())
    } else {
        Err(Undefined::Mismatch {
            what: "paired seeds",
            expected: first.len(),
            found: second.len(),
        })
    }
}

/// Returns the middle 95 % of the aggregates around a value.
fn interval(value: f64, mut aggregates: Vec<f64>) -> Result<Estimate, Undefined> {
    if aggregates.is_empty() {
        return Err(Undefined::NoValues { what: "bootstrap" });
    }
    aggregates.sort_by(f64::total_cmp);
    Ok(Estimate {
        value,
        low: percentile(&aggregates, 0.025),
        high: percentile(&aggregates, 0.975),
    })
}

/// Returns the value below which this fraction of the sorted values lies, interpolated linearly (as numpy does).
fn percentile(sorted: &[f64], part: f64) -> f64 {
    let place = part * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    below + (above - below) * place.fract()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand_distr::{Distribution, Normal};

    use super::*;

    #[test]
    fn a_quarter_is_left_out_at_each_end() {
        // 8 values: two left out at each end. One outlier changes nothing.
        let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 1e9];
        assert_eq!(interquartile_mean(&values).unwrap(), 4.5);
        // 5 values: one left out at each end. Zeros stay.
        assert_eq!(interquartile_mean(&[0.0, 0.0, 0.0, 3.0, 9.0]).unwrap(), 1.0);
        assert_eq!(interquartile_mean(&[2.0]).unwrap(), 2.0);
        assert!(interquartile_mean(&[]).is_err());
        assert!(interquartile_mean(&[1.0, f64::NAN]).is_err());
    }

    #[test]
    fn ranks_correlate_whatever_the_distances() {
        let rising = [1.0, 2.0, 3.0, 4.0, 5.0];
        assert_eq!(rank_correlation(&rising, &[-9.0, 0.0, 0.1, 7.0, 1e9]).unwrap(), 1.0);
        assert_eq!(rank_correlation(&rising, &[5.0, 4.0, 3.0, 2.0, 1.0]).unwrap(), -1.0);
        // Spearman's formula without ties: 1 - 6 * (1 + 1 + 0 + 1 + 1) / (5 * 24).
        let swapped = rank_correlation(&rising, &[2.0, 1.0, 3.0, 5.0, 4.0]).unwrap();
        assert!((swapped - 0.8).abs() < 1e-12, "{swapped}");
        // Two equal values share rank 1.5: 4 / sqrt(5 * 4.5).
        let tied = rank_correlation(&[1.0, 2.0, 3.0, 4.0], &[1.0, 1.0, 3.0, 4.0]).unwrap();
        assert!((tied - 4.5 / (5.0_f64 * 4.5).sqrt()).abs() < 1e-12, "{tied}");
        assert!(rank_correlation(&rising, &[1.0; 5]).is_err());
        assert!(rank_correlation(&rising, &[1.0; 4]).is_err() && rank_correlation(&[], &[]).is_err());
    }

    #[test]
    fn percentiles_interpolate() {
        let values = [0.0, 1.0, 2.0, 3.0];
        assert_eq!([0.0, 0.5, 1.0].map(|part| percentile(&values, part)), [0.0, 1.5, 3.0]);
    }

    #[test]
    fn a_bootstrap_keeps_strata_apart() {
        // Within each stratum nothing varies, so the aggregate does not vary; mixed together, everything would.
        let strata = [vec![0.0; 5], vec![10.0; 5]];
        let estimate = bootstrap(&strata, |values| mean("mean", values), 200, &mut bootstrap_stream(1)).unwrap();
        assert_eq!(
            estimate,
            Estimate {
                value: 5.0,
                low: 5.0,
                high: 5.0
            }
        );
    }

    #[test]
    fn a_bootstrap_is_the_same_for_the_same_seed_only() {
        let strata = [vec![0.1, 0.5, 0.9, 1.3, 0.2], vec![1.0, 0.7, 0.4, 0.2, 0.6]];
        let run = |seed| bootstrap(&strata, interquartile_mean, 100, &mut bootstrap_stream(seed)).unwrap();
        assert_eq!(run(3), run(3));
        assert_ne!(run(3), run(4));
    }

    #[test]
    fn the_interval_covers_the_true_mean_about_as_often_as_it_says() {
        let normal = Normal::new(0.7, 0.2).unwrap();
        let covered = (0..200).filter(|&study| {
            let mut random = stream(study, "study", 0);
            let values: Vec<f64> = (0..20).map(|_| normal.sample(&mut random)).collect();
            let estimate = bootstrap(&[values], |values| mean("mean", values), 300, &mut random).unwrap();
            estimate.low <= 0.7 && 0.7 <= estimate.high
        });
        // A percentile bootstrap of 20 values covers a little less than 95 %; 170 of 200 is five standard deviations off.
        let covered = covered.count();
        assert!((170..200).contains(&covered), "covered {covered} times of 200");
    }

    #[test]
    fn a_paired_difference_sees_what_unpaired_means_hide() {
        let first = [0.1, 0.5, 0.9, 1.3, 1.7];
        let second = first.map(|value| value - 0.05);
        let estimate = paired_difference(&first, &second, 200, &mut bootstrap_stream(0)).unwrap();
        assert!((estimate.low - 0.05).abs() < 1e-12 && (estimate.high - 0.05).abs() < 1e-12);
        assert!(paired_difference(&first, &second[..4], 200, &mut bootstrap_stream(0)).is_err());
    }

    #[test]
    fn the_signs_of_differences_are_worked_by_hand() {
        let p = |differences: &[f64]| sign_flip(differences, &mut bootstrap_stream(0)).unwrap();
        // Of eight sums of +-1 +-2 +-3 only 6 and -6 are as far from 0.
        assert_eq!(p(&[1.0, 2.0, 3.0]), 0.25);
        assert_eq!(p(&[-1.0, -2.0, -3.0]), 0.25);
        // 1 + 2 - 3 = 0: all sums are as far.
        assert_eq!(p(&[1.0, 2.0, -3.0]), 1.0);
        assert_eq!(p(&[0.0; 4]), 1.0);
        assert_eq!(p(&[1e-16; 10]), 1.0, "rounding is no difference");
        // Ten seeds that all agree: the least that ten seeds can give.
        assert_eq!(p(&[0.1; 10]), 2.0 / 1_024.0);
        assert!(sign_flip(&[], &mut bootstrap_stream(0)).is_err());
        assert!(sign_flip(&[f64::NAN], &mut bootstrap_stream(0)).is_err());
    }

    #[test]
    fn drawn_signs_agree_with_all_of_them() {
        let differences: Vec<f64> = (0..16).map(|number| f64::from(number % 5) - 1.2).collect();
        let exact = sign_flip(&differences, &mut bootstrap_stream(0)).unwrap();
        // A difference of 0 changes no sum, and makes seventeen of them.
        let more = [&differences[..], &[0.0]].concat();
        let drawn = sign_flip(&more, &mut bootstrap_stream(0)).unwrap();
        assert!((exact - drawn).abs() < 0.01, "{exact} and {drawn}");
        let clear = sign_flip(&[1.0; 100], &mut bootstrap_stream(0)).unwrap();
        assert_eq!(clear, 1.0 / (SIGN_DRAWS + 1) as f64, "never 0");
    }

    #[test]
    fn the_test_claims_no_more_often_than_its_level() {
        let normal = Normal::new(0.0, 0.3).unwrap();
        let claimed = (0..400).filter(|&study| {
            let mut random = stream(study, "study", 0);
            let differences: Vec<f64> = (0..8).map(|_| normal.sample(&mut random)).collect();
            sign_flip(&differences, &mut random).unwrap() <= LEVEL
        });
        // 20 are expected of methods that are alike; 38 are four standard deviations more.
        let claimed = claimed.count();
        assert!((5..38).contains(&claimed), "{claimed} of 400");
    }

    #[test]
    fn holms_correction_is_worked_by_hand() {
        let corrected = holm(&[0.01, 0.04, 0.03, 0.5]);
        let expected = [0.04, 0.09, 0.09, 0.5];
        assert!(
            corrected.iter().zip(expected).all(|(one, other)| (one - other).abs() < 1e-12),
            "{corrected:?}"
        );
        assert_eq!(holm(&[0.9, 0.8]), [1.0, 1.0]);
        assert!(holm(&[]).is_empty());
    }

    #[test]
    fn few_seeds_bear_few_comparisons() {
        assert_eq!([1, 5, 6, 10, 12].map(most_comparisons), [0, 0, 1, 25, 102]);
        let clearest = sign_flip(&[1.0; 10], &mut bootstrap_stream(0)).unwrap();
        let told = |others: usize| holm(&[vec![clearest], vec![1.0; others]].concat())[0] <= LEVEL;
        assert!(told(24) && !told(25));
    }

    #[test]
    fn probability_of_improvement_is_worked_by_hand() {
        // Pairs: 1>0, 1<2, 3>0, 3>2: three of four.
        let value = |first: &[f64], second: &[f64]| {
            probability_of_improvement(&[first.to_vec()], &[second.to_vec()], 50, &mut bootstrap_stream(0))
                .unwrap()
                .value
        };
        assert_eq!(value(&[1.0, 3.0], &[0.0, 2.0]), 0.75);
        assert_eq!(value(&[0.0], &[0.0]), 0.5);
        assert_eq!(value(&[-1.0], &[0.0]), 0.0);
    }

    proptest! {
        #[test]
        fn improvement_and_its_reverse_add_up_to_one(
            first in prop::collection::vec(-2.0_f64..2.0, 1..6),
            second in prop::collection::vec(-2.0_f64..2.0, 1..6),
        ) {
            prop_assert!((wins(&first, &second).unwrap() + wins(&second, &first).unwrap() - 1.0).abs() < 1e-12);
        }

        #[test]
        fn an_interquartile_mean_lies_within_its_values(values in prop::collection::vec(-9.0_f64..9.0, 1..30)) {
            let middle = interquartile_mean(&values).unwrap();
            let (low, high) = values.iter().fold((f64::MAX, f64::MIN), |(low, high), &value| (low.min(value), high.max(value)));
            prop_assert!(low - 1e-9 <= middle && middle <= high + 1e-9);
        }
    }
}

//! Learning curves: score against decisions within one season.

use serde::{Deserialize, Serialize};

use super::Undefined;
use super::matrix::finite;

/// One point of a learning curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// Decisions since the season began.
    pub decisions: u64,
    /// Score in that season at this point.
    pub score: f64,
}

/// Scores in a season over the course of learning it.
///
/// Always holds: at least two points, decisions strictly increasing, every score finite.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LearningCurve {
    points: Vec<CurvePoint>,
}

impl LearningCurve {
    /// Creates a curve from these points.
    ///
    /// # Errors
    /// Returns an error if there are fewer than two points, they are not in order, or a score is not finite.
    pub fn new(points: Vec<CurvePoint>) -> Result<Self, Undefined> {
        let in_order = points.windows(2).all(|pair| pair[0].decisions < pair[1].decisions);
        if points.len() < 2 || !in_order {
            return Err(Undefined::NoValues {
                what: "learning curve (at least two points, in order)",
            });
        }
        for point in &points {
            finite("score", point.score)?;
        }
        Ok(Self { points })
    }

    /// Points of the curve.
    pub fn points(&self) -> &[CurvePoint] {
        &self.points
    }

    /// Length of the curve, in decisions.
    pub fn length_decisions(&self) -> u64 {
        self.points[self.points.len() - 1].decisions - self.points[0].decisions
    }

    /// Mean height of the curve: the area of the trapezoids below it, divided by its length. A policy that scores like the
    /// gardener throughout has 1.
    ///
    /// The `AUC` of Continual World (Wolczyk et al. 2021, section 4.2), with our score in place of the success rate.
    pub fn area(&self) -> f64 {
        let trapezoid = |pair: &[CurvePoint]| {
            let width = (pair[1].decisions - pair[0].decisions) as f64;
            width * f64::midpoint(pair[0].score, pair[1].score)
        };
        self.points.windows(2).map(trapezoid).sum::<f64>() / self.length_decisions() as f64
    }

    /// Returns the number of decisions from the start of the curve until it first reaches `level`, interpolated between points.
    ///
    /// # Errors
    /// Returns [`Undefined::NeverReached`] if it does not reach the level.
    pub fn decisions_to(&self, level: f64) -> Result<f64, Undefined> {
        let start = self.points[0];
        if start.score >= level {
            return Ok(0.0);
        }
        for pair in self.points.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            if to.score >= level {
                let part = (level - from.score) / (to.score - from.score);
                return Ok((from.decisions - start.decisions) as f64 + part * (to.decisions - from.decisions) as f64);
            }
        }
        Err(Undefined::NeverReached {
            level,
            decisions: self.length_decisions(),
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) fn curve(points: &[(u64, f64)]) -> LearningCurve {
        LearningCurve::new(
            points
                .iter()
                .map(|&(decisions, score)| CurvePoint { decisions, score })
                .collect(),
        )
        .unwrap()
    }

    #[test]
    fn the_area_is_the_mean_height() {
        assert_eq!(curve(&[(0, 0.5), (1_000, 0.5)]).area(), 0.5);
        // A ramp of 100 decisions to 1, then 300 at 1: (50 + 300) / 400.
        assert_eq!(curve(&[(0, 0.0), (100, 1.0), (400, 1.0)]).area(), 0.875);
        // Negative scores count: -1 to 1 has the mean 0.
        assert_eq!(curve(&[(0, -1.0), (10, 1.0)]).area(), 0.0);
    }

    #[test]
    fn a_level_is_reached_between_points() {
        let ramp = curve(&[(1_000, 0.0), (1_100, 1.0), (1_200, 0.2)]);
        assert_eq!(ramp.decisions_to(0.9).unwrap(), 90.0);
        assert_eq!(ramp.decisions_to(-1.0).unwrap(), 0.0);
        assert_eq!(
            ramp.decisions_to(1.1),
            Err(Undefined::NeverReached {
                level: 1.1,
                decisions: 200
            })
        );
    }

    #[test]
    fn a_curve_needs_two_points_in_order() {
        let point = |decisions, score| CurvePoint { decisions, score };
        assert!(LearningCurve::new(vec![point(0, 1.0)]).is_err());
        assert!(LearningCurve::new(vec![point(5, 1.0), point(5, 1.0)]).is_err());
        assert!(LearningCurve::new(vec![point(0, 1.0), point(5, f64::NAN)]).is_err());
    }
}

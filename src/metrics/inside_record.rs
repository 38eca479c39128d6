//! The record of a look inside the learner: see [`learner::inside`](crate::learner::inside) for formulas and sources.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Record of a look inside the learner.
///
/// Numbers have six significant digits. A measure that is not defined is null or left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct InsideRecord {
    /// Decisions so far.
    pub decisions: u64,
    /// Gradient updates so far.
    pub updates: u64,
    /// Name of the season under way; `None` if all are learned at once.
    pub season: Option<String>,
    /// Name of the season that ends with this look: later looks are compared with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// Agreement of the gradient of the season under way with that of each season before it; where all seasons are learned at once, of each with
    /// all others together.
    pub agreement: BTreeMap<String, AgreementRecord>,
    /// Cosine of the gradients on two halves of a season's probe transitions.
    pub steadiness: BTreeMap<String, f64>,
    /// Measures of each layer of the policy network in training, the output layer last.
    pub layers: Vec<LayerRecord>,
    /// Importance of the weights, where the method has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub importance: Option<ImportanceRecord>,
    /// Change of the evaluated policy since the end of each season.
    pub change: BTreeMap<String, ChangeRecord>,
    /// Contents of the memories.
    pub memory: MemoryRecord,
    /// Answer of the evaluated policy to each view of the album: the digit of its action, in the order of the album.
    pub answers: String,
}

/// Agreement of two gradients.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AgreementRecord {
    /// Cosine.
    pub cosine: f64,
    /// Part of each layer; the parts add up to the cosine.
    pub by_layer: Vec<f64>,
}

/// Measures of a layer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LayerRecord {
    /// Fraction of dormant units.
    pub dormant_fraction: Option<f64>,
    /// Stable rank of the centred activations.
    pub stable_rank: Option<f64>,
    /// Norm of weights and biases.
    pub weight_norm: Option<f64>,
    /// Norm of the optimiser's step relative to that of the weights.
    pub relative_step: Option<f64>,
}

/// Distribution of the importance over the weights.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImportanceRecord {
    /// Share of each layer.
    pub share_by_layer: Vec<f64>,
    /// Fraction of the weights that carry it.
    pub concentration: f64,
}

/// Change of a policy on the views of a season since that season ended last.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ChangeRecord {
    /// Decisions at the season's end.
    pub since_decisions: u64,
    /// Mean `KL(then || now)` in nats for a stochastic policy; the root mean squared change of the advantages in units of reward for values.
    pub divergence: f64,
    /// Linear CKA of each hidden layer; empty where several networks decide.
    pub similarity: Vec<Option<f64>>,
}

/// Contents of the memories.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MemoryRecord {
    /// Share of each season in the recent transitions; empty if the learner is not told where seasons end, or has none.
    pub recent: BTreeMap<String, f64>,
    /// Mean age of the recent transitions, in decisions over all gardens.
    pub recent_age_decisions: Option<f64>,
    /// Share of each season in the method's memory of the past; likewise.
    pub past: BTreeMap<String, f64>,
    /// Mean age of the past transitions, in seasons.
    pub past_age_seasons: Option<f64>,
}

impl InsideRecord {
    /// Mean over the seasons before of the cosine of their gradients with that of the season under way.
    pub fn mean_cosine(&self) -> Option<f64> {
        mean(self.agreement.values().map(|agreement| agreement.cosine))
    }

    /// Mean over the hidden layers of the fraction of dormant units.
    pub fn dormant_fraction(&self) -> Option<f64> {
        mean(self.layers.iter().filter_map(|layer| layer.dormant_fraction))
    }

    /// Mean over the hidden layers of the stable rank.
    pub fn stable_rank(&self) -> Option<f64> {
        mean(self.layers.iter().filter_map(|layer| layer.stable_rank))
    }

    /// Returns the values to plot as curves, by name.
    pub(super) fn scalars(&self) -> Vec<(String, f64)> {
        let mut scalars = Vec::new();
        let mut add = |name: String, value: Option<f64>| scalars.extend(value.map(|value| (name, value)));
        for (season, agreement) in &self.agreement {
            add(format!("inside/agreement/{season}"), Some(agreement.cosine));
        }
        for (season, change) in &self.change {
            add(format!("inside/divergence/{season}"), Some(change.divergence));
            add(
                format!("inside/similarity/{season}"),
                mean(change.similarity.iter().copied().flatten()),
            );
        }
        for (number, layer) in self.layers.iter().enumerate() {
            add(format!("inside/dormant_fraction/{number}"), layer.dormant_fraction);
            add(format!("inside/stable_rank/{number}"), layer.stable_rank);
            add(format!("inside/weight_norm/{number}"), layer.weight_norm);
            add(format!("inside/relative_step/{number}"), layer.relative_step);
        }
        if let Some(importance) = &self.importance {
            add("inside/importance_concentration".to_owned(), Some(importance.concentration));
        }
        for (season, share) in &self.memory.past {
            add(format!("inside/past_share/{season}"), Some(*share));
        }
        add("inside/recent_age_decisions".to_owned(), self.memory.recent_age_decisions);
        add("inside/past_age_seasons".to_owned(), self.memory.past_age_seasons);
        scalars
    }
}

/// Mean of the values; `None` without any.
fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_usize), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / count as f64)
}

/// Returns a number with six significant digits; `None` if it is not finite, which JSON could not hold.
pub fn six_digits(value: f64) -> Option<f64> {
    if !value.is_finite() {
        return None;
    }
    // As text and back: exactly the number that is written.
    format!("{value:.5e}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_digits_are_kept_at_any_size() {
        assert_eq!(six_digits(-0.123_456_789), Some(-0.123_457));
        assert_eq!(six_digits(1_234_567.0), Some(1_234_570.0));
        assert_eq!(six_digits(0.0), Some(0.0));
        assert_eq!((six_digits(f64::NAN), six_digits(f64::INFINITY)), (None, None));
    }

    #[test]
    fn curves_have_what_is_defined_and_means_are_over_it() {
        let agreement = |cosine| AgreementRecord {
            cosine,
            by_layer: vec![cosine],
        };
        let record = InsideRecord {
            agreement: BTreeMap::from([("spring".into(), agreement(-0.5)), ("summer".into(), agreement(0.0))]),
            layers: vec![
                LayerRecord {
                    dormant_fraction: Some(0.25),
                    ..LayerRecord::default()
                },
                LayerRecord::default(),
            ],
            ..InsideRecord::default()
        };
        assert_eq!(
            (record.mean_cosine(), record.dormant_fraction(), record.stable_rank()),
            (Some(-0.25), Some(0.25), None)
        );
        let names: Vec<String> = record.scalars().into_iter().map(|(name, _)| name).collect();
        assert_eq!(
            names,
            [
                "inside/agreement/spring",
                "inside/agreement/summer",
                "inside/dormant_fraction/0"
            ]
        );
    }
}

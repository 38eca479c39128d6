//! One look, as a record.

use std::collections::BTreeMap;

use super::{Inside, SeasonEnd};
use crate::learner::inside::{InsideLook, PolicyLook, WeightImportance, divergence, look_at_policy, similarity};
use crate::learner::{Learner, PolicySnapshot, StateError};
use crate::mdp::Action;
use crate::metrics::{AgreementRecord, ChangeRecord, ImportanceRecord, InsideRecord, LayerRecord, MemoryRecord, six_digits};

/// Occasion of a look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Occasion {
    /// Decisions so far.
    pub(crate) decisions: u64,
    /// Season under way; `None` if all are learned at once.
    pub(crate) season: Option<usize>,
    /// Seasons that began before it, without itself; where all are learned at once, all.
    pub(crate) past: Vec<usize>,
    /// Season that ends now.
    pub(crate) ended: Option<usize>,
}

impl Inside {
    /// Looks at the learner: at its network in training and at its memories.
    pub(crate) fn look_at_learner(&mut self, learner: &mut Learner, occasion: &Occasion) -> InsideRecord {
        self.meaning = learner.networks()[0].outputs_mean();
        let look = learner.look_inside(&self.probes, occasion.season, &occasion.past);
        let name = |season: usize| self.seasons[season].clone();
        InsideRecord {
            decisions: occasion.decisions,
            updates: learner.ledger().updates,
            season: occasion.season.map(name),
            ended: occasion.ended.map(name),
            memory: self.memory(learner),
            ..self.measured(look)
        }
    }

    /// Asks the policies that would be evaluated now, one for each season or one for all, and completes the record of a look.
    ///
    /// # Errors
    /// A policy does not fit what the robots observe.
    pub(crate) fn ask_policies(
        &mut self,
        record: InsideRecord,
        policies: &[PolicySnapshot],
        occasion: &Occasion,
    ) -> Result<InsideRecord, StateError> {
        let of_season = (0..self.seasons.len()).filter_map(|season| Some((season, policies.get(season).or(policies.first())?)));
        let asked = of_season.map(|(season, policy)| {
            let views = &self.album.views[self.album.of_season(season)];
            let views: Vec<u8> = views.iter().flat_map(|view| &view.observation).copied().collect();
            look_at_policy(&self.observation, policy, &views)
        });
        let asked = asked.collect::<Result<Vec<PolicyLook>, StateError>>()?;
        let answers = asked.iter().flat_map(|look| &look.actions);
        let record = InsideRecord {
            change: self.changes(&asked),
            answers: answers
                .map(|action| char::from_digit((*action).into(), 36).unwrap_or('?'))
                .collect(),
            ..record
        };
        if let Some((season, look)) = occasion.ended.and_then(|season| Some((season, asked.get(season)?))) {
            self.ends[season] = Some(SeasonEnd::of(occasion.decisions, look));
        }
        Ok(record)
    }

    /// The measures of the network in training.
    fn measured(&self, look: InsideLook) -> InsideRecord {
        let agreement = look.agreement.into_iter().filter_map(|(season, parts)| {
            let record = AgreementRecord {
                cosine: six_digits(parts.iter().sum())?,
                by_layer: all_finite(&parts)?,
            };
            Some((self.seasons[season].clone(), record))
        });
        let steadiness = look
            .steadiness
            .iter()
            .filter_map(|(season, cosine)| Some((self.seasons[*season].clone(), six_digits(*cosine)?)));
        let layers = look.layers.iter().map(|layer| LayerRecord {
            dormant_fraction: layer.dormant_fraction.and_then(six_digits),
            stable_rank: layer.stable_rank.and_then(six_digits),
            weight_norm: six_digits(layer.weight_norm),
            relative_step: layer.relative_step.and_then(six_digits),
        });
        let importance = |importance: WeightImportance| {
            Some(ImportanceRecord {
                share_by_layer: all_finite(&importance.share_by_layer)?,
                concentration: six_digits(importance.concentration)?,
            })
        };
        InsideRecord {
            agreement: agreement.collect(),
            steadiness: steadiness.collect(),
            layers: layers.collect(),
            importance: look.importance.and_then(importance),
            ..InsideRecord::default()
        }
    }

    /// Change of the policies since the last end of each season.
    fn changes(&self, asked: &[PolicyLook]) -> BTreeMap<String, ChangeRecord> {
        let seasons = self.seasons.iter().zip(&self.ends).zip(asked).enumerate();
        let changes = seasons.filter_map(|(season, ((name, end), now))| {
            let end = end.as_ref()?;
            let views = self.album.of_season(season).len();
            // A policy whose contexts come and go has products of activations at one time only.
            let layers = end.grams.iter().zip(&now.grams);
            let record = ChangeRecord {
                since_decisions: end.decisions,
                divergence: six_digits(divergence(self.meaning, &end.outputs, &now.outputs, Action::ALL.len()))?,
                similarity: layers
                    .map(|(then, now)| similarity(then, now, views).and_then(six_digits))
                    .collect(),
            };
            Some((name.clone(), record))
        });
        changes.collect()
    }

    /// Returns what the memories hold of each season, and how old it is.
    fn memory(&self, learner: &Learner) -> MemoryRecord {
        let held = learner.memory_composition();
        let shares = |counts: &[usize]| {
            let total: usize = counts.iter().sum();
            let mut shares = BTreeMap::new();
            if self.tasks_are_seasons && total > 0 {
                for (task, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
                    *shares.entry(self.seasons[task % self.seasons.len()].clone()).or_insert(0.0) += *count as f64 / total as f64;
                }
            }
            shares
                .values_mut()
                .for_each(|share| *share = six_digits(*share).unwrap_or_default());
            shares
        };
        let past: usize = held.past.iter().sum();
        let age = |(task, count): (usize, &usize)| f64::from(learner.task()) * *count as f64 - (task * count) as f64;
        let past_age =
            (self.tasks_are_seasons && past > 0).then(|| held.past.iter().enumerate().map(age).sum::<f64>() / past as f64);
        MemoryRecord {
            recent: shares(&held.recent),
            recent_age_decisions: learner.recent_age_decisions().and_then(six_digits),
            past: shares(&held.past),
            past_age_seasons: past_age.and_then(six_digits),
        }
    }
}

/// The numbers with six digits; `None` if one is not finite.
fn all_finite(numbers: &[f64]) -> Option<Vec<f64>> {
    numbers.iter().copied().map(six_digits).collect()
}

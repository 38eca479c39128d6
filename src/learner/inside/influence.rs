//! Influence of transitions on wrong answers of the policy, by gradients, after TracIn.
//!
//! A step of gradient descent on a transition `z` changes the margin `m` of a wrong answer by about `-rate (grad loss(z) . grad m)` (Pruthi et al. 2020,
//! "Estimating training data influence by tracing gradient descent", eq. 1). The margin here is the output for what is wrong minus that for what is right, so
//! a positive influence pushes towards the wrong answer. The step size is left out: only transitions of one time are compared. So is what the optimiser does with gradients.

use std::collections::BTreeMap;

use crate::learner::core::Learner;
use crate::learner::inputs::Inputs;
use crate::learner::memory::{Batch, Transition};

/// Most transitions of a group whose gradient is computed: evenly spaced among all.
const MOST_OF_A_GROUP: usize = 512;

/// A view and its right answer.
#[derive(Clone, Debug, PartialEq)]
pub struct InfluenceQuestion<'a> {
    /// The observation.
    pub observation: &'a [u8],
    /// `true` if the action that is asked about is right.
    pub is_right: bool,
}

/// Influence of a group of transitions.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GroupInfluence {
    /// Number of its transitions in the memory of recent ones.
    pub transitions: usize,
    /// Mean influence of one of them on the mean margin of the wrong answers.
    pub mean: f64,
}

impl Learner {
    /// Returns the influence of each group of recent transitions on wrong answers to `questions`, which ask for or against `action`.
    ///
    /// Nothing that is learned changes, bit for bit.
    pub fn influence(
        &mut self,
        questions: &[InfluenceQuestion<'_>],
        action: usize,
        group_of: &dyn Fn(&Transition<'_>) -> usize,
    ) -> BTreeMap<usize, GroupInfluence> {
        let counted = self.counted_multiply_adds();
        let margin = self.margin_gradient(questions, action);
        let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
        for transition in self.recent().iter() {
            *counts.entry(group_of(&transition)).or_default() += 1;
        }
        let influence = counts.into_iter().map(|(group, transitions)| {
            let batch = self.batch_of(group, transitions, group_of);
            let gradient = self.gradient_aside(&batch);
            let along: f64 = gradient
                .iter()
                .zip(&margin)
                .map(|(one, other)| f64::from(*one) * f64::from(*other))
                .sum();
            let influence = GroupInfluence {
                transitions,
                mean: -along,
            };
            (group, influence)
        });
        let influence = influence.collect();
        self.uncount_multiply_adds(counted);
        influence
    }

    /// Some transitions of a group, evenly spaced.
    fn batch_of(&self, group: usize, transitions: usize, group_of: &dyn Fn(&Transition<'_>) -> usize) -> Batch {
        let mut batch = Batch::new(self.observation().len());
        let decoder = self.observation().decoder();
        let of_group = self.recent().iter().filter(|transition| group_of(transition) == group);
        let every = transitions.div_ceil(MOST_OF_A_GROUP).max(1);
        for transition in of_group.step_by(every) {
            batch.push(&decoder, transition);
        }
        batch.recent_rows = batch.transitions();
        batch
    }

    /// Gradient of the mean margin by which answers are wrong.
    fn margin_gradient(&mut self, questions: &[InfluenceQuestion<'_>], action: usize) -> Vec<f32> {
        let decoder = self.observation().decoder();
        let mut inputs = Inputs::new(self.observation().len());
        for question in questions {
            inputs.push(&decoder, question.observation);
        }
        let network = &mut self.algorithm_mut().networks_mut()[0];
        let kept = network.gradient.clone();
        let actions = network.shape().outputs;
        let outputs = network.forward(&inputs);
        let mut slopes = vec![0.0; outputs.len()];
        let share = 1.0 / questions.len().max(1) as f32;
        for ((question, outputs), slopes) in questions
            .iter()
            .zip(outputs.chunks_exact(actions))
            .zip(slopes.chunks_exact_mut(actions))
        {
            let others = (0..actions).filter(|other| *other != action);
            let Some(best) = others.max_by(|one, other| outputs[*one].total_cmp(&outputs[*other])) else {
                continue;
            };
            let sign = if question.is_right { -share } else { share };
            slopes[action] = sign;
            slopes[best] = -sign;
        }
        network.backward(&slopes);
        std::mem::replace(&mut network.gradient, kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learner::LearnerSettings;
    use crate::learner::testing::{Bench, Walk};

    /// A learner after some updates.
    fn learner() -> Learner {
        let mut settings = LearnerSettings {
            hidden: vec![6, 5],
            batch_size: 8,
            ..LearnerSettings::default()
        };
        settings.fresh_memory.minimum_transitions = 10;
        let mut learner = Learner::new("dqn", "finetune", &settings, Bench::spec()).unwrap();
        let mut walk = Walk::new(1, 2);
        for _ in 0..100 {
            learner.observe(walk.step());
            learner.learn().unwrap();
        }
        learner
    }

    #[test]
    fn what_is_left_out_is_not_learned_from() {
        let [mut whole, mut without_some, mut without_none] = [0; 3].map(|_| learner());
        without_some.leave_out(Some(Box::new(|transition| transition.action == 2)));
        without_none.leave_out(Some(Box::new(|_| false)));
        for learner in [&mut whole, &mut without_some, &mut without_none] {
            learner.force_updates(20).unwrap();
        }
        let weights = |learner: &Learner| learner.policy().parameters;
        assert_eq!(weights(&whole), weights(&without_none), "the same draws");
        assert_ne!(weights(&whole), weights(&without_some));
        // Where nothing is left, nothing is drawn, and the other rows stay as they are.
        let mut batch = Batch::new(Walk::WIDTH);
        let decoder = whole.observation().decoder();
        let mut rng = crate::random::stream(1, "test", 0);
        whole
            .recent()
            .sample_without(8, &|transition| transition.action != 2, &mut rng, &decoder, &mut batch);
        assert!(batch.transitions() > 0 && batch.actions.iter().all(|action| *action == 2));
        whole.recent().sample_without(8, &|_| true, &mut rng, &decoder, &mut batch);
        assert!(batch.transitions() <= 8);
    }

    #[test]
    fn a_step_against_a_groups_gradient_moves_the_margin_as_its_influence_says() {
        let mut learner = learner();
        let view = vec![40; learner.observation().len()];
        let question = || InfluenceQuestion {
            observation: &view,
            is_right: true,
        };
        let group_of = |transition: &Transition<'_>| usize::from(transition.action);
        let before = (learner.policy().parameters, learner.ledger());
        let influence = learner.influence(&[question()], 0, &group_of);
        assert_eq!((learner.policy().parameters, learner.ledger()), before);
        assert_eq!(
            influence.values().map(|of| of.transitions).sum::<usize>(),
            learner.recent().transitions()
        );
        let margin = |learner: &mut Learner| {
            let decoder = learner.observation().decoder();
            let mut inputs = Inputs::new(learner.observation().len());
            inputs.push(&decoder, &view);
            let outputs = learner.algorithm_mut().networks_mut()[0].evaluate(&inputs).to_vec();
            let best = outputs[1..].iter().copied().fold(f32::NEG_INFINITY, f32::max);
            f64::from(best - outputs[0])
        };
        let (&group, of_group) = influence
            .iter()
            .max_by(|one, other| one.1.mean.abs().total_cmp(&other.1.mean.abs()))
            .unwrap();
        assert!(of_group.mean.abs() > 1e-6, "{influence:?}");
        let batch = learner.batch_of(group, of_group.transitions, &group_of);
        let gradient = learner.gradient_aside(&batch);
        let then = margin(&mut learner);
        let rate = 1e-3;
        let weights = learner.algorithm_mut().networks_mut()[0].parameters_mut();
        weights
            .iter_mut()
            .zip(&gradient)
            .for_each(|(weight, slope)| *weight -= rate * slope);
        let moved = (margin(&mut learner) - then) / f64::from(rate);
        assert!(
            (moved - of_group.mean).abs() < 0.05 * of_group.mean.abs(),
            "{moved} and {}",
            of_group.mean
        );
    }
}

//! Output layers, one for each task, on hidden layers that all tasks share.
//!
//! PackNet (Mallya and Lazebnik 2018, section 4) and Continual World (Wolczyk et al. 2021) give each task an output layer of its own, which they
//! call a head, in all networks: a weight or bias that computes outputs for one task only cannot be overwritten by another. A method that is
//! run like this has to be told the task, also in evaluation ([`plan_with`](crate::learner::methods::plan_with)).
//!
//! All networks keep their shape: when another task starts, its output layer takes the place of that of the last one, in each network, its
//! target network, its optimiser and the running average that is evaluated. A task that returns, by its identity, finds its output layer as it
//! left it. A new task begins with an output layer drawn as that of a new network, from a random stream of its own. The first task keeps the
//! one that the networks were made with, so it learns as without heads, bit for bit.
//!
//! Methods see the networks with the output layer of the task under way. What they hold for past tasks must end before it:
//! [`LearnerView::shared_parameters`](crate::learner::methods::LearnerView::shared_parameters) says where. Methods that learn from several
//! tasks in one batch, or from networks of their own, cannot be run with heads and are refused.
//!
//! Adam's count of steps is common to all layers, so the moments of a new output layer begin without its correction for few steps, as those of
//! weights that a method resets.
//!
//! Costs no computation; an output layer of each network, its target and two moments for each task that is not under way, which counts as state
//! of the method.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::learner::algorithms::Algorithm;
use crate::learner::error::StateError;
use crate::learner::network::LayerShape;
use crate::learner::parts::Parts;
use crate::learner::state::StateDict;
use crate::random::stream;

/// Output layers of the networks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Heads {
    /// One for all seasons.
    #[default]
    Shared,
    /// One for each season. The method is then told which season it is, in training and in evaluation.
    PerSeason,
}

/// Output layers of a task that is not under way.
#[derive(Clone, Debug, PartialEq)]
struct Head {
    layers: Parts,
    /// That of the running average of the policy.
    average: Vec<f32>,
}

/// Output layers of all tasks but the one under way, whose layer is in the networks.
pub(crate) struct TaskHeads {
    seed: u64,
    layer: LayerShape,
    networks: usize,
    announced: Option<u16>,
    /// Identity of the task whose output layer is in the networks; `None` before the first task.
    current: Option<u16>,
    kept: BTreeMap<u16, Head>,
}

impl TaskHeads {
    pub(crate) fn new(algorithm: &dyn Algorithm, seed: u64) -> Option<Self> {
        let layer = algorithm.networks()[0].shape().layers().pop()?;
        Some(Self {
            seed,
            layer,
            networks: algorithm.networks().len(),
            announced: None,
            current: None,
            kept: BTreeMap::new(),
        })
    }

    /// Announces which task starts next.
    pub(crate) fn identify(&mut self, identity: u16) {
        self.announced = Some(identity);
    }

    /// Puts the output layers of the task that starts into the networks and into `average`. `number` is taken for its identity if none was
    /// announced.
    pub(crate) fn begin(&mut self, number: u16, algorithm: &mut dyn Algorithm, average: &mut [f32]) {
        let identity = self.announced.take().unwrap_or(number);
        let Some(ended) = self.current.replace(identity) else { return };
        if ended == identity {
            return;
        }
        let mut head = self.kept.remove(&identity).unwrap_or_else(|| self.new_head(identity));
        let range = self.layer.range.clone();
        head.layers.exchange(algorithm, &range);
        average[range].swap_with_slice(&mut head.average);
        self.kept.insert(ended, head);
    }

    /// Draws output layers for a new task: a function of the seed and the task's identity.
    fn new_head(&self, identity: u16) -> Head {
        let mut rng = stream(self.seed, "learner.heads", u64::from(identity));
        let layers = Parts::new((0..self.networks).map(|_| self.layer.initial_parameters(&mut rng).collect()));
        Head {
            average: layers.policy().to_vec(),
            layers,
        }
    }

    /// Forgets the output layers of other tasks: they belonged to networks that are no more.
    pub(crate) fn clear(&mut self) {
        self.kept.clear();
    }

    /// Puts the output layer of a past task into the policy that is evaluated, whose output layer is that of the task under way: from the
    /// running average, or as it was after the last update. A task that was never met has none, and the present one is the best available.
    pub(crate) fn evaluated_policy(&self, task: Option<u16>, averaged: bool, parameters: &mut [f32]) {
        let other = task.filter(|&task| self.current != Some(task));
        if let Some(head) = other.and_then(|task| self.kept.get(&task)) {
            let layer = if averaged { &*head.average } else { head.layers.policy() };
            parameters[self.layer.range.clone()].copy_from_slice(layer);
        }
    }

    /// Size of the output layers of other tasks, in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        let bytes = |head: &Head| head.layers.bytes() + size_of_val(&*head.average) as u64;
        self.kept.values().map(bytes).sum()
    }

    pub(crate) fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        state.set(format!("{prefix}.announced"), &self.announced)?;
        state.set(format!("{prefix}.current"), &self.current)?;
        state.put(
            format!("{prefix}.identities"),
            &self.kept.keys().copied().collect::<Vec<u16>>(),
        );
        for (identity, head) in &self.kept {
            state.put(format!("{prefix}.{identity}.average"), &head.average);
            head.layers.save(state, &format!("{prefix}.{identity}"));
        }
        Ok(())
    }

    pub(crate) fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        self.announced = state.get(&format!("{prefix}.announced"))?;
        self.current = state.get(&format!("{prefix}.current"))?;
        let identities: Vec<u16> = state.array(&format!("{prefix}.identities"))?;
        let numbers = self.layer.range.len();
        let head = |identity: u16| {
            let layers = Parts::load(state, &format!("{prefix}.{identity}"), self.networks, numbers)?;
            let average = state.array_of_len(&format!("{prefix}.{identity}.average"), numbers)?;
            Ok((identity, Head { layers, average }))
        };
        self.kept = identities.into_iter().map(head).collect::<Result<_, StateError>>()?;
        Ok(())
    }
}

#[cfg(test)]
#[path = "heads_tests.rs"]
mod tests;

//! Memory aware synapses: past tasks hold on to the weights to which their outputs are sensitive.
//!
//! Aljundi et al. 2018, "Memory aware synapses: learning what (not) to forget", eqs. 3-5:
//! `L(theta) + strength / 2 * sum_i Omega_i (theta_i - anchor_i)^2` with `Omega = mean_s |d |f(s)|^2 / d theta|`, the absolute value
//! taken for each observation before the mean. No rewards or targets are needed to measure it.
//!
//! Deviations: logits are measured from their mean over the actions, as a common offset means nothing; importances are divided by
//! their mean, cut off at a ceiling and decayed rather than summed (see [`anchor`](super::anchor)).
//!
//! Costs, at the end of each task, one forward and one backward pass over `samples` observations, counted; two numbers for each
//! weight that is held. Holds always: with `strength = 0` all weights are those of fine-tuning, bit for bit.

use crate::learner::error::StateError;
use crate::learner::losses::Losses;
use crate::learner::memory::Batch;
use crate::learner::methods::anchor::{Anchors, Blending};
use crate::learner::methods::importance::{Importance, measure_importance};
use crate::learner::methods::{Curriculum, Family, LearnerView, Method, MethodSpec, Needs, WeightsReset};
use crate::learner::settings::MasSettings;
use crate::learner::state::StateDict;
use crate::random::{Stream, stream};

pub(crate) const SPEC: MethodSpec = MethodSpec {
    name: "mas",
    summary: "holds the weights to which what past tasks put out is sensitive",
    family: Family::Regularisation,
    paper: "Aljundi et al. 2018, Memory aware synapses",
    equation: "L(theta) + strength / 2 sum_i Omega_i (theta_i - anchor_i)^2, Omega = mean_s |d |f(s)|^2 / d theta|",
    cost: "one forward and backward pass over 2,048 observations at each task's end; stores an anchor and an importance for each weight",
    needs: Needs::TASK_BOUNDARIES,
    curriculum: Curriculum::Sequential,
    build: |settings, spec| Box::new(Mas::new(&settings.mas, stream(spec.seed, "learner.mas.samples", 0))),
};

pub(crate) struct Mas {
    settings: MasSettings,
    rng: Stream,
    anchors: Anchors,
}

impl Mas {
    pub(crate) fn new(settings: &MasSettings, rng: Stream) -> Self {
        Self {
            settings: settings.clone(),
            rng,
            anchors: Anchors::new(settings.strength, settings.critics),
        }
    }
}

impl Method for Mas {
    /// Measures how much each weight matters to the task that ends, and anchors it where it is now.
    fn task_ended(&mut self, learner: &mut LearnerView<'_>) {
        let MasSettings {
            decay, ceiling, samples, ..
        } = self.settings;
        let anchors = &self.anchors;
        let measured = measure_importance(Importance::Sensitivity, samples, &mut self.rng, learner, |network| {
            anchors.hold(network)
        });
        for (index, (network, measured)) in learner.algorithm.networks().iter().zip(measured).enumerate() {
            if let Some(measured) = measured {
                self.anchors.set(index, network, measured, Blending { decay, ceiling });
            }
        }
    }

    fn adjust_gradients(&mut self, _batch: &Batch, learner: &mut LearnerView<'_>, losses: &mut Losses) {
        self.anchors.pull("mas", learner, losses);
    }

    fn weights_reset(&mut self, reset: &WeightsReset) {
        self.anchors.forget(reset);
    }

    fn state_bytes(&self) -> u64 {
        self.anchors.bytes()
    }

    fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        self.anchors.save(state, &format!("{prefix}.anchors"))?;
        state.set(format!("{prefix}.rng"), &self.rng)
    }

    fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        self.anchors.load(state, &format!("{prefix}.anchors"))?;
        self.rng = state.get(&format!("{prefix}.rng"))?;
        Ok(())
    }
}

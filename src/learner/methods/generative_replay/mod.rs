//! Generative replay: a small model of past views, and the outputs of the past policy for what it generates. No past data are kept.
//!
//! Shin et al. 2017, "Continual learning with deep generative replay", section 3: a scholar is a generator and a solver. For each task a new
//! generator learns the task's views and views of the old generator, in the ratio of one task to those before; and the solver learns the task,
//! and to answer as the old solver does where the old generator shows it something:
//! `loss + weight * mean_s |Q(s) - Q_old(s)|^2 / actions` over generated views `s`, or `KL(pi_old(s) || pi(s))` for a policy of logits. That
//! cloning is also what van de Ven, Siegelmann and Tolias 2020, "Brain-inspired replay for continual learning with artificial neural networks", do
//! with their soft targets. The generator here is a variational [autoencoder](autoencoder).
//!
//! Deviations. The paper's generator is a GAN and begins anew with each task; here it goes on from its weights, and is trained in every update beside
//! the policy, not for longer. Only the policy's outputs are cloned, critics are fine-tuned, and values are not learned from generated views: that
//! would need generated rewards and next views, too. The old solver is the policy where the last task ended.
//!
//! Costs, in each update, one pass of `batch_share` more rows through the policy, the old policy and the old decoder, and a forward and backward pass of
//! encoder and decoder. The state is the autoencoder with its optimiser, the old decoder and the old policy, whatever the number of tasks.
//!
//! Always holds: with `cloning_weight = 0` all weights are those of fine-tuning, bit for bit; nothing that was observed outlives the replay buffer of
//! recent transitions.

mod autoencoder;

#[cfg(test)]
mod tests;

use crate::learner::error::StateError;
use crate::learner::inputs::Inputs;
use crate::learner::losses::{Losses, divergence, squared_difference};
use crate::learner::memory::Batch;
use crate::learner::methods::{
    Axis, Curriculum, Keeps, Kept, LearnerView, LossSpec, Method, MethodFamily, MethodSpec, Needs, Tuning,
};
use crate::learner::need::{LearnerScale, product};
use crate::learner::network::{Network, Pass};
use crate::learner::settings::{LearnerSettings, is_a_number};
use crate::learner::spec::LearnerSpec;
use crate::learner::state::StateDict;
use crate::learner::trained::{Outputs, Role};
use crate::random::{Stream, stream};
use autoencoder::{Autoencoder, standard_normal};
use garde::Validate;
use serde::{Deserialize, Serialize};

pub(crate) const SPEC: MethodSpec = MethodSpec {
    name: "generative_replay",
    summary: "distils past outputs on generated views; stores no past data",
    family: MethodFamily::Replay,
    paper: "Shin et al. 2017, Continual learning with deep generative replay",
    equation: "L(theta) + weight mean_s |f(s) - f_old(s)|^2 (or KL), s = decoder_old(z), z standard normal",
    cost: "half a batch more rows in each update, through two policies and a decoder, and the training of an autoencoder; stores it, an old decoder and an old policy",
    needs: Needs::TASK_BOUNDARIES,
    curriculum: Curriculum::Sequential,
    losses: &[LossSpec {
        name: "generative_cloning",
        title: "Cloning",
        text: "How far the policy's outputs for generated views of past seasons are from those it had for them.",
    }],
    tuning: Some(Tuning(&[Axis {
        path: "learner.generative_replay.cloning_weight",
        first: "1.0",
        values: &["0.0", "0.1", "0.3", "1.0", "2.0", "3.0", "5.0", "10.0", "30.0", "100.0"],
    }])),
    remove_strength: |settings| settings.generative_replay.cloning_weight = 0.0,
    act_soon: |_| {},
    memory: bytes,
    keeps: Keeps::Other(kept),
    heads: false,
    build: |settings, spec| Box::new(GenerativeReplay::new(settings, spec)),
};

/// Bytes of the autoencoder, the old decoder and the old policy, with what mirrors them.
fn bytes(settings: &LearnerSettings, scale: &LearnerScale) -> u64 {
    let GenerativeReplaySettings { units, codes, .. } = settings.generative_replay;
    let (units, codes, width) = (units as u64, codes as u64, scale.observation);
    let model = product(&[width + 1, units]) + product(&[units + 1, 2 * codes]);
    let model = model + product(&[codes + 1, units]) + product(&[units + 1, width]);
    let number = size_of::<f32>() as u64;
    // Six copies of what is trained; three of the old networks.
    product(&[9, model, number]).saturating_add(product(&[3, scale.parameters, number]))
}

/// An autoencoder with two moments, an old decoder and an old policy.
fn kept(settings: &LearnerSettings, scale: &LearnerScale) -> Kept {
    let GenerativeReplaySettings { units, codes, .. } = settings.generative_replay;
    let (units, codes) = (units as u64, codes as u64);
    let decoder = (codes + 1) * units + (units + 1) * scale.observation;
    let encoder = (scale.observation + 1) * units + (units + 1) * 2 * codes;
    Kept {
        weights_bytes: scale.numbers(3 * (encoder + decoder) + decoder + scale.parameters),
        ..Kept::default()
    }
}

/// Settings of generative replay (Shin et al. 2017).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct GenerativeReplaySettings {
    /// Weight of the cloning loss relative to the algorithm's own; 0 equals `finetune`.
    #[garde(range(min = 0.0, max = 1.0e6), custom(is_a_number))]
    pub cloning_weight: f32,
    /// Generated views per transition of the batch.
    #[garde(range(min = 0.0, max = 16.0), custom(is_a_number))]
    pub batch_share: f32,
    /// Views of the current task in each update of the generator, and as many generated ones.
    #[garde(range(min = 1, max = 65_536))]
    pub generator_rows: usize,
    /// Units of the hidden layer of encoder and decoder.
    #[garde(range(min = 1, max = 4_096))]
    pub units: usize,
    /// Numbers of a code.
    #[garde(range(min = 1, max = 1_024))]
    pub codes: usize,
    /// Standard deviation of a channel around what is decoded, where its range has length 2: the smaller, the more exact are generated views,
    /// and the less are codes like standard normal ones.
    #[garde(range(min = 1.0e-3, max = 1.0e3), custom(is_a_number))]
    pub deviation: f32,
}

impl Default for GenerativeReplaySettings {
    fn default() -> Self {
        Self {
            // As the cloning of `replay`; the others by what a small eye needs: not tuned yet.
            cloning_weight: 1.0,
            batch_share: 0.5,
            generator_rows: 64,
            units: 128,
            codes: 16,
            deviation: 0.1,
        }
    }
}

/// Generator and policy at the end of the last task.
struct Past {
    generator_parameters: Vec<f32>,
    teacher_parameters: Vec<f32>,
    generator: Network,
    teacher: Network,
}

struct GenerativeReplay {
    settings: GenerativeReplaySettings,
    actions: usize,
    model: Autoencoder,
    rng: Stream,
    /// Empty parameters before the end of the first task.
    past: Past,
    /// Tasks that have ended.
    tasks: u64,
    /// Generated views of this update, in the batch from `first_row` on, and the outputs that the policy had for them.
    generated: Inputs,
    targets: Vec<f32>,
    first_row: usize,
    codes: Inputs,
    pass: Pass,
    /// Views of the current task, then generated ones, for the generator.
    lesson: Batch,
    /// `true` if the current update has gradients for the generator.
    is_due: bool,
}

impl GenerativeReplay {
    fn new(settings: &LearnerSettings, spec: &LearnerSpec) -> Self {
        let own = settings.generative_replay.clone();
        let width = spec.observation.len();
        let shape = settings.network_shape(spec);
        let mut rng = stream(spec.seed, "learner.generative_replay.initialisation", 0);
        let model = Autoencoder::new(
            &spec.observation,
            own.units,
            own.codes,
            own.deviation,
            &settings.adam,
            &mut rng,
        );
        let past = Past {
            generator: Network::new(model.decoder_shape(), model.decoder_parameters()),
            teacher: Network::new(&shape, &vec![0.0; shape.parameters()]),
            generator_parameters: Vec::new(),
            teacher_parameters: Vec::new(),
        };
        Self {
            settings: own,
            actions: spec.actions,
            model,
            rng: stream(spec.seed, "learner.generative_replay", 0),
            past,
            tasks: 0,
            generated: Inputs::new(width),
            targets: Vec::new(),
            first_row: 0,
            codes: Inputs::new(settings.generative_replay.codes),
            pass: Pass::default(),
            lesson: Batch::new(width),
            is_due: false,
        }
    }

    /// Generates views of past tasks, and computes the old policy's outputs for them.
    fn generate(&mut self, rows: usize) {
        self.codes.clear();
        let mut code = vec![0.0; self.model.codes()];
        for _ in 0..rows {
            code.fill_with(|| standard_normal(&mut self.rng));
            self.codes.push_numbers(&[&code]);
        }
        self.past.generator.evaluate(&self.codes, &mut self.pass);
        let mut observation = Vec::new();
        let width = self.generated.width();
        for decoded in self.pass.outputs().chunks_exact(width) {
            self.model.to_observation(decoded, &mut observation);
            self.generated.push_numbers(&[&observation]);
        }
        self.past.teacher.evaluate(&self.generated, &mut self.pass);
        self.targets.clear();
        self.targets.extend_from_slice(self.pass.outputs());
    }
}

impl Method for GenerativeReplay {
    fn task_ended(&mut self, learner: &mut LearnerView<'_>) {
        if self.settings.cloning_weight == 0.0 {
            return;
        }
        self.tasks += 1;
        let past = &mut self.past;
        past.generator_parameters.clear();
        past.generator_parameters.extend_from_slice(self.model.decoder_parameters());
        past.teacher_parameters.clear();
        past.teacher_parameters
            .extend_from_slice(learner.algorithm.networks()[0].parameters());
        past.mirror();
    }

    fn add_views(&mut self, _learner: &mut LearnerView<'_>, batch: &mut Batch) {
        self.generated.clear();
        if self.settings.cloning_weight == 0.0 || self.past.teacher_parameters.is_empty() {
            return;
        }
        let rows = (self.settings.batch_share * batch.transitions() as f32).round() as usize;
        self.first_row = batch.rows();
        self.generate(rows);
        for row in 0..rows {
            batch.observations.push_numbers(&[self.generated.row(row)]);
        }
    }

    fn output_loss(
        &mut self,
        role: Role,
        meaning: Outputs,
        _batch: &Batch,
        outputs: &[f32],
        gradient: &mut [f32],
        losses: &mut Losses,
    ) {
        let rows = self.generated.rows();
        if role != Role::Policy || rows == 0 {
            return;
        }
        let (weight, actions, start) = (self.settings.cloning_weight, self.actions, self.first_row * self.actions);
        let range = start..start + rows * actions;
        let outputs = outputs[range.clone()].chunks_exact(actions);
        let places = outputs.zip(gradient[range].chunks_exact_mut(actions));
        let losses_of_rows = places
            .zip(self.targets.chunks_exact(actions))
            .map(|((output, gradient), target)| match meaning {
                Outputs::ActionValues => squared_difference(output, target, weight / (rows * actions) as f32, gradient),
                Outputs::Logits => divergence(output, target, weight / rows as f32, gradient),
            });
        losses.add("generative_cloning", losses_of_rows.sum());
    }

    fn adjust_gradients(&mut self, _batch: &Batch, learner: &mut LearnerView<'_>, losses: &mut Losses) {
        self.is_due = false;
        if self.settings.cloning_weight == 0.0 || learner.recent.transitions() == 0 {
            return;
        }
        let rows = self.settings.generator_rows;
        self.lesson.clear();
        learner
            .recent
            .sample_views(rows, &mut self.rng, learner.decoder, &mut self.lesson);
        let generated = self.generated.rows().min(rows);
        for row in 0..generated {
            self.lesson.observations.push_numbers(&[self.generated.row(row)]);
        }
        // Each task so far counts the same.
        let past_share = if generated == 0 {
            0.0
        } else {
            self.tasks as f32 / (self.tasks + 1) as f32
        };
        let mut weights = vec![(1.0 - past_share) / rows as f32; rows];
        weights.resize(rows + generated, past_share / generated.max(1) as f32);
        let loss = self.model.loss(&self.lesson.observations, &weights, &mut self.rng);
        losses.measure("view_model", loss);
        self.is_due = true;
    }

    /// Moves the generator together with the networks, so that a failed update changes nothing.
    fn adjust_weights(&mut self, _batch: &Batch, _learner: &mut LearnerView<'_>) {
        if std::mem::take(&mut self.is_due) {
            self.model.step();
        }
    }

    fn multiply_adds(&self) -> u64 {
        self.model.multiply_adds() + self.past.generator.multiply_adds() + self.past.teacher.multiply_adds()
    }

    fn state_bytes(&self) -> u64 {
        let past = size_of_val(&*self.past.generator_parameters) + size_of_val(&*self.past.teacher_parameters);
        self.model.state_bytes() + past as u64
    }

    fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        self.model.save(state, prefix)?;
        state.put(format!("{prefix}.past.generator"), &self.past.generator_parameters);
        state.put(format!("{prefix}.past.policy"), &self.past.teacher_parameters);
        state.set(format!("{prefix}.tasks"), &self.tasks)?;
        state.set(format!("{prefix}.rng"), &self.rng)
    }

    fn load(&mut self, state: &StateDict, prefix: &str) -> Result<(), StateError> {
        self.model.load(state, prefix)?;
        self.tasks = state.get(&format!("{prefix}.tasks"))?;
        let past = &mut self.past;
        let ended = |parameters: usize| if self.tasks == 0 { 0 } else { parameters };
        let generator = ended(past.generator.shape().parameters());
        past.generator_parameters = state.array_of_len(&format!("{prefix}.past.generator"), generator)?;
        let teacher = ended(past.teacher.shape().parameters());
        past.teacher_parameters = state.array_of_len(&format!("{prefix}.past.policy"), teacher)?;
        past.mirror();
        self.rng = state.get(&format!("{prefix}.rng"))?;
        Ok(())
    }
}

impl Past {
    /// Copies the parameters to the networks that compute with them.
    fn mirror(&mut self) {
        if !self.teacher_parameters.is_empty() {
            self.generator.set(&self.generator_parameters);
            self.teacher.set(&self.teacher_parameters);
        }
    }
}

//! Fixed workloads for benchmarks. Timing is left to the caller.

use dfdx::nn::Module;
use dfdx::shapes::Rank0;
use dfdx::tensor::{Cpu, CpuError, Gradients, Tensor, Trace, ZerosTensor};
use dfdx::tensor_ops::{Backward, SumTo};
use rand::Rng;

use crate::learner::core::Learner;
use crate::learner::error::{LearnerError, StateError};
use crate::learner::inputs::Inputs;
use crate::learner::inside::{ProbeBatches, look_at_policy};
use crate::learner::memory::{Batch, Transition};
use crate::learner::network::{Factor, Matrix, Network, NetworkShape, Pass, Perceptron, ProductKernel, multiply};
use crate::learner::settings::LearnerSettings;
use crate::learner::spec::LearnerSpec;
use crate::mdp::{Channel, Experience, ObservationSpec};
use crate::random::stream;

/// Updates of a learner as in the default garden: 107 inputs, 5 actions, 16 gardens, a full replay buffer.
pub struct UpdateBenchmark {
    learner: Learner,
    experience: Experience,
    rng: crate::random::Stream,
}

impl UpdateBenchmark {
    /// Creates a learner of this algorithm and method with full buffers; a method with a past also holds a past task.
    ///
    /// # Errors
    /// Returns the same errors as [`Learner::new`].
    pub fn new(algorithm: &str, method: &str, settings: &LearnerSettings) -> Result<Self, LearnerError> {
        let (width, gardens) = (107, 16);
        let channel = |number: usize| Channel {
            name: number.to_string(),
            low: -1.0,
            high: 1.0,
        };
        let observation = ObservationSpec {
            channels: (0..width).map(channel).collect(),
        };
        let spec = LearnerSpec {
            observation,
            actions: 5,
            gardens,
            decisions_per_task: 60_000,
            seed: 0,
        };
        let learner = Learner::new(algorithm, method, settings, spec)?;
        let rng = stream(0, "benchmark", 0);
        let mut benchmark = Self {
            learner,
            experience: Experience::new(gardens, width),
            rng,
        };
        let fill = settings.fresh_memory.capacity / gardens + 1;
        (0..fill).for_each(|_| benchmark.observe());
        benchmark.learner.task_ended();
        benchmark.learner.task_started();
        (0..fill).for_each(|_| benchmark.observe());
        Ok(benchmark)
    }

    /// Observes one decision of all gardens, with noise as observations.
    pub fn observe(&mut self) {
        let experience = &mut self.experience;
        experience.observations.copy_from_slice(&experience.step.observations);
        for chunk in experience.step.observations.chunks_mut(8) {
            let bytes = self.rng.next_u64().to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
        for (action, reward) in experience.actions.iter_mut().zip(&mut experience.step.rewards) {
            let random = self.rng.next_u64();
            *action = (random % 5) as u8;
            *reward = ((random >> 8) % 7) as f32 / 7.0;
        }
        self.learner.observe(experience);
    }

    /// Performs `updates` updates, including sampling.
    ///
    /// # Errors
    /// Returns the same errors as [`Learner::learn`].
    pub fn update(&mut self, updates: u64) -> Result<(), LearnerError> {
        self.learner.force_updates(updates)
    }

    /// Returns the floating-point operations of the matrix products of one update: two for each multiply-add.
    ///
    /// # Errors
    /// Returns the same errors as [`Learner::learn`], because one update is performed for counting.
    pub fn operations_per_update(&mut self) -> Result<u64, LearnerError> {
        let before = self.learner.ledger().multiply_adds;
        self.update(1)?;
        Ok(2 * (self.learner.ledger().multiply_adds - before))
    }
}

/// A look inside a learner as in a run of the default garden: four seasons with 128 transitions and 30 views each.
pub struct LookBenchmark {
    learner: Learner,
    observation: ObservationSpec,
    probes: ProbeBatches,
    /// Views of one season.
    views: Vec<u8>,
}

impl LookBenchmark {
    /// Creates a learner of double DQN, and noise to look with.
    ///
    /// # Errors
    /// Returns the same errors as [`Learner::new`].
    pub fn new() -> Result<Self, LearnerError> {
        let UpdateBenchmark { learner, mut rng, .. } = UpdateBenchmark::new("dqn", "replay", &LearnerSettings::default())?;
        let observation = learner.observation().clone();
        let (width, decoder) = (observation.len(), observation.decoder());
        let mut noise = |count: usize| -> Vec<u8> { (0..count).map(|_| rng.next_u64() as u8).collect() };
        let views = noise(30 * width);
        let mut all = Inputs::new(width);
        for _ in 0..4 {
            views.chunks_exact(width).for_each(|view| all.push(&decoder, view));
        }
        let mut half = || {
            let mut batch = Batch::new(width);
            for row in 0..64_u8 {
                let (observation, next_observation) = (noise(width), noise(width));
                batch.push(
                    &decoder,
                    Transition {
                        observation: &observation,
                        action: row % 5,
                        reward: 0.1,
                        terminated: false,
                        next_observation: &next_observation,
                    },
                );
            }
            batch.recent_rows = batch.transitions();
            batch
        };
        let tasks = (0..4).map(|_| [half(), half()]).collect();
        Ok(Self {
            learner,
            observation,
            probes: ProbeBatches { views: all, tasks },
            views,
        })
    }

    /// Looks as in the last season of a year: at the learner, and at a policy for each season.
    ///
    /// # Errors
    /// Returns an error if a policy does not fit, which cannot happen here.
    pub fn look(&mut self) -> Result<(), StateError> {
        std::hint::black_box(self.learner.look_inside(&self.probes, Some(3), &[0, 1, 2]));
        for season in 0..4 {
            let policy = self.learner.evaluated_policy(Some(season));
            std::hint::black_box(look_at_policy(&self.observation, &policy, &self.views)?);
        }
        Ok(())
    }
}

/// Square matrix products by the kernel that the learner uses: an upper bound on its speed.
pub struct ProductBenchmark {
    left: Matrix,
    right: Matrix,
    result: Vec<f32>,
}

impl ProductBenchmark {
    /// Creates two matrices of `size * size` numbers; reports use 512.
    pub fn new(size: usize) -> Self {
        let mut rng = stream(0, "benchmark", 1);
        let mut matrix = || {
            let numbers: Vec<f32> = (0..size * size)
                .map(|_| (rng.next_u64() >> 40) as f32 / (1u64 << 24) as f32)
                .collect();
            Matrix::from_rows(size, &numbers)
        };
        Self {
            left: matrix(),
            right: matrix(),
            result: vec![0.0; size * size],
        }
    }

    /// Multiplies the matrices once, on this thread.
    pub fn multiply(&mut self) {
        let (left, right) = (Factor::from(&self.left), Factor::from(&self.right));
        multiply(ProductKernel::current(), left, right, &mut self.result, self.left.columns());
        std::hint::black_box(&self.result);
    }

    /// Number of floating-point operations of one product.
    pub fn operations(&self) -> u64 {
        2 * (self.left.rows() as u64).pow(3)
    }
}

/// A forward and a backward pass of the default network, 128 rows: as the learner makes them, and on dfdx's tape.
///
/// Both begin with parameters and inputs in slices and end with the gradient in one.
pub struct PassBenchmark {
    parameters: Vec<f32>,
    rows: Vec<f32>,
    inputs: Inputs,
    network: Network,
    pass: Pass,
    output_gradient: Vec<f32>,
    gradient: Vec<f32>,
    module: Perceptron,
    input_tensor: Tensor<(usize, usize), f32, Cpu>,
    gradient_tensor: Tensor<(usize, usize), f32, Cpu>,
}

impl PassBenchmark {
    /// Creates a network and its inputs.
    pub fn new() -> Self {
        let (rows, width, outputs) = (128, 107, 5);
        let shape = NetworkShape {
            inputs: width,
            hidden: LearnerSettings::default().hidden,
            outputs,
            layer_norm: false,
        };
        let mut rng = stream(0, "benchmark", 2);
        let parameters = shape.initial_parameters(&mut rng);
        let mut numbers =
            |count: usize| -> Vec<f32> { (0..count).map(|_| rng.next_u32() as f32 / u32::MAX as f32 - 0.5).collect() };
        let (rows_of_numbers, output_gradient) = (numbers(rows * width), numbers(rows * outputs));
        let device = Cpu::default();
        let mut gradient_tensor = device.zeros_like(&(rows, outputs));
        gradient_tensor.copy_from(&output_gradient);
        Self {
            network: Network::new(&shape, &parameters),
            pass: Pass::default(),
            inputs: Inputs::new(width),
            gradient: vec![0.0; parameters.len()],
            module: Perceptron::new(&shape, &parameters),
            input_tensor: device.zeros_like(&(rows, width)),
            rows: rows_of_numbers,
            parameters,
            output_gradient,
            gradient_tensor,
        }
    }

    /// Makes both passes as the learner does.
    pub fn written_out(&mut self) -> &[f32] {
        self.inputs.clear();
        let rows = self.rows.chunks_exact(self.inputs.width());
        rows.for_each(|row| self.inputs.push_numbers(&[row]));
        self.network.set(&self.parameters);
        self.network.forward(&self.inputs, &mut self.pass);
        self.network
            .backward(&mut self.pass, &self.output_gradient, &mut self.gradient);
        &self.gradient
    }

    /// Makes both passes on dfdx's tape.
    ///
    /// # Errors
    /// dfdx's, if there is no memory.
    pub fn through_dfdx(&mut self) -> Result<&[f32], CpuError> {
        self.module.parameters.copy_from(&self.parameters);
        self.input_tensor.copy_from(&self.rows);
        let outputs = self.module.try_forward(self.input_tensor.trace(Gradients::leaky()))?;
        let loss = (outputs * self.gradient_tensor.clone()).try_sum::<Rank0, _>()?;
        let gradients = loss.try_backward()?;
        gradients.get(&self.module.parameters).copy_into(&mut self.gradient);
        Ok(&self.gradient)
    }
}

impl Default for PassBenchmark {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_a_pass_have_the_same_gradient() {
        let mut benchmark = PassBenchmark::new();
        let written_out = benchmark.written_out().to_vec();
        assert!(written_out.iter().any(|gradient| gradient.abs() > 0.1));
        assert_eq!(benchmark.through_dfdx().unwrap(), written_out);
    }
}

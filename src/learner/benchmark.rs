//! Fixed workloads for benchmarks. Timing is left to the caller.

use dfdx::tensor::{Cpu, Tensor, ZerosTensor};
use dfdx::tensor_ops::TryMatMul;
use rand::Rng;

use crate::learner::core::Learner;
use crate::learner::error::LearnerError;
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

/// Square matrix products through dfdx: an upper bound on the speed of a learner.
pub struct MatmulBenchmark {
    left: Tensor<(usize, usize), f32, Cpu>,
    right: Tensor<(usize, usize), f32, Cpu>,
    size: usize,
}

impl MatmulBenchmark {
    /// Creates two matrices of `size * size` numbers; reports use 512.
    pub fn new(size: usize) -> Self {
        let device = Cpu::default();
        let mut rng = stream(0, "benchmark", 1);
        let mut matrix = || {
            let mut matrix = device.zeros_like(&(size, size));
            let numbers: Vec<f32> = (0..size * size)
                .map(|_| (rng.next_u64() >> 40) as f32 / (1u64 << 24) as f32)
                .collect();
            matrix.copy_from(&numbers);
            matrix
        };
        Self {
            left: matrix(),
            right: matrix(),
            size,
        }
    }

    /// Multiplies the matrices once. Call it inside [`single_threaded`](crate::learner::single_threaded) for the speed of one
    /// core.
    pub fn multiply(&mut self) {
        std::hint::black_box(self.left.clone().matmul(self.right.clone()));
    }

    /// Number of floating-point operations of one product.
    pub fn operations(&self) -> u64 {
        2 * (self.size as u64).pow(3)
    }
}

//! Adds a method from outside of the crate and trains with it: weight decay, decoupled from the gradient.
//!
//! `cargo run --release --no-default-features --example own_method`

#![allow(clippy::print_stdout, reason = "an example talks to its reader")]

use std::path::Path;
use std::sync::atomic::AtomicBool;

use perennial::learner::memory::Batch;
use perennial::learner::methods::{LearnerView, Method, MethodFamily, MethodSpec};
use perennial::learner::register;
use perennial::scenario::Scenario;
use perennial::training::{Execution, Existing, NoObserver, RunConfig, RunFolder, Training};

/// Loshchilov and Hutter 2019, "Decoupled weight decay regularization": `theta <- theta - decay theta` after each step.
struct WeightDecay {
    decay: f32,
}

impl Method for WeightDecay {
    fn adjust_weights(&mut self, _batch: &Batch, learner: &mut LearnerView<'_>) {
        for network in learner.algorithm.networks_mut() {
            for weight in network.parameters_mut() {
                *weight -= self.decay * *weight;
            }
        }
    }
}

static SPEC: MethodSpec = MethodSpec {
    name: "weight_decay",
    summary: "shrinks all weights a little after each step",
    family: MethodFamily::Plasticity,
    paper: "Loshchilov and Hutter 2019, Decoupled weight decay regularization",
    equation: "theta <- theta - decay theta",
    cost: "one multiply-add for each weight in each update",
    build: |settings, _| {
        // The table `[learner.custom.weight_decay]` of a configuration: see `main`.
        let own = settings.custom.get("weight_decay");
        let decay = own.and_then(|own| own.get("decay")).and_then(toml::Value::as_float);
        Box::new(WeightDecay {
            decay: decay.unwrap_or(1e-5) as f32,
        })
    },
    ..MethodSpec::FINETUNE
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    register(&SPEC)?;
    let mut config = RunConfig::new(Scenario::load("four_seasons")?.scenario);
    // It composes like a built-in method.
    config.method = "replay+weight_decay".to_owned();
    config.learner.custom = toml::from_str("weight_decay = { decay = 1e-6 }")?;
    config.decisions_per_season = 4_000;
    config.evaluation.episodes = 4;
    let folder = RunFolder::create(Path::new("runs"), "own-method", Existing::Replace, &config.to_toml()?)?;
    let outcome = Training::start(config, folder, None, Execution::default())?.run(&mut NoObserver, &AtomicBool::new(false))?;
    println!("{outcome:#?}");
    Ok(())
}

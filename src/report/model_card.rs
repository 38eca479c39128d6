//! Model cards: a page about an exported policy in Markdown, with the front matter that model hubs read.
//!
//! The keys of the front matter are those of the Hugging Face Hub: <https://huggingface.co/docs/hub/model-cards>. Results are those that the
//! run recorded when it evaluated the very policy that is exported; nothing is measured anew.

use std::fmt::Write as _;
use std::path::Path;

use miette::Diagnostic;
use thiserror::Error;

use crate::escape::{markdown, markdown_code};
use crate::files;
use crate::learner::PolicySnapshot;
use crate::mdp::Action;
use crate::metrics::{EvaluationRecord, Record, Recorder};
use crate::training::run_folder::read_summary;
use crate::training::{RunFolderError, RunPolicy, Summary};

/// Format of an exported policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// A state file of the program: safetensors.
    Policy,
    /// ONNX.
    Onnx,
}

/// A model card cannot be written.
#[derive(Debug, Error, Diagnostic)]
pub enum ModelCardError {
    /// The run's records cannot be read.
    #[error("{} is damaged in line {line}: {reason}", Recorder::METRICS_FILE_NAME)]
    Records {
        /// Number of the line, from 1.
        line: usize,
        /// Reason.
        reason: String,
    },
    /// The run's records cannot be opened.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Read(#[from] files::ReadError),
    /// The run's summary cannot be read.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Summary(#[from] RunFolderError),
}

/// A model card of a run's policy.
#[derive(Clone, Copy, Debug)]
pub struct ModelCard<'a> {
    /// Folder of the run.
    pub run: &'a Path,
    /// The policy.
    pub policy: &'a RunPolicy,
    /// Its format.
    pub format: ExportFormat,
    /// Licence of the weights, by the name that hubs use: `mit`.
    pub license: &'a str,
}

impl ModelCard<'_> {
    /// The card as Markdown.
    ///
    /// # Errors
    /// The run's records or summary cannot be read.
    pub fn text(&self) -> Result<String, ModelCardError> {
        let results = self.results()?;
        let origin = &self.policy.origin;
        let measured_here = |summary: &Summary| summary.decisions == origin.decisions;
        let summary = read_summary(self.run)?.filter(measured_here);
        let mut text = self.front_matter(&results, summary.as_ref());
        self.write_body(&mut text, &results, summary.as_ref());
        Ok(text)
    }

    fn name(&self) -> String {
        self.run.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    fn only_season(&self) -> Option<&String> {
        self.policy.trained_on.as_ref()?.only_season.as_ref()
    }

    /// The latest evaluation in each season of the policy with these decisions.
    fn results(&self) -> Result<Vec<EvaluationRecord>, ModelCardError> {
        let text = files::read_text(&self.run.join(Recorder::METRICS_FILE_NAME))?;
        let mut results: Vec<EvaluationRecord> = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let record = serde_json::from_str(line).map_err(|error| ModelCardError::Records {
                line: number + 1,
                reason: error.to_string(),
            })?;
            let Record::Evaluation(record) = record else {
                continue;
            };
            let is_meant = self.only_season().is_none_or(|season| *season == record.season);
            if record.decisions == self.policy.origin.decisions && is_meant {
                results.retain(|earlier| earlier.season != record.season);
                results.push(record);
            }
        }
        Ok(results)
    }

    fn front_matter(&self, results: &[EvaluationRecord], summary: Option<&Summary>) -> String {
        let origin = &self.policy.origin;
        let library = match self.format {
            ExportFormat::Policy => "perennial",
            ExportFormat::Onnx => "onnx",
        };
        let mut text = format!(
            "---\nlicense: {}\nlibrary_name: {library}\npipeline_tag: reinforcement-learning\ntags:\n",
            yaml(self.license)
        );
        let tags = [
            "reinforcement-learning",
            "deep-reinforcement-learning",
            "continual-learning",
            "perennial",
        ];
        for tag in tags
            .into_iter()
            .chain([origin.algorithm.as_str(), origin.method.as_str(), origin.scenario.as_str()])
        {
            let _ = writeln!(text, "- {}", yaml(tag));
        }
        if results.is_empty() {
            // A list of results must not be empty.
            text.push_str("---\n");
            return text;
        }
        let _ = writeln!(text, "model-index:\n- name: {}\n  results:", yaml(&self.name()));
        for result in results {
            let metrics = [
                Some((
                    "mean_reward",
                    format!("mean return of {} episodes", result.episodes),
                    result.mean_return,
                )),
                result
                    .score
                    .map(|score| ("score", "score: random driver 0, gardener 1".to_owned(), score)),
            ];
            self.push_result(&mut text, &result.season, &metrics);
        }
        if let Some(summary) = summary.filter(|_| self.only_season().is_none()) {
            let metrics = [
                summary
                    .average_performance
                    .map(|value| ("average_performance", "mean score over the seasons".to_owned(), value)),
                summary
                    .forgetting
                    .map(|value| ("forgetting", "mean loss of score since a season's own end".to_owned(), value)),
            ];
            if metrics.iter().any(Option::is_some) {
                self.push_result(&mut text, "whole year", &metrics);
            }
        }
        text.push_str("---\n");
        text
    }

    fn push_result(&self, text: &mut String, of: &str, metrics: &[Option<(&str, String, f64)>]) {
        let name = yaml(&format!("{}, {of}", self.policy.origin.scenario));
        let _ = writeln!(
            text,
            "  - task:\n      type: reinforcement-learning\n      name: Reinforcement learning\n    dataset:\n      type: perennial\n      \
             name: {name}\n    metrics:"
        );
        for (kind, name, value) in metrics.iter().flatten() {
            let _ = writeln!(text, "    - type: {kind}\n      name: {}\n      value: {value}", yaml(name));
        }
    }

    fn write_body(&self, text: &mut String, results: &[EvaluationRecord], summary: Option<&Summary>) {
        let origin = &self.policy.origin;
        let season = self
            .only_season()
            .map_or_else(String::new, |season| format!(" for {}", markdown(season)));
        let _ = writeln!(
            text,
            "\n# {}\n\nA policy{season} of a watering robot in perennial, a 3D garden that changes its look with the seasons: it sees a row of \
             colours and distances, is not told the season, and earns reward for watering thirsty plants.\n",
            markdown(&self.name())
        );
        text.push_str("| | |\n|---|---|\n");
        let cell = |words: &str| markdown_code(words, true);
        for (what, value) in [
            ("scenario", cell(&origin.scenario)),
            ("method", cell(&origin.method)),
            ("algorithm", cell(&origin.algorithm)),
            ("seed", origin.seed.to_string()),
            ("decisions learned from", origin.decisions.to_string()),
            ("network", shape(&self.policy.networks()[0])),
            ("version of the program", cell(&origin.program_version)),
        ] {
            let _ = writeln!(text, "| {what} | {value} |");
        }
        text.push_str("\n## Results\n\n");
        if results.is_empty() {
            text.push_str("The run did not evaluate this policy.\n");
        } else {
            text.push_str("| season | mean return | score | episodes |\n|---|---|---|---|\n");
            for result in results {
                let score = result.score.map_or_else(|| "-".to_owned(), |score| format!("{score:.2}"));
                let season = markdown(&result.season);
                let _ = writeln!(
                    text,
                    "| {season} | {:.2} | {score} | {} |",
                    result.mean_return, result.episodes
                );
            }
            text.push_str(
                "\nA score of 0 is a driver that acts at random, 1 a scripted gardener who knows which plants are thirsty. Episodes are those of \
                 the probe gardens, in which nothing was learned. This is one run: figures of a method need several seeds.\n",
            );
        }
        if let Some(Summary {
            average_performance: Some(average),
            forgetting: Some(forgetting),
            ..
        }) = summary
        {
            let _ = writeln!(
                text,
                "\nOver the run: average performance {average:.2}, forgetting {forgetting:.2}."
            );
        }
        self.write_use(text);
    }

    fn write_use(&self, text: &mut String) {
        text.push_str("\n## Use\n\n");
        match self.format {
            ExportFormat::Onnx => text.push_str(
                "```python\nimport gymnasium, numpy, onnxruntime, perennial_rl\n\n\
                 session = onnxruntime.InferenceSession(\"policy.onnx\")  # the name of the file\n\
                 env = gymnasium.make(\"perennial/FourSeasons-v0\")        # of the run's scenario; observation=\"bytes\" if the model takes bytes\n\
                 observation, _ = env.reset(seed=0)\n\
                 (values,) = session.run([\"values\"], {\"observation\": observation[numpy.newaxis]})\n\
                 action = int(values.argmax())\n```\n\n\
                 The model's metadata name each channel of an observation with its range.\n",
            ),
            ExportFormat::Policy => text.push_str(
                "```sh\nperennial watch --policy FILE\nperennial train --initialize-from FILE\n```\n\nor in Python\n\n\
                 ```python\npolicy = perennial_rl.Policy(\"FILE\", perennial_rl.Scenario(\"four_seasons\"))\n\
                 actions = policy.actions(observations)   # bytes, [rows, channels]\n```\n",
            ),
        }
        let actions = Action::ALL.map(Action::name).join(", ");
        let _ = writeln!(
            text,
            "\nActions, by number from 0: {actions}.\n\n## Limits\n\nA policy knows the garden that it learned in. In other scenarios, with other \
             plants or colours, it may water what needs no water; `perennial evaluate RUN --scenario NAME` measures it."
        );
    }
}

/// Sizes of the layers.
fn shape(network: &PolicySnapshot) -> String {
    let shape = &network.shape;
    let widths = [shape.inputs]
        .into_iter()
        .chain(shape.hidden.iter().copied())
        .chain([shape.outputs]);
    let widths: Vec<String> = widths.map(|width| width.to_string()).collect();
    let normalised = if shape.layer_norm { ", hidden layers normalised" } else { "" };
    let contexts = match network.contexts.0.len() {
        0 => String::new(),
        count => format!(", {count} contexts"),
    };
    format!("{}{normalised}{contexts}", widths.join(" - "))
}

/// A word as a scalar of YAML: in quotes, as JSON has it, unless it is plain.
fn yaml(word: &str) -> String {
    let is_plain = word.starts_with(|letter: char| letter.is_ascii_lowercase())
        && word
            .chars()
            .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-_.".contains(letter))
        && !["null", "true", "false", "yes", "no", "on", "off", "y", "n"].contains(&word);
    if is_plain {
        word.to_owned()
    } else {
        serde_json::Value::from(word).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::yaml;

    #[test]
    fn words_are_quoted_where_yaml_would_read_something_else() {
        for plain in ["mit", "apache-2.0", "replay_boundary_free"] {
            assert_eq!(yaml(plain), plain);
        }
        for (word, quoted) in [
            ("no", "\"no\""),
            ("3", "\"3\""),
            ("four seasons", "\"four seasons\""),
            ("a: \"b\"\n- c", "\"a: \\\"b\\\"\\n- c\""),
            ("", "\"\""),
        ] {
            assert_eq!(yaml(word), quoted);
        }
    }
}

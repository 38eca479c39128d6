//! `export`: writes the policy of a run to a file.

use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum, ValueHint};
use miette::IntoDiagnostic;
use perennial::escape;
use perennial::report::{ExportFormat, ModelCard};
use perennial::training::run_folder::find_run;
use perennial::training::{OnnxError, OnnxInput, policy_of_run_at, read_run_config};

use super::Answer;
use super::arguments::ResultsDir;
use super::engine;
use super::output::Destination;

/// Write the policy of a run to a file
///
/// The file contains the policy as it is evaluated (one policy per season, if the method is told the season), its origin, and the
/// properties of the scenario that it depends on. `perennial watch --policy FILE` and `perennial train --initialize-from FILE` begin
/// with it. It is a safetensors file; with `--format onnx` it is an ONNX model instead, for the runtimes of other languages: input
/// `observation` [batch, numbers], output `values` [batch, actions], and in its metadata the names and ranges of the numbers.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    perennial export four_seasons-replay_boundary_free+l2_init-seed0 --out year.policy\n  \
    perennial export my_run --at-decision 60000 --out spring.policy\n  \
    perennial export four_seasons-packnet-seed0 --season winter --out winter.policy\n  \
    perennial export my_run --format onnx --out year.onnx --card README.md")]
pub(crate) struct Export {
    /// Run: its name or folder.
    #[arg(value_name = "RUN", value_hint = ValueHint::DirPath)]
    run: String,
    /// File to write; an existing one is replaced. `-` is the standard output.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: PathBuf,
    /// Format of the file: the program's own, or an ONNX model.
    #[arg(long, value_name = "policy|onnx", hide_possible_values = true, default_value = "policy")]
    format: Format,
    /// Observations that an ONNX model takes: numbers in their units, or the bytes of the sensors, which it decodes itself. The names are
    /// those of the Python package.
    #[arg(long, value_name = "box|bytes", hide_possible_values = true, default_value = "box")]
    observation: Observation,
    /// Export the policy after this number of decisions, if that checkpoint is kept (as at the end of each season).
    #[arg(long, value_name = "N")]
    at_decision: Option<u64>,
    /// Export only the policy for this season, if the method has one per season.
    #[arg(long, value_name = "NAME")]
    season: Option<String>,
    /// Also write a model card: Markdown with the front matter that model hubs read, and the run's own results.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    card: Option<PathBuf>,
    /// Licence of the weights, for the model card, as model hubs name it.
    #[arg(long, value_name = "LICENSE", default_value = "mit", requires = "card")]
    license: String,
    #[command(flatten)]
    results: ResultsDir,
}

/// Value of `--format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Format(ExportFormat);

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self(ExportFormat::Policy), Self(ExportFormat::Onnx)]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(match self.0 {
            ExportFormat::Policy => "policy",
            ExportFormat::Onnx => "onnx",
        }))
    }
}

/// Value of `--observation`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Observation(OnnxInput);

impl ValueEnum for Observation {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self(OnnxInput::Numbers), Self(OnnxInput::Bytes)]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(match self.0 {
            OnnxInput::Numbers => "box",
            OnnxInput::Bytes => "bytes",
        }))
    }
}

impl Export {
    /// Writes the file, and the card if one is asked for.
    pub(crate) fn run(&self) -> miette::Result<Answer> {
        let out = Destination::of(&self.out);
        out.check_for_bytes()?;
        let card = self.card.as_deref().map(Destination::of);
        self.check_together(&out, card.as_ref())?;
        if let Some(card) = &card {
            card.check()?;
        }
        let run = find_run(&self.results.results_dir, &self.run)?;
        let scenario = read_run_config(&run)?.scenario;
        let mut policy = policy_of_run_at(&run, self.at_decision)?;
        if let Some(name) = &self.season {
            policy = policy.only(engine::season_number(&scenario, name)?);
        }
        let bytes = match self.format.0 {
            ExportFormat::Policy => policy.to_bytes().into_diagnostic()?,
            ExportFormat::Onnx => {
                let model = policy.to_onnx(&scenario, None, self.observation.0);
                model.map_err(|error| match error {
                    OnnxError::BySeason { seasons } => miette::miette!(
                        help = format!("export one of them with `--season NAME`: its seasons are {}", shown(&seasons)),
                        "run `{}` has a policy for each of {} seasons, and an ONNX model holds one",
                        escape::terminal(&self.run),
                        seasons.len()
                    ),
                    OnnxError::Misfit(misfit) => misfit.into(),
                })?
            }
        };
        let text = match &card {
            Some(_) => ModelCard {
                run: &run,
                policy: &policy,
                format: self.format.0,
                license: &self.license,
            }
            .text()?,
            None => String::new(),
        };
        out.write(&bytes)?;
        if let Some(card) = &card {
            card.write(text.as_bytes())?;
        }
        let origin = &policy.origin;
        let which = match (
            policy.is_by_season(),
            policy.trained_on.as_ref().and_then(|on| on.only_season.as_ref()),
        ) {
            (true, _) => "a policy for each season".to_owned(),
            (false, Some(season)) => format!("the policy for {}", escape::terminal(season)),
            (false, None) => "the policy".to_owned(),
        };
        out.tell(&format!(
            "{}: {which} of {} by {} ({}), seed {}, after {} decisions",
            out,
            escape::terminal(&origin.scenario),
            origin.method,
            origin.algorithm,
            origin.seed,
            origin.decisions
        ))?;
        Ok(Answer::Yes)
    }

    /// Checks options that contradict each other.
    fn check_together(&self, out: &Destination, card: Option<&Destination>) -> miette::Result<()> {
        if self.observation.0 == OnnxInput::Bytes && self.format.0 == ExportFormat::Policy {
            miette::bail!(
                help = "add `--format onnx`, or leave `--observation` out: a policy of the program always takes bytes",
                "`--observation bytes` is for ONNX models"
            );
        }
        if card == Some(out) {
            miette::bail!(
                help = "name another file for the card",
                "the policy and its card cannot both be written to {out}"
            );
        }
        Ok(())
    }
}

/// Names in a list for people.
fn shown(names: &[String]) -> String {
    names.iter().map(|name| escape::terminal(name)).collect::<Vec<_>>().join(", ")
}

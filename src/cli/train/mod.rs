//! `train`: trains a policy for one or more years, or resumes a run.

mod same_command;

use clap::{Args, ValueHint};
use miette::IntoDiagnostic;
use perennial::learner::PolicySnapshot;
use perennial::scenario::DEFAULT_SCENARIO;
use perennial::training::budget::Budget;
use perennial::training::run_folder::{default_run_id, is_half_begun};
use perennial::training::{
    DEFAULT_METHOD, Execution, Existing, Outcome, RunConfig, RunFolder, RunFolderError, Summary, Training, read_run_config,
};

use super::arguments::{self, ResultsDir};
use super::engine::{self, RunRequest};
use super::output::{is_coloured, note, print, quoted};
use super::progress::Progress;
use super::{Answer, interrupt, table};

const DEFAULT_ALGORITHM: &str = "dqn";
const DEFAULT_GARDENS: u64 = 16;
const DEFAULT_DECISIONS_PER_SEASON: u64 = 60_000;
const DEFAULT_YEARS: u64 = 1;

/// Train a policy through the seasons of a year
///
/// A policy network learns to water the garden, season after season, while the look of the garden changes. After each season it is
/// evaluated in all of them, and at the end a table shows its scores and how much it forgot. A run writes its configuration, metrics
/// (also for TensorBoard), checkpoints and summary to a folder of its own.
///
/// A run that was stopped or killed continues with `--resume`, and ends exactly as if it had never been interrupted. The flags that
/// began the run may be repeated; different ones are refused. The same seed gives the same run.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    perennial train\n  \
    perennial train --method finetune --seed 3\n  \
    perennial train --scenario my_garden.toml --years 2 --run-id two-years\n  \
    perennial train --set learner.discount=0.95\n  \
    perennial train --budget past=64KB,weights=200KB,multiply-adds=50000\n  \
    perennial train --resume --run-id two-years\n\n\
    Ctrl-C, SIGTERM and SIGHUP complete the tick, write a checkpoint and print the command that resumes the run (exit code 130, 143 \
    or 129). A second signal, at least a second later, ends the program at once.")]
pub(crate) struct Train {
    /// Scenario: a file, or the name of a shipped one (`perennial scenarios` lists them).
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Training")]
    scenario: Option<String>,
    /// Continual-learning method.
    #[arg(long, value_parser = arguments::method, long_help = arguments::method_help(), help_heading = "Training")]
    method: Option<String>,
    /// Reinforcement-learning algorithm.
    #[arg(long, value_parser = arguments::algorithms(), help_heading = "Training")]
    algorithm: Option<String>,
    /// Random seed: the same seed gives the same run.
    #[arg(long, value_name = "N", value_parser = arguments::seed, help_heading = "Training")]
    seed: Option<u64>,
    /// Number of gardens simulated side by side [default: 16].
    #[arg(long, value_name = "N", value_parser = arguments::gardens, help_heading = "Budget")]
    gardens: Option<u64>,
    /// Decisions per season, over all gardens [default: 60000].
    #[arg(long, value_name = "N", value_parser = arguments::decisions, help_heading = "Budget")]
    decisions_per_season: Option<u64>,
    /// Number of years, one after the other [default: 1].
    #[arg(long, value_name = "N", value_parser = arguments::years, help_heading = "Budget")]
    years: Option<u64>,
    /// Limits of a device: `past=64KB,weights=200KB,multiply-adds=50000` (each may be left out). Without --method, the best method under them is
    /// chosen; a run that would need more is refused.
    #[arg(long, value_name = "LIMITS", help_heading = "Budget")]
    budget: Option<Budget>,
    /// Name of the run; made from scenario, method and seed if not given.
    #[arg(long, value_name = "ID", help_heading = "Folders")]
    run_id: Option<String>,
    #[command(flatten)]
    results: ResultsDir,
    /// Resume a run from its newest good checkpoint; flags that contradict its configuration are refused.
    #[arg(long, conflicts_with = "force", help_heading = "Folders")]
    resume: bool,
    /// Replace the run of this name.
    #[arg(long, help_heading = "Folders")]
    force: bool,
    /// Begin with the policy of this run (its name or folder), or of a file written by `perennial export`.
    #[arg(long, value_name = "RUN|FILE", help_heading = "Training")]
    initialize_from: Option<String>,
    /// Change any setting, for example `learner.discount=0.95`; may be repeated.
    #[arg(long, value_name = "PATH=VALUE", help_heading = "Training")]
    set: Vec<String>,
    /// Number of threads: with 1, learner and gardens take turns. The result is the same, bit for bit.
    #[arg(long, value_name = "N", default_value = "2", value_parser = arguments::threads, help_heading = "Budget")]
    threads: u64,
    /// Hide the progress; errors and the result are still shown.
    #[arg(long, short)]
    quiet: bool,
}

impl Train {
    /// Trains to the end, or until stopped.
    pub(crate) fn run(&self) -> miette::Result<Answer> {
        let stop = interrupt::flag();
        let execution = Execution {
            overlapped: self.threads > 1,
        };
        let (mut training, run_id) = match self.folder_to_resume()? {
            Some((run_id, folder)) => {
                same_command::refuse_contradictions(self, &run_id, &read_run_config(folder.path())?)?;
                if let Some(summary) = folder.summary()? {
                    note(&format!("the run `{run_id}` has already finished"));
                    return show(&summary);
                }
                let training = Training::resume(folder, execution)?;
                same_command::refuse_another_beginning(self, &run_id, &training)?;
                (training, run_id)
            }
            None => {
                let (config, folder, initial_policy) = self.begin()?;
                let run_id = folder.id();
                (Training::start(config, folder, initial_policy.as_ref(), execution)?, run_id)
            }
        };
        let mut progress = Progress::new(self.quiet);
        let outcome = training.run(&mut progress, stop);
        progress.finish();
        match outcome? {
            Outcome::Finished(summary) => show(&summary),
            Outcome::Stopped { checkpoint, .. } => {
                note(&format!(
                    "stopped at {}; to go on:\n  {}",
                    checkpoint.display(),
                    self.command_to_resume(&run_id)
                ));
                Ok(Answer::Interrupted)
            }
        }
    }

    /// Resolves and checks everything first, and only then makes the folder.
    fn begin(&self) -> miette::Result<(RunConfig, RunFolder, Option<PolicySnapshot>)> {
        let results_dir = &self.results.results_dir;
        let mut config = engine::resolve(&self.request())?;
        let initial_policy = self.initial_policy(&config)?;
        config.initial_policy = initial_policy.as_ref().map(PolicySnapshot::hash);
        Training::check(&config, initial_policy.as_ref())?;
        let existing = if self.force { Existing::Replace } else { Existing::Refuse };
        let text = config.to_toml().into_diagnostic()?;
        let folder = match &self.run_id {
            Some(id) => RunFolder::reserve(results_dir, id, existing)?,
            None if self.force || self.resume => RunFolder::reserve(results_dir, &default_id(&config), existing)?,
            None => RunFolder::reserve_unique(results_dir, &default_id(&config))?,
        };
        // The configuration names the policy that a run begins with but does not hold it: such a run begins with its first checkpoint.
        if initial_policy.is_none()
            && let Err(error) = folder.write_config(&text)
        {
            folder.discard();
            return Err(error.into());
        }
        Ok((config, folder, initial_policy))
    }

    /// The policy to begin with, if one is asked for.
    fn initial_policy(&self, config: &RunConfig) -> miette::Result<Option<PolicySnapshot>> {
        let asked = self.initialize_from.as_deref();
        asked
            .map(|asked| engine::initial_policy(&self.results.results_dir, asked, config))
            .transpose()
    }

    fn request(&self) -> RunRequest<'_> {
        RunRequest {
            scenario: self.scenario.as_deref().unwrap_or(DEFAULT_SCENARIO),
            method: self.method.as_deref().unwrap_or(DEFAULT_METHOD),
            algorithm: self.algorithm.as_deref().unwrap_or(DEFAULT_ALGORITHM),
            seed: self.seed.unwrap_or(0),
            gardens: self.gardens.unwrap_or(DEFAULT_GARDENS),
            decisions_per_season: self.decisions_per_season.unwrap_or(DEFAULT_DECISIONS_PER_SEASON),
            years: self.years.unwrap_or(DEFAULT_YEARS),
            set: &self.set,
            budget: self.budget,
            is_method_named: self.method.is_some(),
        }
    }

    /// The run to go on with; none if one is to begin: nobody asked to resume, or the run was killed before it had begun.
    fn folder_to_resume(&self) -> miette::Result<Option<(String, RunFolder)>> {
        if !self.resume {
            return Ok(None);
        }
        let results_dir = &self.results.results_dir;
        let run_id = self.id_to_resume()?;
        match RunFolder::resume(results_dir, &run_id) {
            Ok(folder) => Ok(Some((run_id, folder))),
            Err(RunFolderError::NoSuchRun { .. }) if is_half_begun(results_dir, &run_id) => {
                note(&format!(
                    "the run `{run_id}` was stopped before it had begun: it begins now, as this command describes it"
                ));
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Returns the run to resume: the named one, or the one that this command would have begun.
    fn id_to_resume(&self) -> miette::Result<String> {
        match &self.run_id {
            Some(id) => Ok(id.clone()),
            None => Ok(default_id(&engine::resolve_settings(&self.request())?)),
        }
    }

    /// The command that goes on with this run, to be pasted into a shell.
    fn command_to_resume(&self, run_id: &str) -> String {
        let mut words = vec!["perennial", "train", "--resume", "--run-id", run_id]
            .into_iter()
            .map(quoted)
            .collect::<Vec<_>>();
        let results_dir = self.results.results_dir.to_string_lossy();
        if results_dir != perennial::training::run_folder::DEFAULT_RESULTS_DIR {
            words.extend(["--results-dir".to_owned(), quoted(&results_dir)]);
        }
        words.join(" ")
    }
}

/// The name of a run; its algorithm is told where it is not the usual one.
fn default_id(config: &RunConfig) -> String {
    let algorithm = (config.algorithm != DEFAULT_ALGORITHM).then_some(config.algorithm.as_str());
    default_run_id(&config.scenario.name, &config.method, algorithm, config.seed)
}

/// Shows the result of a finished run.
fn show(summary: &Summary) -> miette::Result<Answer> {
    print(&table::summary(summary, is_coloured()))?;
    Ok(Answer::Yes)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Alone {
        #[command(flatten)]
        train: Train,
    }

    fn parse(arguments: &str) -> Result<Train, clap::Error> {
        Alone::try_parse_from(std::iter::once("train").chain(arguments.split_whitespace())).map(|alone| alone.train)
    }

    #[test]
    fn without_arguments_it_is_the_default_year() {
        let train = parse("").unwrap();
        let request = train.request();
        assert_eq!(
            (request.gardens, request.decisions_per_season, request.years),
            (16, 60_000, 1)
        );
        assert_eq!(
            train.id_to_resume().unwrap(),
            "four_seasons-replay_boundary_free+l2_init-seed0"
        );
    }

    #[test]
    fn what_contradicts_itself_or_is_not_known_is_refused() {
        for wrong in ["--resume --force", "--method repaly", "--gardens 0", "--algorithm q"] {
            assert_eq!(parse(wrong).map(|_| ()).unwrap_err().exit_code(), 2, "{wrong}");
        }
    }

    #[test]
    fn a_run_without_a_name_is_found_by_what_began_it() {
        let id = |arguments: &str| parse(arguments).unwrap().id_to_resume().unwrap();
        assert_eq!(id("--resume --run-id mine --method finetune"), "mine");
        assert_eq!(
            id("--resume --scenario gradual_year --method finetune --set seed=4"),
            "gradual_year-finetune-seed4"
        );
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("garden.toml");
        std::fs::write(&file, "name = \"my place\"\nseasons = [\"seasons/spring.toml\"]\n").unwrap();
        let scenario = format!("--resume --scenario {}", file.display());
        assert_eq!(
            id(&scenario),
            "my_place-replay_boundary_free+l2_init-seed0",
            "by its name, not by its file"
        );
    }

    #[test]
    fn flags_of_the_run_are_accepted_and_others_are_named_with_both_values() {
        let begun = parse("--seed 3 --method ewc --set learner.discount=0.5 --set years=2").unwrap();
        let run = engine::resolve(&begun.request()).unwrap();
        let refusal = |arguments: &str| {
            same_command::refuse_contradictions(&parse(arguments).unwrap(), "mine", &run)
                .err()
                .map(|error| error.to_string())
        };
        for same in [
            "",
            "--seed 3 --method ewc --set learner.discount=0.5 --set years=2 --scenario four_seasons",
            "--years 2",
        ] {
            assert_eq!(refusal(same), None, "{same}");
        }
        let text = refusal("--seed 9 --method replay --set learner.discount=0.75 --scenario gradual_year").unwrap();
        for line in [
            "--seed is 9 here and 3 in the run",
            "--method is replay here and ewc in the run",
            "learner.discount is 0.75 here and 0.5 in the run",
            "scenario.name is gradual year here and four seasons in the run",
        ] {
            assert!(text.contains(line), "{line}: {text}");
        }
    }

    #[test]
    fn the_command_that_resumes_can_be_pasted() {
        let train = parse("--run-id mine").unwrap();
        assert_eq!(train.command_to_resume("mine"), "perennial train --resume --run-id mine");
        let mut train = parse("--run-id mine").unwrap();
        train.results.results_dir = "my runs/it's".into();
        assert_eq!(
            train.command_to_resume("mine"),
            "perennial train --resume --run-id mine --results-dir 'my runs/it'\\''s'"
        );
    }
}

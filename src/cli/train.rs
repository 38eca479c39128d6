//! `train`: a robot learns through a year, or goes on with one.

use clap::{Args, ValueHint};
use miette::IntoDiagnostic;
use perennial::learner::PolicySnapshot;
use perennial::scenario::DEFAULT_SCENARIO;
use perennial::training::run_folder::{default_run_id, find_run};
use perennial::training::{Execution, Existing, Outcome, RunConfig, RunFolder, Summary, Training};

use super::arguments::{self, ResultsDir};
use super::engine::{self, RunRequest};
use super::output::{is_coloured, note, print, quoted};
use super::progress::Progress;
use super::{Answer, interrupt, table};

const DEFAULT_METHOD: &str = "replay";
const DEFAULT_ALGORITHM: &str = "dqn";

/// Let a robot learn through the seasons of a year
///
/// A policy network learns to water the garden, season after season, while the look of the garden changes. After each season it is
/// evaluated in all of them; at the end a table says how well it does in each, and what it forgot. Everything a run leaves behind
/// lies in a folder of its own: configuration, metrics (also for TensorBoard), checkpoints, summary.
///
/// A run that was stopped or killed goes on with `--resume`, and ends exactly as if nothing had happened. The same seed gives the
/// same run.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    perennial train\n  \
    perennial train --method finetune --seed 3\n  \
    perennial train --scenario my_garden.toml --years 2 --run-id two-years\n  \
    perennial train --set learner.discount=0.95\n  \
    perennial train --resume --run-id two-years\n\n\
    Ctrl-C ends the tick, writes a checkpoint and prints the command that resumes (exit code 130); a second one leaves at once.")]
pub(crate) struct Train {
    /// What the garden is like: a file, or the name of a shipped scenario (`perennial scenarios` lists them).
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "What to learn")]
    scenario: Option<String>,
    /// What is done against forgetting.
    #[arg(long, value_parser = arguments::method, long_help = arguments::method_help(), help_heading = "What to learn")]
    method: Option<String>,
    /// How the policy network is improved.
    #[arg(long, value_parser = arguments::algorithms(), help_heading = "What to learn")]
    algorithm: Option<String>,
    /// Where all chance comes from: the same seed gives the same run.
    #[arg(long, value_name = "N", value_parser = arguments::seed, help_heading = "What to learn")]
    seed: Option<u64>,
    /// How many gardens live side by side.
    #[arg(long, value_name = "N", default_value = "16", value_parser = arguments::gardens, help_heading = "How much")]
    gardens: u64,
    /// How many decisions a season has, over all gardens.
    #[arg(long, value_name = "N", default_value = "60000", value_parser = arguments::decisions, help_heading = "How much")]
    decisions_per_season: u64,
    /// How many years are learned, one after the other.
    #[arg(long, value_name = "N", default_value = "1", value_parser = arguments::years, help_heading = "How much")]
    years: u64,
    /// What the run is called; made from scenario, method and seed if not given.
    #[arg(long, value_name = "ID", help_heading = "Where")]
    run_id: Option<String>,
    #[command(flatten)]
    results: ResultsDir,
    /// Go on with a run from its newest good checkpoint.
    #[arg(
        long,
        conflicts_with_all = ["force", "gardens", "decisions_per_season", "years", "initialize_from", "set"],
        help_heading = "Where"
    )]
    resume: bool,
    /// Replace a run of this name.
    #[arg(long, help_heading = "Where")]
    force: bool,
    /// Begin with the networks of this run: its name, or its folder.
    #[arg(long, value_name = "RUN", help_heading = "What to learn")]
    initialize_from: Option<String>,
    /// Change any setting, for instance `learner.discount=0.95`; may be given several times.
    #[arg(long, value_name = "PATH=VALUE", help_heading = "What to learn")]
    set: Vec<String>,
    /// On how many threads: with one, learner and gardens take turns. The result is the same, bit for bit.
    #[arg(long, value_name = "N", default_value = "2", value_parser = arguments::threads, help_heading = "How much")]
    threads: u64,
    /// Show no progress; errors and the result are still shown.
    #[arg(long, short)]
    quiet: bool,
}

impl Train {
    /// Trains to the end, or until stopped.
    pub(crate) fn run(&self) -> miette::Result<Answer> {
        let stop = interrupt::flag()?;
        let execution = Execution {
            overlapped: self.threads > 1,
        };
        let (mut training, run_id) = if self.resume {
            let run_id = self.id_to_resume()?;
            let folder = RunFolder::resume(&self.results.results_dir, &run_id)?;
            if let Some(summary) = folder.summary()? {
                note(&format!("the run `{run_id}` has come to its end already"));
                return show(&summary);
            }
            (Training::resume(folder, execution)?, run_id)
        } else {
            let (config, folder, initial_policy) = self.begin()?;
            let run_id = folder.id();
            (Training::start(config, folder, initial_policy.as_ref(), execution)?, run_id)
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

    /// Resolves everything first, and only then makes the folder.
    fn begin(&self) -> miette::Result<(RunConfig, RunFolder, Option<PolicySnapshot>)> {
        let results_dir = &self.results.results_dir;
        let initialize_from = self
            .initialize_from
            .as_deref()
            .map(|run| engine::policy(&find_run(results_dir, run)?))
            .transpose()?;
        let mut config = engine::resolve(&RunRequest {
            scenario: self.scenario.as_deref().unwrap_or(DEFAULT_SCENARIO),
            method: self.method.as_deref().unwrap_or(DEFAULT_METHOD),
            algorithm: self.algorithm.as_deref().unwrap_or(DEFAULT_ALGORITHM),
            seed: self.seed.unwrap_or(0),
            gardens: self.gardens,
            decisions_per_season: self.decisions_per_season,
            years: self.years,
            set: &self.set,
        })?;
        config.initial_policy = initialize_from.as_ref().map(PolicySnapshot::hash);
        let existing = if self.force { Existing::Replace } else { Existing::Refuse };
        let text = config.to_toml().into_diagnostic()?;
        let default_id = default_id(&config.scenario.name, &config.method, &config.algorithm, config.seed);
        let folder = match &self.run_id {
            Some(id) => RunFolder::create(results_dir, id, existing, &text)?,
            None if self.force => RunFolder::create(results_dir, &default_id, existing, &text)?,
            None => RunFolder::create_unique(results_dir, &default_id, &text)?,
        };
        Ok((config, folder, initialize_from))
    }

    /// Which run to go on with: the one that is named, or the one that these arguments would have begun.
    fn id_to_resume(&self) -> miette::Result<String> {
        let describes = self.scenario.is_some() || self.method.is_some() || self.algorithm.is_some() || self.seed.is_some();
        match &self.run_id {
            Some(_) if describes => Err(miette::miette!(
                help = "leave out --scenario, --method, --algorithm and --seed",
                "a run that is resumed goes on with its own settings"
            )),
            Some(id) => Ok(id.clone()),
            None => {
                let scenario = self.scenario.as_deref().unwrap_or(DEFAULT_SCENARIO);
                let scenario = std::path::Path::new(scenario)
                    .file_stem()
                    .unwrap_or_default()
                    .to_string_lossy();
                let method = self.method.as_deref().unwrap_or(DEFAULT_METHOD);
                let algorithm = self.algorithm.as_deref().unwrap_or(DEFAULT_ALGORITHM);
                Ok(default_id(&scenario, method, algorithm, self.seed.unwrap_or(0)))
            }
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
fn default_id(scenario: &str, method: &str, algorithm: &str, seed: u64) -> String {
    default_run_id(scenario, method, (algorithm != DEFAULT_ALGORITHM).then_some(algorithm), seed)
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
        assert_eq!((train.gardens, train.decisions_per_season, train.years), (16, 60_000, 1));
        assert_eq!(train.id_to_resume().unwrap(), "four_seasons-replay-seed0");
    }

    #[test]
    fn what_contradicts_itself_or_is_not_known_is_refused() {
        for wrong in [
            "--resume --force",
            "--resume --years 2",
            "--resume --set a=1",
            "--method repaly",
            "--gardens 0",
            "--algorithm q",
        ] {
            assert_eq!(parse(wrong).map(|_| ()).unwrap_err().exit_code(), 2, "{wrong}");
        }
    }

    #[test]
    fn a_resumed_run_keeps_its_own_settings() {
        assert!(
            parse("--resume --run-id mine --method finetune")
                .unwrap()
                .id_to_resume()
                .is_err()
        );
        assert_eq!(parse("--resume --run-id mine").unwrap().id_to_resume().unwrap(), "mine");
        assert_eq!(
            parse("--resume --scenario dir/gradual_year.toml --method finetune --seed 4")
                .unwrap()
                .id_to_resume()
                .unwrap(),
            "gradual_year-finetune-seed4"
        );
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

//! `compare`: methods x seeds x scenarios in parallel, and the search for the strengths of methods.

mod families;
mod progress;
mod table;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use clap::{ArgGroup, Args, ValueHint};
use perennial::comparison::tuning::{self, FIRST_TUNING_SEED, TRIALS, TRIALS_FOLDER, TUNED_FILE_NAME, TrialSet, Tuned};
use perennial::comparison::{
    Carrying, CommandRecord, ComparisonError, ComparisonPlan, ComparisonRecord, MethodChoice, PRESETS, Preset, PresetPart,
    Question, RECORD_FILE_NAME, Resolve, RunEnd, Variant, execute_plan, results,
};
use perennial::escape::{self, shell_os};
use perennial::files;
use perennial::scenario::{DEFAULT_SCENARIO, ScenarioDocument, shipped_names};
use perennial::training::RunConfig;

use super::engine::{self, RunRequest};
use super::output::{note, print};
use super::{Answer, arguments, interrupt};
use families::FamilyScenario;
pub(super) use progress::Board;

const DEFAULT_ALGORITHM: &str = "dqn";
const DEFAULT_SEEDS: u64 = 5;
const DEFAULT_TUNING_SEEDS: u64 = 5;
const DEFAULT_DECISIONS_PER_SEASON: u64 = 60_000;

/// Compare methods with the same seeds, in parallel on all cores
///
/// Runs every method in every scenario with every seed, each exactly as `train` would, and ends with a table of results and costs.
/// Seeds are paired: runs with the same seed have the same gardens. Finished runs are kept, so the same command continues after a
/// kill. A run that fails does not affect the others.
///
/// `--tune` searches strengths instead: the same number of whole runs for each method, with seeds that results never use. All trials run
/// with two seeds; of each method the first values and the best two others with all of them.
#[derive(Args, Debug)]
#[command(
    group(ArgGroup::new("what").args(["preset", "methods"]).required(true)),
    after_help = "Examples:\n  \
    perennial compare --preset quick --results-dir results/quick\n  \
    perennial compare --methods finetune,replay,replay+ewc --seeds 10 --results-dir results/mine\n  \
    perennial compare --tune --preset paper --results-dir results/tuning\n  \
    perennial compare --preset paper --tuned results/tuning/tuning.toml --results-dir results/paper\n  \
    perennial compare --preset paper --results-dir results/paper --plan\n  \
    perennial compare --preset paper --results-dir results/paper --index 17\n\n\
    Ctrl-C and SIGTERM complete the ticks, write a checkpoint of each run and print the command that continues (exit code 130 or \
    143). The exit code is 2 if a run failed. Several processes may work on one comparison at the same time."
)]
pub(crate) struct Compare {
    /// Named comparison to run.
    #[arg(long, value_name = "NAME", value_parser = presets(), help_heading = "Comparison")]
    preset: Option<String>,
    /// Methods, separated by commas.
    #[arg(
        long,
        value_name = "A,B,..",
        value_delimiter = ',',
        value_parser = arguments::method,
        long_help = arguments::method_help(),
        help_heading = "Comparison"
    )]
    methods: Vec<String>,
    /// Reinforcement-learning algorithm [default: the preset's, or dqn].
    #[arg(long, value_parser = arguments::algorithms(), help_heading = "Comparison")]
    algorithm: Option<String>,
    /// Scenarios: files, folders of them, or names of shipped ones [default: the preset's, or four_seasons].
    #[arg(long, value_name = "FILE", num_args = 1.., value_hint = ValueHint::FilePath, help_heading = "Comparison")]
    scenario: Vec<String>,
    /// Number of seeds, counted from 0, the same for each method [default: the preset's, or 5; with --tune 5].
    #[arg(long, value_name = "N", value_parser = arguments::seeds, help_heading = "Budget")]
    seeds: Option<u64>,
    /// Number of gardens simulated side by side in each run.
    #[arg(long, value_name = "N", default_value = "16", value_parser = arguments::gardens, help_heading = "Budget")]
    gardens: u64,
    /// Decisions per season, over all gardens [default: the preset's, or 60000].
    #[arg(long, value_name = "N", value_parser = arguments::decisions, help_heading = "Budget")]
    decisions_per_season: Option<u64>,
    /// Number of years, one after the other [default: the preset's, or 1].
    #[arg(long, value_name = "N", value_parser = arguments::years, help_heading = "Budget")]
    years: Option<u64>,
    /// Change any setting of every run, for example `learner.discount=0.95`; may be repeated.
    #[arg(long, value_name = "PATH=VALUE", help_heading = "Comparison")]
    set: Vec<String>,
    /// Search strengths instead of comparing, and write them to `tuning.toml` in the results folder.
    #[arg(long, conflicts_with = "tuned", help_heading = "Tuning")]
    tune: bool,
    /// Apply the strengths that `--tune` wrote to this file; `--set` takes precedence.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Tuning")]
    tuned: Option<PathBuf>,
    /// Folder of the comparison. It contains one folder per scenario, with one folder per run, and in `scenarios` the files of families.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = "Folders")]
    results_dir: PathBuf,
    /// Replace runs of other configurations and runs that cannot be resumed; finished runs of this comparison are kept.
    #[arg(long, help_heading = "Folders")]
    force: bool,
    /// Number of runs in progress at once [default: one per core].
    #[arg(long, value_name = "N", value_parser = arguments::threads, help_heading = "Budget")]
    jobs: Option<u64>,
    /// Run nothing: list which index is which run, and its state.
    #[arg(long, conflicts_with_all = ["index", "tune", "force"], help_heading = "Many machines")]
    plan: bool,
    /// Run only the run with this index, counted from 0, as `--plan` lists them, on one core. A finished run is left alone, one that was begun is
    /// resumed.
    #[arg(long, value_name = "I", conflicts_with = "tune", help_heading = "Many machines")]
    index: Option<usize>,
    /// Hide the progress; errors and the result are still shown.
    #[arg(long, short)]
    quiet: bool,
}

impl Compare {
    /// Runs what is not finished yet, and shows what came out.
    pub(crate) fn run(&self) -> miette::Result<Answer> {
        // Everything is planned, checked and held against what lies there before anything is written.
        let made = self.family_scenarios()?;
        let plan = self.planned(&made)?;
        if self.plan {
            print(&table::plan(&plan, &self.results_dir))?;
            return Ok(Answer::Yes);
        }
        // Only from here on there is something to keep: until now a request to stop ends the program, also where it waits for a pipe.
        let stop = interrupt::flag();
        if let Some(index) = self.index {
            return self.run_one(&plan, &made, index, stop);
        }
        let Some(ends) = self.execute(&plan, &made, stop)? else {
            return Ok(Answer::Interrupted);
        };
        if !self.tune {
            return self.show(&plan, &ends);
        }
        // The second round depends on what the first one found.
        let plan = self.plan_finals(&made, &tuning::finalists(&plan, &ends))?;
        match self.execute(&plan, &made, stop)? {
            Some(ends) => self.show(&plan, &ends),
            None => Ok(Answer::Interrupted),
        }
    }

    /// Runs one run of the plan, and says what became of it.
    fn run_one(&self, plan: &ComparisonPlan, made: &[FamilyScenario], index: usize, stop: &AtomicBool) -> miette::Result<Answer> {
        let Some(run) = plan.runs.get(index) else {
            miette::bail!(
                help = "`--plan` lists them",
                "there is no run {index}: the comparison has {} runs, counted from 0",
                plan.runs.len()
            );
        };
        let alone = ComparisonPlan {
            runs: vec![run.clone()],
            omitted: Vec::new(),
        };
        let Some(ends) = self.execute(&alone, made, stop)? else {
            return Ok(Answer::Interrupted);
        };
        match ends.first() {
            Some(RunEnd::Failed(why)) => Err(miette::miette!("run {index}, {}, failed: {why}", run.name())),
            Some(RunEnd::Kept(_)) => {
                note(&format!("run {index}, {}, was finished already", run.name()));
                Ok(Answer::Yes)
            }
            _ => {
                note(&format!("run {index}, {}, is finished", run.name()));
                Ok(Answer::Yes)
            }
        }
    }

    /// Runs what is not finished yet of a plan; `None` if it was stopped, which is then said.
    fn execute(&self, plan: &ComparisonPlan, made: &[FamilyScenario], stop: &AtomicBool) -> miette::Result<Option<Vec<RunEnd>>> {
        if !self.force {
            plan.refuse_different(&self.results_dir)?;
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let jobs = self.jobs.map_or(cores, |jobs| usize::try_from(jobs).unwrap_or(cores));
        plan.check_memory(&self.results_dir, jobs)?;
        families::write(made)?;
        table::omissions(&plan.omitted).iter().for_each(|line| note(line));
        let record_dir = if self.tune {
            self.results_dir.join(TRIALS_FOLDER)
        } else {
            self.results_dir.clone()
        };
        let carrying = Carrying {
            results_dir: &self.results_dir,
            record_dir: &record_dir,
            jobs,
            force: self.force,
            stop,
        };
        let board = Board::new(self.quiet, plan);
        let record = ComparisonRecord::of_plan(self.command(), plan).after_earlier(&record_dir);
        let ends = execute_plan(plan, &carrying, record, &board);
        board.finish();
        let ends = ends?;
        if ends.iter().any(|end| matches!(end, RunEnd::Stopped | RunEnd::NotBegun)) {
            let words = std::iter::once("perennial".to_owned()).chain(std::env::args_os().skip(1).map(|word| shell_os(&word)));
            note(&format!("stopped; to go on:\n  {}", words.collect::<Vec<_>>().join(" ")));
            return Ok(None);
        }
        Ok(Some(ends))
    }

    fn preset(&self) -> Option<&'static Preset> {
        self.preset.as_deref().and_then(Preset::find)
    }

    /// The questions that are asked: those of the preset, or the one that the flags ask.
    fn parts(&self) -> miette::Result<Vec<AskedPart>> {
        let asked = scenarios_in(&self.scenario)?;
        let flags = |part: Option<&PresetPart>| AskedPart {
            methods: match part {
                Some(part) => part
                    .method_names()
                    .into_iter()
                    .map(|name| (part.set_of(&name), name))
                    .collect(),
                None => self.methods.iter().map(|name| (&[][..], name.clone())).collect(),
            },
            algorithm: self
                .algorithm
                .clone()
                .unwrap_or_else(|| part.map_or(DEFAULT_ALGORITHM, |part| part.algorithm).to_owned()),
            scenarios: match part {
                _ if !asked.is_empty() => asked.clone(),
                Some(part) => part.scenarios.iter().map(|&name| name.to_owned()).collect(),
                None => vec![DEFAULT_SCENARIO.to_owned()],
            },
            families: match part {
                Some(part) if asked.is_empty() => part.families,
                _ => &[],
            },
            set: part.map_or(&[], |part| part.set),
            seeds: self.seeds.unwrap_or(match part {
                _ if self.tune => DEFAULT_TUNING_SEEDS,
                Some(part) => part.seeds,
                None => DEFAULT_SEEDS,
            }),
            years: self.years.unwrap_or(part.map_or(1, |part| part.years)),
            decisions_per_season: self
                .decisions_per_season
                .or(part.and_then(|part| part.decisions_per_season))
                .unwrap_or(DEFAULT_DECISIONS_PER_SEASON),
            variant: part.and_then(|part| part.variant),
        };
        Ok(match self.preset() {
            // Strengths are searched where the preset asks its first and most general question.
            Some(preset) if self.tune => preset.parts.iter().take(1).map(|part| flags(Some(part))).collect(),
            Some(preset) => preset.parts.iter().map(|part| flags(Some(part))).collect(),
            None => vec![flags(None)],
        })
    }

    /// The scenarios of the families that the parts name.
    fn family_scenarios(&self) -> miette::Result<Vec<FamilyScenario>> {
        families::scenarios(&self.parts()?, &self.results_dir.join(families::FOLDER))
    }

    fn planned(&self, made: &[FamilyScenario]) -> miette::Result<ComparisonPlan> {
        self.plan_parts(made, &mut |question, resolve| {
            if self.tune {
                tuning::plan_of_trials(question, resolve)
            } else {
                ComparisonPlan::of_results(question, resolve)
            }
        })
    }

    /// The plan of both rounds of a tuning.
    fn plan_finals(&self, made: &[FamilyScenario], finalists: &[TrialSet]) -> miette::Result<ComparisonPlan> {
        self.plan_parts(made, &mut |question, resolve| {
            tuning::plan_of_finals(question, finalists, resolve)
        })
    }

    fn plan_parts(&self, made: &[FamilyScenario], plan: &mut PlanQuestion<'_>) -> miette::Result<ComparisonPlan> {
        let tuned = self.tuned.as_deref().map(Tuned::read).transpose()?;
        let mut plans = Vec::new();
        for part in self.parts()? {
            let question = self.question(&part, made, tuned.as_ref())?;
            let mut resolve =
                |scenario: &str, choice: &MethodChoice, seed: u64| self.resolve(&part, scenario, made, choice, seed);
            plans.push(plan(&question, &mut resolve)?);
        }
        Ok(ComparisonPlan::join(plans)?)
    }

    fn question(&self, part: &AskedPart, made: &[FamilyScenario], tuned: Option<&Tuned>) -> miette::Result<Question> {
        let methods = part.methods.iter().map(|(alone, name)| -> Result<_, ComparisonError> {
            let set = match tuned {
                Some(tuned) => tuned.settings_of(name, &part.algorithm)?,
                None => alone.iter().map(|&set| set.to_owned()).collect(),
            };
            let own = part.set.iter().chain(part.variant.map_or(&[][..], |variant| variant.set));
            Ok(MethodChoice {
                name: name.clone(),
                set: set.into_iter().chain(own.map(|&set| set.to_owned())).collect(),
                label: part.variant.map(|variant| variant.label.to_owned()),
            })
        });
        Ok(Question {
            scenarios: part.scenarios.iter().cloned().chain(families::names(part, made)).collect(),
            methods: methods.collect::<Result<_, _>>()?,
            leaves_out: self.preset.is_some(),
            algorithm: part.algorithm.clone(),
            seeds: 0..part.seeds,
        })
    }

    /// The configuration that `train` would make of it.
    fn resolve(
        &self,
        part: &AskedPart,
        scenario: &str,
        made: &[FamilyScenario],
        choice: &MethodChoice,
        seed: u64,
    ) -> miette::Result<RunConfig> {
        // Of two that change the same setting the later one holds: a trial's own change, or else what the command line says.
        let set: Vec<String> = if self.tune {
            self.set.iter().chain(&choice.set).cloned().collect()
        } else {
            choice.set.iter().chain(&self.set).cloned().collect()
        };
        let request = RunRequest {
            scenario,
            method: &choice.name,
            algorithm: &part.algorithm,
            seed,
            gardens: self.gardens,
            decisions_per_season: part.decisions_per_season,
            years: part.years,
            set: &set,
            budget: None,
            is_method_named: true,
        };
        match made.iter().find(|made| made.name == scenario) {
            Some(made) => engine::resolve_settings_in(made.scenario.clone(), &request),
            None => engine::resolve_settings(&request),
        }
    }

    fn command(&self) -> CommandRecord {
        CommandRecord {
            arguments: without_index(
                std::env::args_os()
                    .skip(1)
                    .map(|argument| without_place(&argument.to_string_lossy())),
            ),
            preset: self.preset.clone(),
            tuned: self
                .tuned
                .as_deref()
                .and_then(Path::file_name)
                .map(|name| name.to_string_lossy().into_owned()),
        }
    }

    /// Shows what came out; an error if a run failed.
    fn show(&self, plan: &ComparisonPlan, ends: &[RunEnd]) -> miette::Result<Answer> {
        if self.tune {
            let mut tuned = tuning::choose(plan, ends);
            let path = self.results_dir.join(TUNED_FILE_NAME);
            // Methods that were searched before, by another command, stay in the file.
            if path.exists() {
                tuned.keep_others(Tuned::read(&path)?);
            }
            tuned.write(&path)?;
            print(&table::tuned(&tuned))?;
            print(&format!(
                "{TRIALS} trials a method, each a whole run, with {} seeds from {FIRST_TUNING_SEED} on, which results never have; {} of each, the \
                 first values among them, with all {}.\nA first value stays unless another is better by more than {}.\nWritten to {}; `compare --tuned FILE` \
                 applies it.",
                tuning::FIRST_ROUND_SEEDS.min(tuned.seeds.len() as u64),
                tuning::FINALISTS,
                tuned.seeds.len(),
                tuning::MARGIN,
                escape::path(&path)
            ))?;
        } else {
            print(&table::results(&results(plan, ends), &plan.omitted))?;
        }
        let failures: Vec<String> = plan
            .runs
            .iter()
            .zip(ends)
            .filter_map(|(run, end)| match end {
                RunEnd::Failed(why) => Some(format!("  {}: {why}", run.name())),
                _ => None,
            })
            .collect();
        if failures.is_empty() {
            return Ok(Answer::Yes);
        }
        Err(miette::miette!(
            help = format!(
                "{RECORD_FILE_NAME} lists them too; the same command tries these again and keeps the others, and with --force it \
                 restarts them"
            ),
            "{} of {} runs failed:\n{}",
            failures.len(),
            ends.len(),
            failures.join("\n")
        ))
    }
}

/// Plans the runs of a question.
type PlanQuestion<'a> = dyn FnMut(&Question, &mut Resolve<'_, miette::Report>) -> miette::Result<ComparisonPlan> + 'a;

/// One question, as the flags change it.
struct AskedPart {
    /// Each method with the overrides that it has in a preset.
    methods: Vec<(&'static [&'static str], String)>,
    algorithm: String,
    scenarios: Vec<String>,
    families: &'static [&'static str],
    seeds: u64,
    years: u64,
    decisions_per_season: u64,
    set: &'static [&'static str],
    variant: Option<Variant>,
}

/// The presets that the registry knows.
fn presets() -> clap::builder::PossibleValuesParser {
    let known = PRESETS.iter();
    clap::builder::PossibleValuesParser::new(
        known.map(|preset| clap::builder::PossibleValue::new(preset.name).help(preset.purpose)),
    )
}

/// An argument that says nothing of where on this machine something lies: of an absolute path its last part.
fn without_place(argument: &str) -> String {
    let (before, path) = match argument.split_once('=') {
        Some((flag, path)) if flag.starts_with("--") => (format!("{flag}="), path),
        _ => (String::new(), argument),
    };
    match Path::new(path).file_name() {
        Some(name) if Path::new(path).is_absolute() => format!("{before}{}", name.to_string_lossy()),
        _ => argument.to_owned(),
    }
}

/// The arguments of the whole comparison, of which this process may do one run: thousands of them would each be another command.
fn without_index(arguments: impl Iterator<Item = String>) -> Vec<String> {
    let mut arguments = arguments.peekable();
    let mut kept = Vec::new();
    while let Some(argument) = arguments.next() {
        if argument == "--index" {
            arguments.next();
        } else if !argument.starts_with("--index=") {
            kept.push(argument);
        }
    }
    kept
}

/// Returns the scenarios that were named, where each folder stands for the scenarios in it, in the order of their names. Season files
/// beside them are left out.
fn scenarios_in(named: &[String]) -> miette::Result<Vec<String>> {
    let mut all = Vec::new();
    for name in named {
        let folder = Path::new(name);
        if !folder.is_dir() || shipped_names().any(|shipped| shipped == name) {
            all.push(name.clone());
            continue;
        }
        let unreadable =
            |error: std::io::Error| miette::miette!("could not read {}: {}", escape::path(folder), files::reason(&error));
        let mut found = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let is_toml = path.extension().is_some_and(|extension| extension == "toml");
            // What is no file could block for ever.
            if is_toml && path.is_file() && ScenarioDocument::is_scenario(&path.to_string_lossy())? {
                found.push(path.to_string_lossy().into_owned());
            }
        }
        if found.is_empty() {
            miette::bail!(
                help = "`perennial scenario random --count 20 --out FOLDER` writes some",
                "the folder {} has no scenario in it",
                escape::path(folder)
            );
        }
        found.sort();
        all.extend(found);
    }
    Ok(all)
}

#[cfg(test)]
mod tests;

//! `scenario random`: years that nobody tuned for.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use perennial::authoring::random::{Degree, MOST_SEASONS, random_year, year_file};
use perennial::files;

use crate::cli::Answer;
use crate::cli::arguments;
use crate::cli::output::{Destination, print};

/// Draw scenarios at random, at a wanted degree of conflict
///
/// Conflict is how often what was learned about colours in one season misleads in another. With `--count`, as many files are written
/// into a folder, which `compare --scenario` takes as a whole.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    perennial scenario random --seed 3 > year.toml\n  \
    perennial scenario random --conflict high --count 20 --out gardens")]
pub(crate) struct Random {
    /// Random seed; of several scenarios, that of the first.
    #[arg(long, value_name = "N", default_value = "0", value_parser = arguments::seed)]
    seed: u64,
    /// Degree of conflict between the seasons.
    #[arg(long, value_enum, default_value = "medium")]
    conflict: ConflictDegree,
    /// Number of seasons in the year.
    #[arg(long, value_name = "N", default_value = "4", value_parser = clap::value_parser!(u64).range(1..=MOST_SEASONS as u64))]
    seasons: u64,
    /// Number of scenarios.
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u64).range(1..=10_000), requires = "out")]
    count: u64,
    /// Folder to write them into, as `random-SEED.toml`; the standard output, if not given or `-`.
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    out: Option<PathBuf>,
    /// Replace files of these names.
    #[arg(long)]
    force: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ConflictDegree {
    /// Lessons of one season hold in the others.
    Low,
    /// Some of them hold.
    Medium,
    /// Most of them mislead.
    High,
}

impl Random {
    /// Draws and writes the scenarios.
    pub(crate) fn run(&self) -> miette::Result<Answer> {
        let degree = match self.conflict {
            ConflictDegree::Low => Degree::Low,
            ConflictDegree::Medium => Degree::Medium,
            ConflictDegree::High => Degree::High,
        };
        let draw = |seed: u64| {
            random_year(seed, self.seasons as usize, degree)
                .map(|year| year_file(&year))
                .ok_or_else(|| {
                    miette::miette!(
                        help = "take another seed, fewer seasons, or another degree",
                        "seed {seed} leads to no year of {} seasons with this conflict",
                        self.seasons
                    )
                })
        };
        let folder = match &self.out {
            Some(folder) if Destination::of(folder) != Destination::StandardOutput => folder,
            Some(_) if self.count > 1 => miette::bail!(
                help = "name a folder",
                "several scenarios are several files, and the standard output can take one"
            ),
            _ => {
                Destination::StandardOutput.write(draw(self.seed)?.as_bytes())?;
                return Ok(Answer::Yes);
            }
        };
        files::create_folder(folder)?;
        let seeds = (0..self.count).map(|number| self.seed.saturating_add(number));
        let planned: Vec<(u64, PathBuf)> = seeds.map(|seed| (seed, folder.join(format!("random-{seed}.toml")))).collect();
        let present = planned.iter().find(|(_, path)| std::fs::symlink_metadata(path).is_ok());
        if let Some((_, path)) = present.filter(|_| !self.force) {
            miette::bail!(
                help = "choose another folder or seed, or replace it with --force",
                "{} exists already",
                perennial::escape::path(path)
            );
        }
        for (seed, path) in &planned {
            let text = draw(*seed)?;
            files::write(path, |file| file.write_all(text.as_bytes()))?;
        }
        print(&format!("wrote {} into {}", planned.len(), perennial::escape::path(folder)))?;
        Ok(Answer::Yes)
    }
}

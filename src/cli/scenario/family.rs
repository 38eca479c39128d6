//! `scenario family`: many scenarios made from few parameters.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use perennial::authoring::family::{FAMILIES, ScenarioFamily};
use perennial::{escape, files};

use crate::cli::Answer;
use crate::cli::arguments;
use crate::cli::output::{Destination, print};

/// Write a family of scenarios: one question, asked at many places
///
/// The files are ordinary scenarios. `compare --preset phase` and `--preset century` make the same ones, and `compare --scenario` takes
/// a folder of them.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    perennial scenario family phase --out gardens\n  \
    perennial scenario family century --seed 3 --out gardens")]
pub(crate) struct WriteFamily {
    /// Name of the family.
    #[arg(value_name = "NAME", value_parser = families())]
    name: String,
    /// Folder to write the files into.
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    out: PathBuf,
    /// Random seed of what a family draws; the phase families draw nothing.
    #[arg(long, value_name = "N", default_value = "0", value_parser = arguments::seed)]
    seed: u64,
    /// Replace files of these names.
    #[arg(long)]
    force: bool,
}

/// The families that the registry knows.
fn families() -> clap::builder::PossibleValuesParser {
    let known = FAMILIES.iter();
    clap::builder::PossibleValuesParser::new(
        known.map(|family| clap::builder::PossibleValue::new(family.name).help(family.purpose)),
    )
}

impl WriteFamily {
    /// Makes and writes the files.
    pub(crate) fn run(&self) -> miette::Result<Answer> {
        let Some(family) = ScenarioFamily::find(&self.name) else {
            miette::bail!("there is no family `{}`", escape::terminal(&self.name));
        };
        if Destination::of(&self.out) == Destination::StandardOutput {
            miette::bail!(
                help = "name a folder",
                "a family has several files, and the standard output can take one"
            );
        }
        let made = family.files(self.seed);
        files::create_folder(&self.out)?;
        let present = made.iter().map(|file| self.out.join(&file.name));
        if let Some(path) = present.into_iter().find(|path| std::fs::symlink_metadata(path).is_ok())
            && !self.force
        {
            miette::bail!(
                help = "choose another folder, or replace it with --force",
                "{} exists already",
                escape::path(&path)
            );
        }
        for file in &made {
            files::write(&self.out.join(&file.name), |out| out.write_all(file.text.as_bytes()))?;
        }
        print(&format!("wrote {} into {}", made.len(), escape::path(&self.out)))?;
        Ok(Answer::Yes)
    }
}

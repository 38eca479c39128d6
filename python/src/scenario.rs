//! Scenarios: what an environment is made from.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use numpy::PyArray1;
use perennial::rollout::MAXIMUM_GARDENS;
use perennial::scenario::overrides::{Override, OverrideErrors, apply};
use perennial::scenario::{Calendar, Scenario as Described, SeasonTransition, shipped_names};
use perennial::sensors::observation_spec;
use perennial::training::{MAXIMUM_DECISIONS_PER_SEASON, MAXIMUM_YEARS};
use pyo3::prelude::*;

use crate::failure::{in_range, plain, plain_file, shown};

/// Returns the names of the shipped scenarios, the default one first.
#[pyfunction]
pub(crate) fn shipped_scenarios() -> Vec<&'static str> {
    shipped_names().collect()
}

/// A season, as it may be named.
#[derive(FromPyObject)]
pub(crate) enum SeasonName {
    /// By its number, from 0.
    Number(i128),
    /// By its name.
    Name(String),
}

/// A garden and its year.
///
/// `Scenario(name_or_path, settings=[], transition=None)`: a shipped scenario by its name, or a file; `settings` are changes as
/// `plants.count=12`; `transition` is "abrupt" or "gradual". Mistakes raise a `ValueError` that shows each in its place.
#[pyclass(frozen, module = "perennial_rl._native")]
pub(crate) struct Scenario(pub(crate) Arc<Described>);

#[pymethods]
impl Scenario {
    #[new]
    #[pyo3(signature = (name_or_path, settings = Vec::new(), transition = None))]
    fn new(name_or_path: PathBuf, settings: Vec<String>, transition: Option<&str>) -> PyResult<Self> {
        let name_or_path = name_or_path.into_os_string().into_string();
        let name_or_path =
            name_or_path.map_err(|path| plain(format!("{} is not a valid name: it is not UTF-8", path.display())))?;
        plain_file(Path::new(&name_or_path))?;
        let loaded = Described::load(&name_or_path).map_err(|error| shown(&error))?;
        let overrides = settings.iter().map(|setting| setting.parse());
        let overrides = overrides
            .collect::<Result<Vec<Override>, OverrideErrors>>()
            .map_err(|error| shown(&error))?;
        let mut scenario = apply(&loaded.scenario, &Described::schema().complete(), &overrides).map_err(|error| shown(&error))?;
        scenario.schedule.transition = match transition {
            None => scenario.schedule.transition,
            Some("abrupt") => SeasonTransition::Abrupt,
            Some("gradual") => SeasonTransition::Gradual,
            Some(other) => return Err(plain(format!("transition must be `abrupt` or `gradual`, not `{other}`"))),
        };
        Ok(Self(Arc::new(scenario)))
    }

    /// The scenario of a text that `to_toml` returned.
    #[staticmethod]
    fn from_toml(text: &str) -> PyResult<Self> {
        let scenario = Described::parse("the text", text).map_err(|error| shown(&error))?;
        Ok(Self(Arc::new(scenario)))
    }

    /// Returns what a pickle or a copy is made from: the whole text, so that it does not matter what has become of the file.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((py.get_type::<Self>().getattr("from_toml")?, (self.to_toml()?,)))
    }

    /// Name of the scenario.
    #[getter]
    fn name(&self) -> &str {
        &self.0.name
    }

    /// Subject of the scenario, in a sentence.
    #[getter]
    fn description(&self) -> &str {
        &self.0.description
    }

    /// Names of the seasons, in order.
    #[getter]
    fn seasons(&self) -> Vec<&str> {
        self.0.seasons.iter().map(|season| season.name.as_str()).collect()
    }

    /// Number of decisions after which an episode is truncated.
    #[getter]
    fn episode_decisions(&self) -> u32 {
        self.0.episode.decisions
    }

    /// Rows and columns of the robot's camera.
    #[getter]
    fn eye_shape(&self) -> (usize, usize) {
        (self.0.eye.rows, self.0.eye.columns)
    }

    /// Names of the numbers of an observation, in order.
    #[getter]
    fn channels(&self) -> Vec<String> {
        let spec = observation_spec(&self.0);
        spec.channels.into_iter().map(|channel| channel.name).collect()
    }

    /// Number of pixels at the beginning of an observation: red, green, blue, nearness each.
    #[getter]
    fn pixels(&self) -> usize {
        observation_spec(&self.0).pixels()
    }

    /// Values that byte 0 and byte 255 of each number of an observation stand for: two arrays of float32.
    #[getter]
    fn bounds<'py>(&self, py: Python<'py>) -> (Bound<'py, PyArray1<f32>>, Bound<'py, PyArray1<f32>>) {
        let length = observation_spec(&self.0).len();
        let (low, high) = (self.decoded(&vec![0; length]), self.decoded(&vec![255; length]));
        (PyArray1::from_vec(py, low), PyArray1::from_vec(py, high))
    }

    /// Seasons of some years: the number of each in its year, its first tick, and the first one after it. `decisions_per_season` counts the
    /// decisions of all gardens.
    #[pyo3(signature = (years = 1, decisions_per_season = 60_000, gardens = 1, seed = 0))]
    fn calendar(&self, years: usize, decisions_per_season: u64, gardens: u64, seed: u64) -> PyResult<Vec<(usize, u64, u64)>> {
        in_range("years", years as u64, 1, MAXIMUM_YEARS as u64)?;
        in_range("decisions_per_season", decisions_per_season, 1, MAXIMUM_DECISIONS_PER_SEASON)?;
        in_range("the number of gardens", gardens, 1, MAXIMUM_GARDENS as u64)?;
        let calendar = Calendar::new(&self.0, years, decisions_per_season.div_ceil(gardens), seed);
        let spans = (0..calendar.seasons()).map(|number| {
            let span = calendar.span(number);
            (number % calendar.seasons_per_year(), span.start, span.end)
        });
        Ok(spans.collect())
    }

    /// The whole scenario as TOML.
    fn to_toml(&self) -> PyResult<String> {
        self.0.to_toml().map_err(plain)
    }

    fn __repr__(&self) -> String {
        format!("Scenario({:?})", self.0.name)
    }
}

impl Scenario {
    /// Number of a season by its number or its name.
    pub(crate) fn season_number(&self, season: &SeasonName) -> PyResult<usize> {
        let names = self.seasons();
        let of = &self.0.name;
        match season {
            SeasonName::Number(number) => usize::try_from(*number)
                .ok()
                .filter(|number| *number < names.len())
                .ok_or_else(|| {
                    plain(format!(
                        "there is no season {number} in {of}: there are {}, numbered from 0",
                        names.len()
                    ))
                }),
            SeasonName::Name(name) => names
                .iter()
                .position(|known| known.eq_ignore_ascii_case(name))
                .ok_or_else(|| plain(format!("there is no season '{name}' in {of}: there are {}", names.join(", ")))),
        }
    }

    fn decoded(&self, bytes: &[u8]) -> Vec<f32> {
        let mut numbers = vec![0.0; bytes.len()];
        observation_spec(&self.0).decoder().decode(bytes, &mut numbers);
        numbers
    }
}

//! A batch of gardens as a Python class.
//!
//! Arrays that are handed out are new ones, whose data belong to the caller. Observations are decoded on the way out, so that a batch
//! stores bytes alone.

use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, PyReadwriteArray2};
use perennial::mdp::{Action, ObservationDecoder};
use perennial::rollout::MAXIMUM_GARDENS;
use perennial::training::{MAXIMUM_DECISIONS_PER_SEASON, MAXIMUM_YEARS};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};

use crate::batch::{Actions, Autoreset, Batch, Recipe, Schedule, StepError};
use crate::failure::{InternalError, in_range, interruptible, plain, unlocked};
use crate::motors::NUMBERS;
use crate::scenario::Scenario;
use crate::sums::{AMOUNTS, COUNTS, EpisodeSums};

/// Rewards (float64), `terminated` and `truncated` (bool) of all gardens, and whether an episode ended.
type Outcome<'py> = (
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray1<bool>>,
    Bound<'py, PyArray1<bool>>,
    bool,
);

/// Gardens side by side: what `Env` and `VectorEnv` are made from.
///
/// `schedule` is "season" (with its number `season`), "year" or "all_at_once"; `autoreset` is "NextStep", "SameStep" or "Disabled".
/// With `own_seeds`, garden `i` has the random streams of the first garden of a world of `seeds[i]`; without, all gardens are numbered
/// under `seeds[0]`, as in a training run. With `pictures`, the last scene of an episode is kept until the next episode is shown.
#[pyclass(module = "perennial_rl._native")]
pub(crate) struct GardenBatch {
    /// `None` after a mistake of the program: what is left of it is not to be used.
    batch: Option<Batch>,
    decoder: ObservationDecoder,
    /// Names of the infos, counts before amounts, and those of the arrays that say of which gardens they are.
    names: Vec<(Py<PyString>, Py<PyString>)>,
}

#[pymethods]
impl GardenBatch {
    #[new]
    #[pyo3(signature = (scenario, seeds, *, schedule = "season", season = 0, years = 1, decisions_per_season = 60_000, autoreset = "NextStep", continuous = false, own_seeds = true, pictures = false))]
    fn new(
        py: Python<'_>,
        scenario: &Scenario,
        seeds: Vec<u64>,
        schedule: &str,
        season: usize,
        years: usize,
        decisions_per_season: u64,
        autoreset: &str,
        continuous: bool,
        own_seeds: bool,
        pictures: bool,
    ) -> PyResult<Self> {
        let scenario = scenario.0.clone();
        in_range("the number of gardens", seeds.len() as u64, 1, MAXIMUM_GARDENS as u64)?;
        in_range("years", years as u64, 1, MAXIMUM_YEARS as u64)?;
        in_range("decisions_per_season", decisions_per_season, 1, MAXIMUM_DECISIONS_PER_SEASON)?;
        in_range("season", season as u64, 0, scenario.seasons.len() as u64 - 1)?;
        let schedule = match schedule {
            "season" => Schedule::Season(season),
            "year" => Schedule::Year {
                years,
                decisions_per_season,
            },
            "all_at_once" => Schedule::AllAtOnce,
            other => {
                return Err(plain(format!(
                    "schedule must be `season`, `year` or `all_at_once`, not `{other}`"
                )));
            }
        };
        let autoreset = match autoreset {
            "NextStep" => Autoreset::NextStep,
            "SameStep" => Autoreset::SameStep,
            "Disabled" => Autoreset::Disabled,
            other => {
                return Err(plain(format!(
                    "autoreset must be `NextStep`, `SameStep` or `Disabled`, not `{other}`"
                )));
            }
        };
        let recipe = Recipe {
            scenario,
            schedule,
            autoreset,
            continuous,
            own_seeds,
            pictures,
        };
        let batch = unlocked(py, move || Batch::new(recipe, seeds))?;
        let names = COUNTS.iter().chain(&AMOUNTS).map(|name| {
            let [name, mask] = [(*name).to_owned(), format!("_{name}")].map(|name| PyString::intern(py, &name).unbind());
            (name, mask)
        });
        Ok(Self {
            names: names.collect(),
            decoder: batch.gardens().observation_spec().decoder(),
            batch: Some(batch),
        })
    }

    fn __len__(&self) -> PyResult<usize> {
        Ok(self.batch()?.len())
    }

    /// Length of an observation.
    #[getter]
    fn observation_len(&self) -> usize {
        self.decoder.len()
    }

    /// Number of the next tick; one tick is a decision of every garden.
    #[getter]
    fn clock(&self) -> PyResult<u64> {
        Ok(self.batch()?.gardens().clock())
    }

    /// Seeds of the gardens.
    #[getter]
    fn seeds(&self) -> PyResult<Vec<u64>> {
        Ok(self.batch()?.seeds().to_vec())
    }

    /// Hash of the complete state of all gardens: equal to that of `Gardens::state_hash` in Rust.
    #[getter]
    fn state_hash(&self) -> PyResult<u64> {
        Ok(self.batch()?.gardens().state_hash())
    }

    /// Begins episode 0 of other seeds in every garden, at the start of the year.
    fn reset(&mut self, py: Python<'_>, seeds: Vec<u64>) -> PyResult<()> {
        let old = self.batch()?;
        if seeds.len() != old.len() {
            return Err(plain(format!("there are {} gardens and {} seeds", old.len(), seeds.len())));
        }
        let recipe = old.recipe().clone();
        self.batch = Some(unlocked(py, move || Batch::new(recipe, seeds))?);
        Ok(())
    }

    /// Begins the next episode in the chosen gardens, or episode 0 of another seed where there is one; the year goes on.
    fn reset_some(&mut self, py: Python<'_>, chosen: Vec<bool>, seeds: Vec<Option<u64>>) -> PyResult<()> {
        self.with(py, |batch| batch.reset_some(&chosen, &seeds))
    }

    /// Takes a decision in every garden: indices of actions (int64).
    fn step<'py>(&mut self, py: Python<'py>, actions: PyReadonlyArray1<'py, i64>) -> PyResult<Outcome<'py>> {
        let view = actions.as_array();
        let actions = view.iter().enumerate().map(|(garden, &number)| {
            let action = usize::try_from(number).ok().and_then(Action::from_index);
            action.ok_or_else(|| {
                plain(format!(
                    "garden {garden}: there is no action {number}, they are numbered from 0 to {}",
                    Action::ALL.len() - 1
                ))
            })
        });
        let actions = actions.collect::<PyResult<Vec<Action>>>()?;
        self.taken(py, Actions::Discrete(&actions))
    }

    /// Takes a decision in every garden: commands `[gardens, 3]` (float32) in [-1, 1], which are drive, turn and pump.
    fn step_motors<'py>(&mut self, py: Python<'py>, commands: PyReadonlyArray2<'py, f32>) -> PyResult<Outcome<'py>> {
        let view = commands.as_array();
        let mut rows = Vec::with_capacity(view.nrows());
        for (garden, row) in view.rows().into_iter().enumerate() {
            if row.len() != NUMBERS {
                return Err(plain(format!("a command has {NUMBERS} numbers, not {}", row.len())));
            }
            if !row.iter().all(|number| number.abs() <= 1.0) {
                return Err(plain(format!("garden {garden}: a command is in [-1, 1], not {row}")));
            }
            rows.push(std::array::from_fn(|number| row[number]));
        }
        self.taken(py, Actions::Continuous(&rows))
    }

    /// Observations of all robots, `[gardens, observation_len]` as float32.
    fn observations<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<f32>>> {
        self.decoded(py, &self.batch()?.observations)
    }

    /// Observations of all robots as bytes: `[gardens, observation_len]`.
    fn observation_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<u8>>> {
        self.rows(py, &self.batch()?.observations)
    }

    /// Writes the observations into an array, `[gardens, observation_len]` of float32.
    fn write_observations(&self, mut into: PyReadwriteArray2<'_, f32>) -> PyResult<()> {
        let (batch, numbers) = (self.batch()?, into.as_slice_mut()?);
        if numbers.len() != batch.observations.len() {
            return Err(plain(format!(
                "the array has {} numbers, not {}",
                numbers.len(),
                batch.observations.len()
            )));
        }
        self.decode(&batch.observations, numbers);
        Ok(())
    }

    /// Last observations of the episodes that ended in the last step; other rows mean nothing.
    fn final_observations<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<f32>>> {
        self.decoded(py, &self.batch()?.final_observations)
    }

    /// The same as bytes.
    fn final_observation_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<u8>>> {
        self.rows(py, &self.batch()?.final_observations)
    }

    /// Infos of all gardens as Gymnasium's vector environments have them: an array for each name, and with an underscore before it, the gardens
    /// that it is of. Where some are `chosen`, those are, and the others have zeros.
    #[pyo3(signature = (chosen = None))]
    fn infos<'py>(&self, py: Python<'py>, chosen: Option<Vec<bool>>) -> PyResult<Bound<'py, PyDict>> {
        self.named(py, &self.batch()?.sums, chosen)
    }

    /// Infos of the episodes that ended in the last step, likewise.
    #[pyo3(signature = (chosen = None))]
    fn final_infos<'py>(&self, py: Python<'py>, chosen: Option<Vec<bool>>) -> PyResult<Bound<'py, PyDict>> {
        self.named(py, &self.batch()?.final_sums, chosen)
    }

    /// Info of one garden, as a single environment has it.
    fn info<'py>(&self, py: Python<'py>, garden: usize) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        let sums = self.batch()?.sums.get(garden).copied().unwrap_or_default();
        let (counts, amounts) = self.names.split_at(COUNTS.len());
        for ((name, _), count) in counts.iter().zip(sums.counts) {
            dict.set_item(name, count)?;
        }
        for ((name, _), amount) in amounts.iter().zip(sums.amounts) {
            dict.set_item(name, amount)?;
        }
        Ok(dict)
    }

    /// The whole state as bytes, with the name of the class that owns the gardens, and notes of it.
    #[pyo3(signature = (owner = "GardenBatch", notes = Vec::new()))]
    fn get_state<'py>(&self, py: Python<'py>, owner: &str, notes: Vec<u8>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &self.batch()?.save(owner, &notes).map_err(plain)?))
    }

    /// Goes back to a state that `get_state` of a batch of the same kind returned, and returns the notes of its owner. An error changes nothing, and
    /// Ctrl-C is one.
    #[pyo3(signature = (state, owner = "GardenBatch"))]
    fn set_state<'py>(&mut self, py: Python<'py>, state: &[u8], owner: &str) -> PyResult<Bound<'py, PyBytes>> {
        let batch = self.batch()?;
        let (restored, notes) = interruptible(py, |signals| batch.restored(state, owner, signals))?.map_err(plain)?;
        self.batch = Some(restored);
        Ok(PyBytes::new(py, &notes))
    }

    /// Contents of the garden of which the observation is shown, for a picture: positions in metres, colours in 0..1. For pictures and evaluation
    /// only.
    fn scene<'py>(&self, py: Python<'py>, garden: usize) -> PyResult<Bound<'py, PyDict>> {
        let batch = self.batch()?;
        let scene = batch.scene(garden).ok_or_else(|| {
            plain(format!(
                "there is no garden {garden}: there are {}, numbered from 0",
                batch.len()
            ))
        })?;
        scene.to_dict(py)
    }

    /// Makes a mistake, for a test of what follows.
    #[allow(clippy::panic, reason = "this is what it is for")]
    fn _panic(&mut self, py: Python<'_>) -> PyResult<()> {
        self.with(py, |_| panic!("a test asked for it"))
    }
}

impl GardenBatch {
    fn batch(&self) -> PyResult<&Batch> {
        self.batch
            .as_ref()
            .ok_or_else(|| PyRuntimeError::new_err("these gardens were lost by a mistake of the program: make new ones"))
    }

    /// Does something with the gardens, which are given up if it panics.
    fn with<T: Send>(&mut self, py: Python<'_>, work: impl FnOnce(&mut Batch) -> T + Send) -> PyResult<T> {
        self.batch()?;
        let Some(batch) = &mut self.batch else {
            return Err(InternalError::new_err("no gardens"));
        };
        let result = unlocked(py, || work(batch));
        if result.is_err() {
            self.batch = None;
        }
        result
    }

    fn taken<'py>(&mut self, py: Python<'py>, actions: Actions) -> PyResult<Outcome<'py>> {
        self.with(py, |batch| batch.step(actions))?.map_err(|error| match error {
            StepError::Ended(_) => PyRuntimeError::new_err(error.to_string()),
            _ => plain(error),
        })?;
        let batch = self.batch()?;
        Ok((
            PyArray1::from_slice(py, &batch.rewards),
            PyArray1::from_slice(py, &batch.terminated),
            PyArray1::from_slice(py, &batch.truncated),
            (0..batch.len()).any(|garden| batch.ended(garden)),
        ))
    }

    fn named<'py>(&self, py: Python<'py>, sums: &[EpisodeSums], chosen: Option<Vec<bool>>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        let mask = chosen.unwrap_or_else(|| vec![true; sums.len()]);
        if mask.len() != sums.len() {
            return Err(plain(format!("there are {} gardens, not {}", sums.len(), mask.len())));
        }
        let (counts, amounts) = self.names.split_at(COUNTS.len());
        let of = || sums.iter().zip(&mask);
        for (place, (name, mask_name)) in counts.iter().enumerate() {
            let values = of().map(|(sums, &chosen)| if chosen { sums.counts[place] } else { 0 });
            dict.set_item(name, PyArray1::from_slice(py, &values.collect::<Vec<_>>()))?;
            dict.set_item(mask_name, PyArray1::from_slice(py, &mask))?;
        }
        for (place, (name, mask_name)) in amounts.iter().enumerate() {
            let values = of().map(|(sums, &chosen)| if chosen { sums.amounts[place] } else { 0.0 });
            dict.set_item(name, PyArray1::from_slice(py, &values.collect::<Vec<_>>()))?;
            dict.set_item(mask_name, PyArray1::from_slice(py, &mask))?;
        }
        Ok(dict)
    }

    fn decode(&self, bytes: &[u8], numbers: &mut [f32]) {
        let length = self.decoder.len();
        for (bytes, numbers) in bytes.chunks_exact(length).zip(numbers.chunks_exact_mut(length)) {
            self.decoder.decode(bytes, numbers);
        }
    }

    fn decoded<'py>(&self, py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let length = self.decoder.len();
        let array = PyArray2::zeros(py, [bytes.len() / length, length], false);
        self.decode(bytes, array.readwrite().as_slice_mut()?);
        Ok(array)
    }

    fn rows<'py>(&self, py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyArray2<u8>>> {
        let length = self.decoder.len();
        let array = PyArray2::zeros(py, [bytes.len() / length, length], false);
        array.readwrite().as_slice_mut()?.copy_from_slice(bytes);
        Ok(array)
    }
}

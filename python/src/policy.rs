//! Policies of files, and those that come with the program, acting on observations from Python.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use numpy::{PyArray1, PyArray2, PyArrayMethods, PyUntypedArray, PyUntypedArrayMethods};
use perennial::files::read_small;
use perennial::learner::{Policy as ActingPolicy, PolicySnapshot};
use perennial::scenario::Scenario as Described;
use perennial::sensors::observation_spec;
use perennial::suggestion::nearest;
use perennial::training::{OnnxInput, RunPolicy, SHIPPED_POLICIES};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::failure::{interruptible, plain, plain_file, shown};
use crate::scenario::{Scenario, SeasonName};

/// Largest policy file that is read.
const LARGEST_POLICY_BYTES: u64 = 1 << 30;
/// Rows that the network is asked about at once: some tens of milliseconds.
const MOST_ROWS: usize = 16_384;

/// A learned policy, in the gardens of one scenario and season.
///
/// `Policy(source, scenario, season=0)`: `source` is the name of a policy that comes with the package ("spring", "year") or a file that
/// `perennial export` wrote. The season, a name or a number, matters only to policies that have a network for each.
#[pyclass(frozen, module = "perennial_rl._native")]
pub(crate) struct Policy {
    acting: Mutex<ActingPolicy>,
    pub(crate) snapshot: PolicySnapshot,
    observation_len: usize,
    origin: String,
    policy: RunPolicy,
    scenario: Arc<Described>,
    season: usize,
}

#[pymethods]
impl Policy {
    #[new]
    #[pyo3(signature = (source, scenario, season = SeasonName::Number(0)), text_signature = "(source, scenario, season=0)")]
    fn new(source: PathBuf, scenario: &Scenario, season: SeasonName) -> PyResult<Self> {
        let season = scenario.season_number(&season)?;
        let policy = read(&source)?;
        let fitting = policy.for_scenario(&scenario.0).map_err(|error| shown(&error))?;
        let snapshot = fitting.for_season(season).clone();
        let spec = observation_spec(&scenario.0);
        let origin = &policy.origin;
        Ok(Self {
            acting: Mutex::new(ActingPolicy::new(&spec, &snapshot).map_err(plain)?),
            observation_len: spec.len(),
            origin: format!(
                "{} by {} ({}), seed {}, after {} decisions",
                origin.scenario, origin.method, origin.algorithm, origin.seed, origin.decisions
            ),
            snapshot,
            policy,
            scenario: scenario.0.clone(),
            season,
        })
    }

    /// Names of the policies that come with the package.
    #[staticmethod]
    fn shipped() -> Vec<&'static str> {
        SHIPPED_POLICIES.iter().map(|policy| policy.name).collect()
    }

    /// Scenario, method, algorithm, seed and decisions that it was learned from.
    #[getter]
    fn origin(&self) -> &str {
        &self.origin
    }

    /// Best action for each row of observations as bytes, `[rows, observation_len]`: int64.
    fn actions<'py>(&self, py: Python<'py>, observations: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArray1<i64>>> {
        let (actions, _) = self.asked(py, &self.bytes(observations)?)?;
        Ok(PyArray1::from_iter(py, actions.into_iter().map(i64::from)))
    }

    /// Outputs of the network for each row of observations as bytes: `[rows, actions]`, values or logits (float32).
    fn outputs<'py>(&self, py: Python<'py>, observations: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let (actions, outputs) = self.asked(py, &self.bytes(observations)?)?;
        PyArray1::from_vec(py, outputs).reshape([actions.len(), self.snapshot.shape.outputs])
    }

    /// Weights of each layer, `[inputs, outputs]`, and its biases, from the observation on: float32. Hidden layers are followed by ReLU, and by
    /// a normalisation before it where `layer_norm` is set.
    fn layers<'py>(&self, py: Python<'py>) -> PyResult<Vec<(Bound<'py, PyArray2<f32>>, Bound<'py, PyArray1<f32>>)>> {
        let layers = self.snapshot.shape.layers().into_iter().map(|layer| {
            let parameters = &self.snapshot.parameters[layer.range.clone()];
            let (weights, biases) = parameters.split_at(layer.inputs * layer.outputs);
            let weights = PyArray1::from_slice(py, weights).reshape([layer.inputs, layer.outputs])?;
            Ok((weights, PyArray1::from_slice(py, biases)))
        });
        layers.collect()
    }

    /// `True` if hidden layers are normalised.
    #[getter]
    fn layer_norm(&self) -> bool {
        self.snapshot.shape.layer_norm
    }

    /// The policy as an ONNX model: as `perennial export --format onnx` writes it. `observation` is "box", for numbers in their units, or
    /// "bytes".
    #[pyo3(signature = (observation = "box"))]
    fn to_onnx<'py>(&self, py: Python<'py>, observation: &str) -> PyResult<Bound<'py, PyBytes>> {
        let input = match observation {
            "box" => OnnxInput::Numbers,
            "bytes" => OnnxInput::Bytes,
            other => return Err(plain(format!("observation must be one of box, bytes, not '{other}'"))),
        };
        let model = self.policy.to_onnx(&self.scenario, Some(self.season), input);
        Ok(PyBytes::new(py, &model.map_err(|error| shown(&error))?))
    }

    fn __repr__(&self) -> String {
        format!("Policy({})", self.origin)
    }
}

impl Policy {
    /// Best actions and outputs for rows of observations.
    ///
    /// Rows are taken in parts, between which Ctrl-C is heard. No part is a single row unless there is only one: the product of a single row is
    /// computed in another way.
    fn asked(&self, py: Python<'_>, bytes: &[u8]) -> PyResult<(Vec<u8>, Vec<f32>)> {
        let rows = bytes.len() / self.observation_len;
        let parts = rows.div_ceil(MOST_ROWS);
        interruptible(py, |signals| {
            let mut acting = self.acting.lock().unwrap_or_else(PoisonError::into_inner);
            let (mut actions, mut outputs) = (vec![0; rows], Vec::with_capacity(rows * self.snapshot.shape.outputs));
            for part in 0..parts {
                if signals.look().is_err() {
                    break;
                }
                let of_part = part * rows / parts..(part + 1) * rows / parts;
                let of_bytes = of_part.start * self.observation_len..of_part.end * self.observation_len;
                acting.greedy(&bytes[of_bytes], &mut actions[of_part]);
                outputs.extend_from_slice(acting.outputs());
            }
            (actions, outputs)
        })
    }

    /// Copies rows of observations as bytes out of an array.
    fn bytes(&self, observations: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
        let expected = format!("observations must be an array [rows, {}] of uint8", self.observation_len);
        let Ok(array) = observations.cast::<PyUntypedArray>() else {
            return Err(PyTypeError::new_err(format!(
                "{expected}, not {}",
                observations.get_type().name()?
            )));
        };
        if array.ndim() != 2 || array.shape()[1] != self.observation_len {
            let shape: Vec<_> = array.shape().iter().map(usize::to_string).collect();
            return Err(plain(format!("{expected}, not of shape [{}]", shape.join(", "))));
        }
        let bytes = array.cast::<PyArray2<u8>>().map_err(|_| {
            PyTypeError::new_err(format!(
                "{expected}, not of {}: environments give such with observation=\"bytes\"",
                array.dtype()
            ))
        })?;
        Ok(bytes.readonly().as_array().iter().copied().collect())
    }
}

fn read(source: &Path) -> PyResult<RunPolicy> {
    if let Some(shipped) = SHIPPED_POLICIES.iter().find(|policy| Path::new(policy.name) == source) {
        return shipped.read().map_err(plain);
    }
    plain_file(source)?;
    let shown = source.display();
    let bytes = read_small(source, LARGEST_POLICY_BYTES).map_err(|error| {
        let names = || SHIPPED_POLICIES.iter().map(|policy| policy.name);
        let meant = nearest(&source.to_string_lossy(), names());
        let meant = meant.map_or_else(String::new, |name| format!(" Did you mean `{name}`?"));
        let all: Vec<_> = names().collect();
        plain(format!(
            "there is no policy `{shown}`: {error}. Those that come with the package are {}.{meant}",
            all.join(", ")
        ))
    })?;
    RunPolicy::from_bytes(&bytes).map_err(|error| plain(format!("{shown}: {error}")))
}

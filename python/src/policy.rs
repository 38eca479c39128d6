//! Policies of files, and those that come with the program, acting on observations from Python.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray2};
use perennial::files::read_small;
use perennial::learner::{Policy as Acting, PolicySnapshot};
use perennial::scenario::Scenario as Described;
use perennial::sensors::observation_spec;
use perennial::suggestion::nearest;
use perennial::training::{OnnxInput, RunPolicy, SHIPPED_POLICIES};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::failure::{plain, shown, unlocked};
use crate::scenario::Scenario;

/// Largest policy file that is read.
const LARGEST_POLICY_BYTES: u64 = 1 << 30;

/// A learned policy, in the gardens of one scenario and season.
///
/// `Policy(source, scenario, season=0)`: `source` is the name of a policy that comes with the package ("spring", "year") or a file that
/// `perennial export` wrote. The season matters only to policies that have a network for each.
#[pyclass(frozen, module = "perennial_rl._native")]
pub(crate) struct Policy {
    acting: Mutex<Acting>,
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
    #[pyo3(signature = (source, scenario, season = 0))]
    fn new(source: &str, scenario: &Scenario, season: usize) -> PyResult<Self> {
        let policy = read(source)?;
        let fitting = policy.for_scenario(&scenario.0).map_err(|error| shown(&error))?;
        let snapshot = fitting.for_season(season).clone();
        let spec = observation_spec(&scenario.0);
        let origin = &policy.origin;
        Ok(Self {
            acting: Mutex::new(Acting::new(&spec, &snapshot).map_err(plain)?),
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
    fn actions<'py>(&self, py: Python<'py>, observations: PyReadonlyArray2<'py, u8>) -> PyResult<Bound<'py, PyArray1<i64>>> {
        let bytes = self.bytes(&observations)?;
        let rows = bytes.len() / self.observation_len;
        let actions = unlocked(py, || {
            let mut actions = vec![0; rows];
            let mut acting = self.acting.lock().unwrap_or_else(PoisonError::into_inner);
            acting.greedy(&bytes, &mut actions);
            actions
        })?;
        Ok(PyArray1::from_iter(py, actions.into_iter().map(i64::from)))
    }

    /// Outputs of the network for each row of observations as bytes: `[rows, actions]`, values or logits (float32).
    fn outputs<'py>(&self, py: Python<'py>, observations: PyReadonlyArray2<'py, u8>) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let bytes = self.bytes(&observations)?;
        let rows = bytes.len() / self.observation_len;
        let outputs = unlocked(py, || {
            let mut acting = self.acting.lock().unwrap_or_else(PoisonError::into_inner);
            acting.greedy(&bytes, &mut vec![0; rows]);
            acting.outputs().to_vec()
        })?;
        PyArray1::from_vec(py, outputs).reshape([rows, self.snapshot.shape.outputs])
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
    fn bytes(&self, observations: &PyReadonlyArray2<u8>) -> PyResult<Vec<u8>> {
        let view = observations.as_array();
        if view.ncols() != self.observation_len {
            return Err(plain(format!(
                "an observation has {} bytes, not {}",
                self.observation_len,
                view.ncols()
            )));
        }
        Ok(view.iter().copied().collect())
    }
}

fn read(source: &str) -> PyResult<RunPolicy> {
    if let Some(shipped) = SHIPPED_POLICIES.iter().find(|policy| policy.name == source) {
        return shipped.read().map_err(plain);
    }
    let bytes = read_small(Path::new(source), LARGEST_POLICY_BYTES).map_err(|error| {
        let names = || SHIPPED_POLICIES.iter().map(|policy| policy.name);
        let meant = nearest(source, names()).map_or_else(String::new, |name| format!(" Did you mean `{name}`?"));
        let all: Vec<_> = names().collect();
        plain(format!(
            "there is no policy `{source}`: {error}. Those that come with the package are {}.{meant}",
            all.join(", ")
        ))
    })?;
    RunPolicy::from_bytes(&bytes).map_err(|error| plain(format!("{source}: {error}")))
}

//! The network as a module of dfdx, to be combined and differentiated with whatever dfdx has.
//!
//! Its forward and backward passes are those of [`Network`], put on dfdx's tape as a single operation: the gradient of any loss that is
//! written in dfdx reaches the parameters, and the input, through them. The parameters are not a `TensorCollection`, which dfdx 0.13
//! offers only for sizes that are known when the program is compiled: whoever trains a module takes the gradient of
//! [`parameters`](Perceptron::parameters) and moves them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dfdx::nn::Module;
use dfdx::shapes::HasShape;
use dfdx::tensor::{Cpu, CpuError, PutTape, SplitTape, Tape, Tensor, ZerosTensor};
use dfdx::tensor_ops::ReshapeTo;

use crate::learner::inputs::Inputs;
use crate::learner::network::{Network, NetworkShape, Pass};

/// Buffers of passes; each stored pass belongs to an operation on a tape until its gradient has been computed.
struct Work {
    network: Network,
    spare: Vec<(Inputs, Pass)>,
    numbers: Vec<f32>,
}

/// A multilayer perceptron as a module of dfdx: `[rows, inputs]` in, `[rows, outputs]` out.
pub struct Perceptron {
    /// Flat parameters: see [`network`](crate::learner::network).
    pub parameters: Tensor<(usize,), f32, Cpu>,
    device: Cpu,
    work: Arc<Mutex<Work>>,
}

impl Perceptron {
    /// Creates a module with these parameters, whose number must be that of `shape`.
    pub fn new(shape: &NetworkShape, parameters: &[f32]) -> Self {
        let device = Cpu::default();
        let mut tensor = device.zeros_like(&(parameters.len(),));
        tensor.copy_from(parameters);
        let work = Work {
            network: Network::new(shape, parameters),
            spare: Vec::new(),
            numbers: Vec::new(),
        };
        Self {
            parameters: tensor,
            device,
            work: Arc::new(Mutex::new(work)),
        }
    }
}

/// Returns the buffers, also after a panic of another thread: all of them are overwritten before they are read.
fn locked(work: &Mutex<Work>) -> MutexGuard<'_, Work> {
    work.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T: Tape<f32, Cpu>> Module<Tensor<(usize, usize), f32, Cpu, T>> for Perceptron {
    type Output = Tensor<(usize, usize), f32, Cpu, T>;
    type Error = CpuError;

    fn try_forward(&self, input: Tensor<(usize, usize), f32, Cpu, T>) -> Result<Self::Output, CpuError> {
        let (input, mut tape) = input.split_tape();
        let (rows, width) = *input.shape();
        let mut work = locked(&self.work);
        let Work { network, spare, numbers } = &mut *work;
        numbers.resize(self.parameters.shape().0, 0.0);
        self.parameters.copy_into(numbers);
        network.set(numbers);
        let (mut inputs, mut pass) = spare.pop().unwrap_or_else(|| (Inputs::new(width), Pass::default()));
        inputs.clear();
        numbers.resize(rows * width, 0.0);
        input.clone().try_contiguous()?.copy_into(numbers);
        numbers.chunks_exact(width).for_each(|row| inputs.push_numbers(&[row]));
        network.forward(&inputs, &mut pass);
        let mut output = self.device.try_zeros_like(&(rows, network.shape().outputs))?;
        output.copy_from(pass.outputs());

        let (input, parameters, given) = (input.ghost(), self.parameters.ghost(), output.ghost());
        let shared = Arc::clone(&self.work);
        tape.add_backward_op(move |gradients| {
            let output_gradient = gradients.get_or_alloc_mut(&given)?.to_vec();
            let mut work = locked(&shared);
            let Work { network, spare, numbers } = &mut *work;
            let gradient = gradients.get_or_alloc_mut(&parameters)?;
            numbers.resize(gradient.len(), 0.0);
            network.backward(&mut pass, &output_gradient, numbers);
            gradient.iter_mut().zip(&*numbers).for_each(|(sum, &part)| *sum += part);
            let gradient = gradients.get_or_alloc_mut(&input)?;
            numbers.resize(gradient.len(), 0.0);
            network.input_gradient(&pass, numbers);
            gradient.iter_mut().zip(&*numbers).for_each(|(sum, &part)| *sum += part);
            spare.push((inputs, pass));
            Ok(())
        });
        Ok(output.put_tape(tape))
    }
}

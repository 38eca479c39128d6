//! Tests of the network's passes against finite differences and against dfdx's automatic differentiation.

use dfdx::nn::Module;
use dfdx::shapes::{Axis, HasShape, Rank0};
use dfdx::tensor::{AsArray, Cpu, Gradients, Tensor, Trace, ZerosTensor};
use dfdx::tensor_ops::{Backward, BroadcastTo, SumTo, TryMatMul};
use rand::Rng;

use crate::learner::Inputs;
use crate::learner::network::{Network, NetworkShape, Pass, Perceptron};
use crate::learner::testing::{assert_is_gradient, decoder};
use crate::random::stream;

fn shape(layer_norm: bool) -> NetworkShape {
    NetworkShape {
        inputs: 4,
        hidden: vec![7, 5],
        outputs: 3,
        layer_norm,
    }
}

fn inputs(rows: usize) -> Inputs {
    let mut rng = stream(3, "inputs", 0);
    let mut inputs = Inputs::new(4);
    for _ in 0..rows {
        inputs.push(&decoder(4), &rng.next_u64().to_le_bytes()[..4]);
    }
    inputs
}

/// Gradient at the outputs of the loss in the tests below: a weighted sum with a different slope for every output.
fn slopes(count: usize) -> Vec<f32> {
    (0..count).map(|index| 0.1 + (index % 7) as f32 * 0.2).collect()
}

#[test]
fn the_backward_pass_agrees_with_finite_differences() {
    for layer_norm in [false, true] {
        let (shape, inputs) = (shape(layer_norm), inputs(6));
        let parameters = shape.initial_parameters(&mut stream(1, "test", 0));
        let (mut network, mut pass) = (Network::new(&shape, &parameters), Pass::default());
        assert_is_gradient(&parameters, |parameters, gradient| {
            network.set(parameters);
            network.forward(&inputs, &mut pass);
            let slopes = slopes(pass.outputs().len());
            let loss = pass.outputs().iter().zip(&slopes).map(|(output, slope)| output * slope).sum();
            network.backward(&mut pass, &slopes, gradient);
            loss
        });
    }
}

#[test]
fn a_gradient_may_enter_at_a_hidden_layer() {
    for layer_norm in [false, true] {
        let (shape, inputs) = (shape(layer_norm), inputs(6));
        let parameters = shape.initial_parameters(&mut stream(1, "test", 0));
        let (mut network, mut pass) = (Network::new(&shape, &parameters), Pass::default());
        let end = shape.layers()[1].range.end;
        let (below, above) = parameters.split_at(end);
        assert_is_gradient(below, |below, gradient| {
            network.set(&[below, above].concat());
            network.forward(&inputs, &mut pass);
            let slopes = slopes(6 * 5);
            let mut entering = vec![0.0; 6 * 5];
            let mut loss = 0.0;
            for (row, units) in pass.hidden(1).iter().enumerate() {
                for unit in 0..5 {
                    loss += units[unit] * slopes[row * 5 + unit];
                    // The gradient enters before the ReLU.
                    entering[row * 5 + unit] = if units[unit] > 0.0 { slopes[row * 5 + unit] } else { 0.0 };
                }
            }
            network.backward_from(1, &mut pass, &entering, gradient);
            loss
        });
    }
}

/// Compares with the same network in dfdx: `relu(x W + b)` with a broadcast bias, differentiated by its tape.
#[test]
fn the_backward_pass_agrees_with_dfdx() {
    let (shape, inputs) = (shape(false), inputs(6));
    let parameters = shape.initial_parameters(&mut stream(1, "test", 0));
    let device = Cpu::default();
    let matrix = |rows: usize, columns: usize, numbers: &[f32]| {
        let mut matrix: Tensor<(usize, usize), f32, Cpu> = device.zeros_like(&(rows, columns));
        matrix.copy_from(numbers);
        matrix
    };
    let layers: Vec<_> = shape
        .layers()
        .into_iter()
        .map(|layer| {
            let flat = &parameters[layer.range.clone()];
            let mut bias: Tensor<(usize,), f32, Cpu> = device.zeros_like(&(layer.outputs,));
            bias.copy_from(&flat[layer.inputs * layer.outputs..]);
            (
                matrix(layer.inputs, layer.outputs, &flat[..layer.inputs * layer.outputs]),
                bias,
            )
        })
        .collect();
    let rows: Vec<f32> = (0..6).flat_map(|row| inputs.row(row).to_vec()).collect();
    let mut x = matrix(6, 4, &rows).traced(Gradients::leaky());
    for (index, (weights, bias)) in layers.iter().enumerate() {
        let outputs = bias.shape().0;
        let bias = bias
            .retaped::<dfdx::tensor::OwnedTape<f32, Cpu>>()
            .broadcast_like::<_, Axis<0>>(&(6usize, outputs));
        x = x.matmul(weights.clone()) + bias;
        if index + 1 < layers.len() {
            x = x.relu();
        }
    }
    let loss = (x * matrix(6, 3, &slopes(18))).sum::<Rank0, _>();
    let expected_loss = loss.array();
    let gradients = loss.backward();
    let mut expected = Vec::new();
    for (weights, bias) in &layers {
        expected.extend(gradients.get(weights).as_vec());
        expected.extend(gradients.get(bias).as_vec());
    }

    let (mut network, mut pass) = (Network::new(&shape, &parameters), Pass::default());
    network.forward(&inputs, &mut pass);
    let slopes = slopes(18);
    let loss: f32 = pass.outputs().iter().zip(&slopes).map(|(output, slope)| output * slope).sum();
    let mut gradient = vec![0.0; parameters.len()];
    network.backward(&mut pass, &slopes, &mut gradient);
    assert!((loss - expected_loss).abs() < 1e-5);
    for (index, (ours, theirs)) in gradient.iter().zip(&expected).enumerate() {
        assert!((ours - theirs).abs() < 1e-5, "{index}: {ours} and {theirs}");
    }
}

/// Two uses of a module in one loss: gradients of both reach the parameters, and those of the inputs their inputs.
#[test]
fn the_module_of_dfdx_has_the_gradients_of_the_network() {
    for layer_norm in [false, true] {
        let shape = NetworkShape {
            inputs: 3,
            hidden: vec![7, 5],
            outputs: 3,
            layer_norm,
        };
        let parameters = shape.initial_parameters(&mut stream(1, "test", 0));
        let numbers: Vec<f32> = (0..18).map(|index| 0.1 * ((index * 7) % 11) as f32 - 0.4).collect();
        let device = Cpu::default();
        let run = |parameters: &[f32], numbers: &[f32]| {
            let module = Perceptron::new(&shape, parameters);
            let mut input: Tensor<(usize, usize), f32, Cpu> = device.zeros_like(&(6, 3));
            input.copy_from(numbers);
            let once = module.forward(input.trace(Gradients::leaky()));
            let loss = module.forward(once).square().sum::<Rank0, _>();
            let value = loss.array();
            let gradients = loss.backward();
            (
                value,
                gradients.get(&module.parameters).as_vec(),
                gradients.get(&input).as_vec(),
            )
        };
        assert_is_gradient(&parameters, |parameters, gradient| {
            let (loss, of_parameters, _) = run(parameters, &numbers);
            gradient.copy_from_slice(&of_parameters);
            loss
        });
        assert_is_gradient(&numbers, |numbers, gradient| {
            let (loss, _, of_input) = run(&parameters, numbers);
            gradient.copy_from_slice(&of_input);
            loss
        });
    }
}

#[test]
fn multiply_adds_are_what_the_shapes_tell() {
    let (shape, inputs) = (shape(false), inputs(6));
    let parameters = shape.initial_parameters(&mut stream(1, "test", 0));
    let (mut network, mut pass) = (Network::new(&shape, &parameters), Pass::default());
    network.forward(&inputs, &mut pass);
    let forward = 6 * (5 * 7 + 8 * 5 + 6 * 3);
    assert_eq!(network.multiply_adds(), forward);
    network.backward(&mut pass, &slopes(18), &mut vec![0.0; parameters.len()]);
    assert_eq!(network.multiply_adds(), 2 * forward + 6 * (7 * 5 + 5 * 3));

    let shape = self::shape(true);
    let mut normalised = Network::new(&shape, &parameters);
    normalised.forward(&inputs, &mut pass);
    assert_eq!(normalised.multiply_adds(), forward + 6 * 3 * (7 + 5));
    assert_eq!(normalised.multiply_adds(), 6 * shape.forward_multiply_adds());
    normalised.backward(&mut pass, &slopes(18), &mut vec![0.0; parameters.len()]);
    assert_eq!(
        normalised.multiply_adds(),
        network.multiply_adds() + 6 * 3 * (7 + 5) + 6 * 4 * (7 + 5)
    );
}

/// The outputs of a normalised layer depend neither on the size of its weights nor on a common offset of its biases.
#[test]
fn normalised_layers_forget_size_and_offset() {
    for layer_norm in [true, false] {
        let (shape, inputs) = (shape(layer_norm), inputs(6));
        let mut parameters = shape.initial_parameters(&mut stream(1, "test", 0));
        let outputs = |parameters: &[f32]| {
            let (mut network, mut pass) = (Network::new(&shape, parameters), Pass::default());
            network.evaluate(&inputs, &mut pass);
            pass.outputs().to_vec()
        };
        let before = outputs(&parameters);
        let layer = &shape.layers()[1];
        parameters[layer.range.clone()].iter_mut().for_each(|weight| *weight *= 8.0);
        let biases = layer.range.end - layer.outputs;
        parameters[biases..layer.range.end].iter_mut().for_each(|bias| *bias += 2.0);
        let moved = before.iter().zip(outputs(&parameters)).map(|(a, b)| (a - b).abs());
        let most = moved.fold(0.0, f32::max);
        assert_eq!(most < 1e-3, layer_norm, "{most}");
    }
}

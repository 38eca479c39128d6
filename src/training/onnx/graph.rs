//! The network of a policy as a graph of ONNX operators.

use crate::learner::network::NetworkShape;
use crate::learner::{Context, PolicySnapshot};
use crate::mdp::ObservationSpec;

use super::OnnxInput;
use super::messages::{Attribute, DataType, Dimension, Extent, Graph, Node, Shape, Tensor, TensorType, Type, ValueInfo};

/// Name of the graph's input: `[batch, inputs]`.
pub(super) const INPUT: &str = "observation";
/// Name of the graph's output: `[batch, actions]`.
pub(super) const OUTPUT: &str = "values";

/// Constant that is added to the variance of a normalised layer, as the network does.
const EPSILON: f32 = 1e-5;

/// Type code of attributes that are floats, and of those that are integers.
const FLOAT_ATTRIBUTE: i32 = 1;
const INTEGER_ATTRIBUTE: i32 = 2;

/// The graph of a policy: from a batch of observations to the outputs of its network, or of the network of the view's context.
pub(super) fn graph(network: &PolicySnapshot, observation: &ObservationSpec, input: OnnxInput) -> Graph {
    let mut builder = Builder::default();
    let numbers = match input {
        OnnxInput::Numbers => INPUT.to_owned(),
        OnnxInput::Bytes => builder.decode(observation),
    };
    if network.contexts.is_empty() {
        builder.perceptron("", &network.shape, &network.parameters, &numbers, OUTPUT);
    } else {
        builder.contexts(network, &numbers);
    }
    let (element, meaning) = match input {
        OnnxInput::Numbers => (DataType::Float, "numbers in their units: see perennial.channels"),
        OnnxInput::Bytes => (DataType::Uint8, "bytes as the sensors write them"),
    };
    Graph {
        node: builder.nodes,
        name: "policy".to_owned(),
        initializer: builder.constants,
        input: vec![value(INPUT, element, network.shape.inputs, meaning)],
        output: vec![value(
            OUTPUT,
            DataType::Float,
            network.shape.outputs,
            "the best action is the one with the largest",
        )],
    }
}

/// Description of a tensor `[batch, columns]`.
fn value(name: &str, element: DataType, columns: usize, meaning: &str) -> ValueInfo {
    let extents = [Extent::Named("batch".to_owned()), Extent::Fixed(columns as i64)];
    let shape = Shape {
        dim: extents.map(|extent| Dimension { value: Some(extent) }).to_vec(),
    };
    ValueInfo {
        name: name.to_owned(),
        r#type: Some(Type {
            tensor_type: Some(TensorType {
                elem_type: element as i32,
                shape: Some(shape),
            }),
        }),
        doc_string: meaning.to_owned(),
    }
}

/// Nodes and constants so far. Names of results are names of nodes.
#[derive(Default)]
struct Builder {
    nodes: Vec<Node>,
    constants: Vec<Tensor>,
}

impl Builder {
    /// Adds an operation and returns the name of its result.
    fn node(&mut self, operator: &str, name: &str, inputs: &[&str], attributes: Vec<Attribute>) -> String {
        self.nodes.push(Node {
            input: inputs.iter().map(|&input| input.to_owned()).collect(),
            output: vec![name.to_owned()],
            name: name.to_owned(),
            op_type: operator.to_owned(),
            attribute: attributes,
        });
        name.to_owned()
    }

    /// Adds a constant and returns its name.
    fn constant(&mut self, name: &str, dims: &[usize], numbers: &[f32]) -> String {
        self.constants.push(Tensor {
            dims: dims.iter().map(|&extent| extent as i64).collect(),
            data_type: DataType::Float as i32,
            name: name.to_owned(),
            raw_data: numbers.iter().flat_map(|number| number.to_le_bytes()).collect(),
        });
        name.to_owned()
    }

    /// Decodes bytes: `low + step * byte`, in this order, as [`ObservationDecoder`](crate::mdp::ObservationDecoder) does.
    fn decode(&mut self, observation: &ObservationSpec) -> String {
        let decoder = observation.decoder();
        let (step, low) = decoder.coefficients();
        let step = self.constant("decode.step", &[step.len()], step);
        let low = self.constant("decode.low", &[low.len()], low);
        let bytes = self.node("Cast", "decode.bytes", &[INPUT], vec![integer("to", DataType::Float as i64)]);
        let scaled = self.node("Mul", "decode.scaled", &[&bytes, &step], Vec::new());
        self.node("Add", "decode.numbers", &[&low, &scaled], Vec::new())
    }

    /// The layers of a network; the names of all begin with `prefix`, and that of the last result is `output`.
    fn perceptron(&mut self, prefix: &str, shape: &NetworkShape, parameters: &[f32], input: &str, output: &str) -> String {
        let layers = shape.layers();
        let last = layers.len() - 1;
        let mut hidden = input.to_owned();
        for (number, layer) in layers.iter().enumerate() {
            let name = |part: &str| format!("{prefix}layer{number}.{part}");
            let (weights, biases) = parameters[layer.range.clone()].split_at(layer.inputs * layer.outputs);
            let weights = self.constant(&name("weights"), &[layer.inputs, layer.outputs], weights);
            let biases = self.constant(&name("biases"), &[layer.outputs], biases);
            if number == last {
                return self.node("Gemm", output, &[&hidden, &weights, &biases], Vec::new());
            }
            let mut sums = self.node("Gemm", &name("sums"), &[&hidden, &weights, &biases], Vec::new());
            if shape.layer_norm {
                // The operator wants a gain, and the network has none.
                let gain = self.constant(&name("gain"), &[layer.outputs], &vec![1.0; layer.outputs]);
                let attributes = vec![integer("axis", -1), float("epsilon", EPSILON)];
                sums = self.node("LayerNormalization", &name("normalised"), &[&sums, &gain], attributes);
            }
            hidden = self.node("Relu", &name("hidden"), &[&sums], Vec::new());
        }
        hidden
    }

    /// The networks of several contexts, and the choice among them: the context in which a view is least surprising decides it.
    fn contexts(&mut self, network: &PolicySnapshot, input: &str) {
        let (mut surprises, mut values) = (Vec::new(), Vec::new());
        for (number, context) in network.contexts.0.iter().enumerate() {
            let prefix = format!("context{number}.");
            surprises.push(self.surprise(&prefix, context, input));
            let outputs = format!("{prefix}values");
            let outputs = self.perceptron(&prefix, &network.shape, &context.parameters, input, &outputs);
            let axis = self.integers(&format!("{prefix}axis"), &[1]);
            values.push(self.node("Unsqueeze", &format!("{prefix}row"), &[&outputs, &axis], Vec::new()));
        }
        let surprises = self.node("Concat", "surprises", &texts(&surprises), vec![integer("axis", 1)]);
        let values = self.node("Concat", "values_of_contexts", &texts(&values), vec![integer("axis", 1)]);
        // The first of equals, as in the program.
        let context = self.node(
            "ArgMin",
            "context",
            &[&surprises],
            vec![integer("axis", 1), integer("keepdims", 1)],
        );
        self.node("GatherND", OUTPUT, &[&values, &context], vec![integer("batch_dims", 1)]);
    }

    /// Surprise of views in a context, `[batch, 1]`: mean over the channels of the squared distance in variances, plus an offset.
    fn surprise(&mut self, prefix: &str, context: &Context, input: &str) -> String {
        let (means, precisions, offset) = context.views.parts();
        let name = |part: &str| format!("{prefix}{part}");
        let columns = means.len();
        let means = self.constant(&name("means"), &[columns], means);
        let precisions = self.constant(&name("precisions"), &[columns], precisions);
        let offset = self.constant(&name("offset"), &[1], &[offset]);
        let distance = self.node("Sub", &name("distance"), &[input, &means], Vec::new());
        let scaled = self.node("Mul", &name("scaled"), &[&precisions, &distance], Vec::new());
        let squares = self.node("Mul", &name("squares"), &[&scaled, &distance], Vec::new());
        // A product, because the operators for means take their axes in another way from opset 18 on.
        let weights = self.constant(&name("mean"), &[columns, 1], &vec![1.0 / columns as f32; columns]);
        let mean = self.node("MatMul", &name("mean_square"), &[&squares, &weights], Vec::new());
        self.node("Add", &name("surprise"), &[&mean, &offset], Vec::new())
    }

    /// Adds constant integers and returns their name.
    fn integers(&mut self, name: &str, numbers: &[i64]) -> String {
        self.constants.push(Tensor {
            dims: vec![numbers.len() as i64],
            data_type: DataType::Int64 as i32,
            name: name.to_owned(),
            raw_data: numbers.iter().flat_map(|number| number.to_le_bytes()).collect(),
        });
        name.to_owned()
    }
}

fn texts(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

fn integer(name: &str, value: i64) -> Attribute {
    Attribute {
        name: name.to_owned(),
        i: value,
        r#type: INTEGER_ATTRIBUTE,
        ..Attribute::default()
    }
}

fn float(name: &str, value: f32) -> Attribute {
    Attribute {
        name: name.to_owned(),
        f: value,
        r#type: FLOAT_ATTRIBUTE,
        ..Attribute::default()
    }
}

use super::messages::DataType;
use super::*;
use crate::learner::{Context, Contexts, ViewDistribution};
use crate::scenario::DEFAULT_SCENARIO;
use crate::training::{RunConfig, new_learner};

fn config() -> RunConfig {
    let mut config = RunConfig::new(Scenario::load(DEFAULT_SCENARIO).unwrap().scenario);
    config.learner.hidden = vec![8, 4];
    config
}

fn network(config: &RunConfig) -> PolicySnapshot {
    new_learner(config).unwrap().policy()
}

fn model_of(network: PolicySnapshot, config: &RunConfig, input: OnnxInput) -> Model {
    let policy = RunPolicy::of_config(vec![network], config, 1_000).unwrap();
    let bytes = policy.to_onnx(&config.scenario, None, input).unwrap();
    Model::decode(bytes.as_slice()).unwrap()
}

fn operators(model: &Model) -> Vec<String> {
    let graph = model.graph.as_ref().unwrap();
    graph.node.iter().map(|node| node.op_type.clone()).collect()
}

/// Operators of a network with two hidden layers.
fn layers(is_normalised: bool) -> Vec<&'static str> {
    let hidden: &[&str] = if is_normalised {
        &["Gemm", "LayerNormalization", "Relu"]
    } else {
        &["Gemm", "Relu"]
    };
    [hidden, hidden, &["Gemm"]].concat()
}

#[test]
fn a_model_holds_the_weights_in_their_layers() {
    let config = config();
    let network = network(&config);
    let model = model_of(network.clone(), &config, OnnxInput::Numbers);
    assert_eq!(operators(&model), layers(true));
    let graph = model.graph.unwrap();
    let mut parameters = Vec::new();
    for constant in graph.initializer.iter().filter(|constant| !constant.name.ends_with("gain")) {
        let numbers = constant.raw_data.chunks_exact(4);
        parameters.extend(numbers.map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())));
    }
    assert_eq!(parameters, network.parameters);
    assert_eq!(graph.initializer[0].dims, [107, 8]);
    assert_eq!(
        (graph.input[0].name.as_str(), graph.output[0].name.as_str()),
        ("observation", "values")
    );
}

#[test]
fn layers_are_normalised_only_where_the_network_does_it() {
    let mut config = config();
    config.learner.layer_norm = false;
    let model = model_of(network(&config), &config, OnnxInput::Numbers);
    assert_eq!(operators(&model), layers(false));
}

#[test]
fn bytes_are_decoded_in_the_graph() {
    let config = config();
    let model = model_of(network(&config), &config, OnnxInput::Bytes);
    assert_eq!(operators(&model), [vec!["Cast", "Mul", "Add"], layers(true)].concat());
    let input = model.graph.unwrap().input.remove(0).r#type.unwrap().tensor_type.unwrap();
    assert_eq!(input.elem_type, DataType::Uint8 as i32);
}

/// Every result is used or is the output, and every input is there before it is needed.
#[test]
fn a_graph_of_contexts_hangs_together() {
    let config = config();
    let mut network = network(&config);
    let context = |mean: f32| Context {
        views: ViewDistribution::new(&[mean; 107], &[2.0; 107]),
        parameters: network.parameters.clone(),
    };
    network.contexts = Contexts(vec![context(-1.0), context(1.0)]);
    let graph = model_of(network, &config, OnnxInput::Bytes).graph.unwrap();
    let mut known: Vec<String> = graph.initializer.iter().map(|constant| constant.name.clone()).collect();
    known.push("observation".to_owned());
    for node in &graph.node {
        assert!(node.input.iter().all(|input| known.contains(input)), "{}", node.name);
        assert!(!known.contains(&node.output[0]), "{} is there twice", node.output[0]);
        known.extend(node.output.iter().cloned());
    }
    let used: Vec<&String> = graph.node.iter().flat_map(|node| &node.input).collect();
    let unused: Vec<&String> = known.iter().filter(|name| !used.contains(name)).collect();
    assert_eq!(unused, ["values"]);
}

#[test]
fn metadata_tell_the_origin_and_how_to_decode() {
    let config = config();
    let model = model_of(network(&config), &config, OnnxInput::Numbers);
    let value = |key: &str| {
        let property = model
            .metadata_props
            .iter()
            .find(|property| property.key == format!("perennial.{key}"));
        property.map(|property| property.value.clone())
    };
    assert_eq!(value("decisions").as_deref(), Some("1000"));
    assert_eq!(value("outputs").as_deref(), Some("values"));
    let channels: Vec<crate::mdp::Channel> = serde_json::from_str(&value("channels").unwrap()).unwrap();
    assert_eq!(channels, observation_spec(&config.scenario).channels);
    assert_eq!(value("season"), None);
}

#[test]
fn one_of_several_policies_has_to_be_chosen() {
    let config = config();
    let networks = (0..4).map(|season| {
        let mut network = network(&config);
        *network.parameters.last_mut().unwrap() = season as f32;
        network
    });
    let policy = RunPolicy::of_config(networks.collect(), &config, 0).unwrap();
    let refusal = policy.to_onnx(&config.scenario, None, OnnxInput::Numbers).unwrap_err();
    assert!(refusal.to_string().contains("a policy for each of 4 seasons"), "{refusal}");
    let winter = policy.to_onnx(&config.scenario, Some(3), OnnxInput::Numbers).unwrap();
    assert_eq!(
        winter,
        policy
            .only(3)
            .to_onnx(&config.scenario, None, OnnxInput::Numbers)
            .map(without_season)
            .unwrap()
    );
}

/// The model without the property that only a policy taken out of several has.
fn without_season(bytes: Vec<u8>) -> Vec<u8> {
    let mut model = Model::decode(bytes.as_slice()).unwrap();
    model.metadata_props.retain(|property| property.key != "perennial.season");
    model.encode_to_vec()
}

//! Fine-tuning: learning continues without any measure against forgetting. The lower bound.

use crate::learner::methods::{Curriculum, Keeps, Method, MethodFamily, MethodSpec, Needs};

pub(crate) const SPEC: MethodSpec = MethodSpec {
    name: "finetune",
    summary: "continues training, with nothing against forgetting",
    family: MethodFamily::LowerBound,
    paper: "the baseline of every continual-learning study",
    equation: "L(theta)",
    cost: "nothing",
    needs: Needs::NOTHING,
    curriculum: Curriculum::Any,
    losses: &[],
    tuning: None,
    remove_strength: |_| {},
    act_soon: |_| {},
    memory: |_, _| 0,
    keeps: Keeps::Nothing,
    heads: true,
    build: |_, _| Box::new(Finetune),
};

struct Finetune;

impl Method for Finetune {}

//! Tests of a reservoir's contents and of the uniformity of its sample.

use super::*;
use crate::learner::testing::{Walk, chi_squared_is_plausible, observation_spec};
use crate::random::stream;
use proptest::prelude::*;

fn reservoir(capacity: usize, segment_decisions: usize, gardens: usize, seed: u64) -> Reservoir {
    let settings = ReservoirSettings {
        capacity,
        segment_decisions,
        packed: false,
    };
    Reservoir::new(&settings, gardens, Walk::WIDTH, 2, stream(seed, "reservoir", 0))
}

/// Returns the same reservoir with packed segments, with at most so many bytes if there is a limit.
fn packed(memory: Reservoir, limit: Option<u64>) -> Reservoir {
    memory.packed(SegmentPacker::new(&observation_spec(Walk::WIDTH), 5), limit)
}

fn places(memory: &Reservoir) -> impl Iterator<Item = SegmentPosition> {
    (0..memory.segments())
        .flat_map(|segment| (0..memory.segment_len(segment)).map(move |position| SegmentPosition { segment, position }))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn next_is_the_true_successor_and_capacity_holds(
        seed in 0u64..1000, gardens in 1usize..4, capacity in 1usize..60, length in 1usize..9, decisions in 1usize..120,
        unannounced in any::<bool>(), is_packed in any::<bool>(),
    ) {
        let mut walk = Walk::new(seed, gardens);
        let mut memory = reservoir(capacity, length, gardens, seed);
        if is_packed {
            memory = packed(memory, None);
        }
        for decision in 0..decisions {
            if unannounced && decision % 17 == 16 {
                walk.restart();
            }
            memory.observe(walk.step(), 0);
            prop_assert!(memory.transitions() <= capacity);
        }
        memory.finish_all(0);
        prop_assert!(memory.transitions() > 0);
        prop_assert_eq!(memory.transitions(), places(&memory).count());
        for place in places(&memory) {
            prop_assert!(walk.is_true(memory.transition(place, &mut UnpackedSegment::default())), "{:?}", memory.transition(place, &mut UnpackedSegment::default()));
        }
    }
}

#[test]
fn early_and_late_segments_are_held_equally_often() {
    let (runs, decisions, length) = (400, 100, 2);
    let mut counts = vec![0u32; decisions / length];
    for seed in 0..runs {
        let mut walk = Walk::endless(seed, 1);
        let mut memory = reservoir(20, length, 1, seed);
        (0..decisions).for_each(|_| memory.observe(walk.step(), 0));
        let mut unpacked = UnpackedSegment::default();
        for segment in 0..memory.segments() {
            let first = memory.transition(SegmentPosition { segment, position: 0 }, &mut unpacked);
            counts[walk.decision_of(first) / length] += 1;
        }
    }
    assert!(chi_squared_is_plausible(&counts), "{counts:?}");
}

#[test]
fn every_transition_is_drawn_equally_often() {
    let mut walk = Walk::new(3, 2);
    let mut memory = reservoir(60, 4, 2, 0);
    (0..300).for_each(|_| memory.observe(walk.step(), 0));
    let held: Vec<SegmentPosition> = places(&memory).collect();
    let mut counts = vec![0u32; held.len()];
    let mut rng = stream(5, "test", 0);
    for _ in 0..100 * held.len() {
        let drawn = memory.draw(&mut rng).unwrap();
        counts[held.iter().position(|place| *place == drawn).unwrap()] += 1;
    }
    assert!(chi_squared_is_plausible(&counts), "{counts:?}");
}

#[test]
fn a_segment_that_takes_anothers_place_does_not_inherit_its_outputs() {
    let mut walk = Walk::endless(0, 1);
    let mut memory = reservoir(2, 2, 1, 0);
    (0..2).for_each(|_| memory.observe(walk.step(), 0));
    let place = SegmentPosition { segment: 0, position: 1 };
    memory.keep_outputs(place, &[1.0, 2.0]);
    assert_eq!(memory.kept_outputs(place), Some(vec![1.0, 2.0]));
    assert_eq!(memory.kept_outputs(SegmentPosition { position: 0, ..place }), None);
    let before = memory.transition(place, &mut UnpackedSegment::default()).observation.to_vec();
    while memory.transition(place, &mut UnpackedSegment::default()).observation == before {
        memory.observe(walk.step(), 1);
    }
    assert_eq!(memory.kept_outputs(place), None);
}

#[test]
fn bytes_are_those_of_its_arrays() {
    let mut walk = Walk::endless(0, 1);
    let mut memory = reservoir(10, 5, 1, 0);
    (0..7).for_each(|_| memory.observe(walk.step(), 0));
    let segment = 6 * Walk::WIDTH + 5 + 5 * 4 + 2 + 1 + 2;
    let growing = 3 * Walk::WIDTH + 2 + 2 * 4;
    assert_eq!(memory.bytes(), (segment + growing) as u64);
    memory.keep_outputs(SegmentPosition { segment: 0, position: 0 }, &[0.0, 0.0]);
    assert_eq!(memory.bytes(), (segment + growing + 5 * 2 * 4) as u64);
}

/// Records the code of each observation as its outputs, and finds them with it wherever it is stored, also after a load.
#[test]
fn recorded_outputs_stay_with_their_transition() {
    let recording = || reservoir(30, 4, 2, 1).recording();
    let (mut memory, mut walk) = (recording(), Walk::endless(2, 2));
    let code = |observation: &[u8]| [f32::from(observation[1]), f32::from(observation[2])];
    // The last segment of each garden has one transition.
    for _ in 0..101 {
        let experience = walk.step();
        let outputs: Vec<f32> = experience.observations.chunks(Walk::WIDTH).flat_map(code).collect();
        memory.observe_with_outputs(experience, &outputs, 0);
    }
    let mut state = crate::learner::StateDict::new();
    memory.save(&mut state, "memory").unwrap();
    let mut loaded = recording();
    loaded.load(&state, "memory").unwrap();
    // Compared by their bytes: places without outputs are NaN.
    let mut again = crate::learner::StateDict::new();
    loaded.save(&mut again, "memory").unwrap();
    assert_eq!(again, state);
    assert_eq!(state.bytes_under("memory"), memory.bytes());
    assert!(memory.segments() == 7 && memory.growing.iter().any(|growing| !growing.outputs.is_empty()));
    for place in places(&memory).collect::<Vec<_>>() {
        let expected = code(memory.observation(place, &mut UnpackedSegment::default()));
        assert_eq!(memory.kept_outputs(place), Some(expected.to_vec()));
    }
}

#[test]
fn a_packed_reservoir_holds_the_same_sample_and_comes_back_from_its_state() {
    let (mut plain, mut packed, mut walk) = (reservoir(40, 4, 2, 1), packed(reservoir(40, 4, 2, 1), None), Walk::new(4, 2));
    for _ in 0..150 {
        let experience = walk.step();
        plain.observe(experience, 0);
        packed.observe(experience, 0);
    }
    let places: Vec<SegmentPosition> = places(&plain).collect();
    for (number, &place) in places.iter().enumerate() {
        packed.keep_outputs(place, &[number as f32, 0.1]);
        let (mut left, mut right) = (UnpackedSegment::default(), UnpackedSegment::default());
        assert_eq!(plain.transition(place, &mut left), packed.transition(place, &mut right));
        assert_eq!(plain.observation(place, &mut left), packed.observation(place, &mut right));
    }
    let mut state = crate::learner::StateDict::new();
    packed.save(&mut state, "memory").unwrap();
    assert_eq!(state.bytes_under("memory"), packed.bytes());
    let mut loaded = self::packed(reservoir(40, 4, 2, 1), None);
    loaded.load(&state, "memory").unwrap();
    for (number, &place) in places.iter().enumerate() {
        let outputs = loaded.kept_outputs(place).unwrap();
        assert_eq!(outputs[0], number as f32);
        assert!((outputs[1] - 0.1).abs() < 1e-4);
        assert!(walk.is_true(loaded.transition(place, &mut UnpackedSegment::default())));
    }
    let broken = self::packed(reservoir(4, 4, 2, 1), None).load(&state, "memory");
    assert!(broken.is_err(), "more segments than it has room for");
}

#[test]
fn a_limit_in_bytes_holds_at_any_time_and_early_and_late_segments_are_held_equally_often() {
    let (runs, decisions, length, limit) = (400, 120, 2, 420);
    let mut counts = vec![0u32; decisions / length];
    for seed in 0..runs {
        let mut walk = Walk::endless(seed, 1);
        let mut memory = packed(reservoir(2 * decisions, length, 1, seed), Some(limit));
        for _ in 0..decisions {
            memory.observe(walk.step(), 0);
            assert!(memory.bytes() <= limit, "{} bytes", memory.bytes());
        }
        assert!(memory.segments() > 5, "{} segments", memory.segments());
        for segment in 0..memory.segments() {
            let mut unpacked = UnpackedSegment::default();
            let first = memory.transition(SegmentPosition { segment, position: 0 }, &mut unpacked);
            counts[walk.decision_of(first) / length] += 1;
        }
    }
    assert!(chi_squared_is_plausible(&counts), "{counts:?}");
}

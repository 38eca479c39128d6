use perennial::agent::drivers::*;
use perennial::agent::probe::*;
use perennial::agent::*;
use perennial::app::*;
use perennial::learner::*;
use perennial::mdp::*;
use perennial::scenario::*;
use std::sync::Arc;
use std::time::Instant;
struct P(std::sync::Mutex<Policy>, Vec<u8>);
impl Driver for P {
    fn decide(&mut self, o: &Outlook, a: &mut [Action]) {
        self.1.resize(a.len(), 0);
        self.0.get_mut().unwrap().greedy(o.observations, &mut self.1);
        for (x, &i) in a.iter_mut().zip(&self.1) {
            *x = Action::ALL[i as usize];
        }
    }
}
fn main() {
    perennial::learner::single_threaded(run).unwrap();
}
fn run() {
    let mut t: toml::Table = std::fs::read_to_string("/work/trees/scenario/scenarios/four_seasons.toml")
        .unwrap()
        .parse()
        .unwrap();
    let seasons: Vec<toml::Value> = ["spring", "summer", "autumn", "winter"]
        .iter()
        .map(|n| {
            toml::Value::Table(
                std::fs::read_to_string(format!("/work/trees/scenario/scenarios/seasons/{n}.toml"))
                    .unwrap()
                    .parse()
                    .unwrap(),
            )
        })
        .collect();
    t.insert("seasons".into(), toml::Value::Array(seasons));
    let scenario: Scenario = t.try_into().unwrap();
    let scenario = Arc::new(scenario);
    let args: Vec<String> = std::env::args().collect();
    let method = &args[1];
    let seed: u64 = args[2].parse().unwrap();
    let settings: LearnerSettings = toml::from_str(args.get(3).map(|s| s.as_str()).unwrap_or("")).unwrap();
    let st = ProbeSettings {
        gardens: 16,
        episodes: 32,
        seed: 12345,
    };
    let y: Vec<(f64, f64)> = (0..4)
        .map(|s| {
            (
                probe(&scenario, s, Box::new(RandomDriver::new(1)), st).mean_return(),
                probe(&scenario, s, Box::new(Gardener), st).mean_return(),
            )
        })
        .collect();
    let n = 16;
    let tps = 3750u64;
    let year = if method == "joint" {
        Year::AllAtOnce { seasons: 4 }
    } else {
        Year::of(&scenario, 1, tps)
    };
    let mut g = Gardens::shared(scenario.clone(), n, seed, year);
    let spec = LearnerSpec {
        observation: g.observation_spec().clone(),
        actions: 5,
        gardens: n,
        decisions_per_task: 60000,
        seed,
    };
    let mut l = Learner::new("dqn", method, &settings, spec).unwrap();
    let mut pol = Policy::new(g.observation_spec(), &l.policy()).unwrap();
    let mut snap = l.policy();
    let mut rng = perennial::random::stream(seed, "act", 0);
    let mut acts = vec![0u8; n];
    let t0 = Instant::now();
    let (mut tl, mut te) = (0.0, 0.0);
    l.task_started();
    for tick in 0..4 * tps {
        pol.act(g.observations(), &mut rng, &mut acts);
        let a: Vec<Action> = acts.iter().map(|&i| Action::ALL[i as usize]).collect();
        let s = Instant::now();
        g.step(&a);
        te += s.elapsed().as_secs_f64();
        let s = Instant::now();
        l.observe(g.experience());
        l.learn().unwrap();
        tl += s.elapsed().as_secs_f64();
        l.copy_policy_into(&mut snap);
        pol.set(&snap);
        if (tick + 1) % tps == 0 {
            if method != "joint" {
                l.task_ended();
                l.task_started();
            }
            let sc: Vec<String> = (0..4)
                .map(|s| {
                    let p = P(
                        std::sync::Mutex::new(Policy::new(g.observation_spec(), &snap).unwrap()),
                        vec![],
                    );
                    let r = probe(&scenario, s, Box::new(p), st).mean_return();
                    format!("{:.2}", (r - y[s].0) / (y[s].1 - y[s].0))
                })
                .collect();
            println!(
                "{method} seed {seed} after {}: {} ({:.1}s, learn {tl:.1} env {te:.1})",
                (tick + 1) / tps,
                sc.join(" "),
                t0.elapsed().as_secs_f64()
            );
        }
    }
}

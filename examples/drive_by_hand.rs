//! Drives four gardens without a learner: observe, act, look at rewards.
//!
//! `cargo run --release --no-default-features --example drive_by_hand`

#![allow(clippy::print_stdout, reason = "an example talks to its reader")]

use perennial::app::Gardens;
use perennial::mdp::Action;
use perennial::scenario::{Scenario, Year};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let scenario = Scenario::load("four_seasons")?.scenario;
    // Four gardens side by side, with seed 0, in the first season for ever.
    let mut gardens = Gardens::new(&scenario, 4, 0, Year::Pure(0));
    println!("an observation has {} bytes:", gardens.observation_spec().len());
    for channel in gardens.observation_spec().channels.iter().rev().take(5).rev() {
        println!("  {} in {}..{}", channel.name, channel.low, channel.high);
    }

    let mut total = 0.0;
    for decision in 0..300 {
        // Turn on the spot and water now and then.
        let action = if decision % 10 == 0 { Action::Water } else { Action::TurnLeft };
        let step = gardens.step(&[action; 4])?;
        total += step.rewards.iter().sum::<f32>();
        if step.truncated[0] {
            println!("the first garden's episode ended after {} decisions", decision + 1);
        }
    }
    println!("mean return of an episode: {:.2}", total / 4.0);
    Ok(())
}

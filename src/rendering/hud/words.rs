//! Explanations of the terms in the panels, for readers who are new to continual learning.

use crate::learner::all_methods;

/// A term with a short explanation.
#[derive(Clone, Copy)]
pub(super) struct Term {
    /// The term.
    pub(super) title: &'static str,
    /// Its explanation, in a few sentences.
    pub(super) text: &'static str,
}

macro_rules! terms {
    ($($name:ident: $title:literal, $text:literal;)*) => {
        $(pub(super) const $name: Term = Term { title: $title, text: $text };)*
        /// All terms.
        #[cfg(test)]
        const ALL: &[Term] = &[$($name),*];
    };
}

terms! {
    // The robot's eye.
    EYE: "What the robot sees", "A row of coloured pixels, left to right. The policy decides from these and a few gauges alone. The season is not part of the observation.";
    NEARNESS: "Nearness", "How near the thing in each column is: the taller, the nearer. The sky has none.";
    AMBIENT: "Ground and sky", "The mean colour of the ground and of the sky. It is the only hint at the season that the robot gets.";
    TANK: "Tank", "How much water is left. An empty tank sprays nothing until the robot has been at the water butt.";
    SPEED: "Speed", "How fast the robot rolls ahead (right of the middle) or back (left of it).";
    TURN: "Turning", "How fast the robot turns, to the left or to the right.";
    BUMP: "Bump", "Lights up when the robot touches a plant, a wall or a stone.";
    PUMP: "Pump", "Lights up while the robot sprays.";
    OTHER_GAUGE: "A gauge", "A measurement that the robot makes of itself.";
    ACTIONS: "Actions", "What the robot can do for the next 0.2 seconds. The arrow marks the one that it took.";
    CHANCE: "Chance", "How probable each action was, exploration included. The robot draws from these.";
    VALUES: "Value", "How much reward, from now on and a little less for what comes later, the network expects after each action. The highest is what it would do.";
    LOGITS: "Preference", "How much the policy prefers each action, as the logarithm of its probability: higher is more probable.";
    NO_THOUGHT: "No policy decides", "A script or a hand drives, so there is no policy's thought to show.";

    // The year.
    YEAR: "The year", "Each arc is a season, in the colour of its plants that are well. The needle is today.";
    SEASON: "Season", "Click to jump into it at once. Hold Shift and click to turn into it slowly, over half a minute of the garden's time.";
    TURNING: "Turning", "One season becomes the next bit by bit: no moment tells the learner that something changed.";
    YEAR_TURNS: "Let the year turn", "Seasons follow each other by themselves. Otherwise the season stays until you choose another.";

    // The learning curve.
    CURVE: "Learning curve", "The mean score of the last training episodes, in the colour of the season. The robot explores, so it scores a little lower than it could.";
    SCORE: "Score", "0 is the score of random actions, 1 that of the scripted gardener, which knows the rules. More than 1 is better than the gardener.";

    // The matrix.
    MATRIX: "Who remembers what", "Each row is a moment, each column a season: how well the robot would do in it. A column that goes dark further down is a season that is being forgotten.";
    EVALUATING: "Evaluating", "Copies of the policy are tested in every season in the background. Learning goes on meanwhile and does not notice.";
    AVERAGE: "Average performance", "How good the robot is now in all seasons: the mean of the last row.";
    FORGETTING: "Forgetting", "What was lost: for each season learned before this one, the score at its own end minus the score now, on average. 0 is nothing forgotten; below 0, later seasons helped.";

    // The memory.
    MEMORY: "Replay memory", "Experience that is kept to be learned from again. Colours show the season in which it was made.";
    FRESH: "Recent", "The replay buffer of recent transitions. By default it is emptied when a new season is declared, as old experience would mislead.";
    PAST: "The past", "A sample of everything that was ever experienced. Methods with replay learn from it again so that past seasons are not forgotten.";
    UNTOLD: "Seasons not told apart", "This learner is not told where one season ends, so its experience cannot be counted by season.";
    NO_PAST: "The past", "This method keeps no experience of past seasons: whatever it remembers is in its network.";
    MEMORY_BYTES: "Storage", "How much memory past experience takes, and what the method must keep besides, such as how important each weight is.";

    // The learner.
    METHOD: "Method", "What is done so that the past is not forgotten and the new can still be learned. Fine-tune does nothing; it is what all others have to beat.";
    ALGORITHM: "Algorithm", "How rewards become decisions. DQN estimates what each action is worth; SAC learns how probable each should be.";
    DECISIONS_S: "Decisions a second", "How many times a second the robots of all gardens decide, in your time.";
    UPDATES_S: "Updates a second", "How many times a second the network is corrected by a batch of experience, in your time.";
    EXPLORATION: "Exploration", "How often a random action is taken to find out what it leads to. Without it nothing new would be found.";
    ENTROPY: "Entropy", "How undecided the policy is: 0 % always takes the same action, 100 % takes any.";
    GRADIENT: "Gradient norm", "How strongly the last batches pull at the network's weights. It jumps when the garden changes.";
    MEAN_VALUE: "Mean value", "The reward that the network expects on average from here on. It should settle, not grow for ever.";
    LOSS: "Loss", "What learning tries to make small.";
    TD_LOSS: "Temporal-difference loss", "How much the reward and the value that followed surprised the network. High after a change of season: its world is not as it thought.";
    POLICY_LOSS: "Policy loss", "How far the action probabilities are from what the values say is best, less a bonus for staying undecided.";
    TEMPERATURE_LOSS: "Temperature loss", "Sets how large the bonus for staying undecided is.";
    UPDATES: "Updates", "How often the network was corrected so far.";

    // Controls and the headline.
    PAUSE: "Pause", "Pause or continue. Learning pauses too.";
    TICK: "One tick", "Go on by one decision: 0.2 seconds of the garden's time.";
    PACE: "Pace", "How much faster than life time passes. It changes only what you see, never what happens.";
    DRIVER: "Driver", "Who drives the robot that you see: the policy that learns, a script, chance, or you (W A S D, Space waters). The other gardens are always driven by the policy.";
    LEARN: "Learn", "Whether the policy goes on learning. Without learning it acts as well as it can and never explores.";
    CAMERA: "Camera", "The viewpoint from which the garden is seen.";
    RESET: "Begin anew", "Forget everything and begin with the first day.";
    SCREENSHOT: "Picture", "Save a picture of the window.";
    FILM: "Film", "Begin or end a series of numbered pictures.";
    HELP: "Keys", "Everything that keys do.";
    HIDE: "Hide panels", "Show only the garden. Press H to show the panels again.";
    PANELS: "Panels", "Open and close the panels one by one.";
    EVALUATE: "Evaluate", "Measure now how good the policy is in every season, in the background.";
    SCRUBBER: "Recording", "Drag to any moment of the recording.";
    SCENARIO: "Scenario", "The garden that is played: its seasons, plants, robot and rules, from one text file.";
    DECISIONS: "Decisions", "How many decisions the robots of all gardens have taken so far.";
    YEARS: "Years", "How many times the seasons have come round.";
    RECENT: "Recent score", "The mean score of the last training episodes: 0 is chance, 1 the scripted gardener.";

    // Inspector.
    PLANT: "The plant itself", "The truth about this plant. The robot does not know it: it must tell by colour which plant is thirsty.";
    ROBOT: "The robot itself", "The truth about the robot, and how its episode goes so far.";
    MOISTURE: "Moisture", "Water in the soil. The mark is where thirst begins.";
    THIRST: "Thirst", "0 when there is enough water, 1 when it is complete. Watering is rewarded by the thirst that it relieves.";
    WELLBEING: "Wellbeing", "1 is well, 0 is dead. Thirst and drowned roots take it away.";
    REWARD: "Reward", "What the last decision was worth.";
    RETURN: "Return", "The sum of all rewards in this episode: what the robot learns to make large.";
    SPRAYS: "Sprays", "On thirsty plants, on plants that had enough, and on bare ground.";
    PLACE: "Place", "Where it is, in metres from the middle of the garden; for the robot also where it looks, in degrees to the left of +x.";
    EPISODE: "Episode", "How many decisions of this episode are done. After the last one the garden is planted anew.";
    SKID: "Skid", "How much of the time the wheels slide. Ice and wet leaves make it large.";
}

/// Returns the explanation of a loss. Those of methods are declared in their own files.
pub(super) fn loss(name: &str) -> Term {
    match name {
        "temporal_difference" => TD_LOSS,
        "policy" => POLICY_LOSS,
        "temperature" => TEMPERATURE_LOSS,
        _ => all_methods()
            .into_iter()
            .flat_map(|method| method.losses)
            .find(|loss| loss.name == name)
            .map_or(LOSS, |loss| Term {
                title: loss.title,
                text: loss.text,
            }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_term_is_explained_in_a_few_sentences() {
        for term in ALL {
            let sentences = term.text.matches(['.', '?']).count();
            assert!(
                (1..=4).contains(&sentences) && term.text.len() <= 220,
                "{}: {}",
                term.title,
                term.text
            );
            assert!(term.text.ends_with('.'), "{}", term.title);
        }
    }
}

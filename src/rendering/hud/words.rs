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
    NEARNESS: "Nearness", "How near the object in each column is: the taller, the nearer. The sky has no height.";
    AMBIENT: "Ground and sky", "The mean colours of the ground and of the sky. They hint at the season.";
    TANK: "Tank", "How much water is left. With an empty tank the robot cannot water until it has been at the water butt.";
    SPEED: "Speed", "How fast the robot drives forward (right of the middle) or back (left of it).";
    TURN: "Turning", "How fast the robot turns, to the left or to the right.";
    BUMP: "Bump", "Lights up when the robot touches a plant, a wall or a stone.";
    PUMP: "Pump", "Lights up while the robot sprays.";
    OTHER_GAUGE: "A gauge", "One of the robot's own measurements.";
    ACTIONS: "Actions", "What the robot can do for the next 0.2 seconds. The arrow marks the one that it took.";
    CHANCE: "Chance", "How probable each action was, exploration included. The action is drawn from these probabilities.";
    VALUES: "Value", "The sum of future rewards that the network expects after each action, with later rewards discounted. Without exploration, the action with the highest value is taken.";
    LOGITS: "Preference", "How much the policy prefers each action, as the logarithm of its probability: higher is more probable.";
    NO_THOUGHT: "No policy decides", "A script or a person drives, so there are no outputs of the policy to show.";

    // The scenario file.
    EDIT: "Edit the scenario", "Changes appear in the garden at once, and in the file when it is saved. Its comments stay. Changes made in an editor are loaded as well.";
    SAVE: "Save", "Writes the changes into the scenario file.";
    LENGTHS: "Lengths", "Each part is a season. Drag the line between two of them to make one longer and the other shorter. A click goes to the season.";
    CONFLICT: "Conflict", "Error rate in the column's season of what was learned in the row's season: 50 % is as good as guessing, 100 % means that the colours have the opposite meaning.";
    ADD_SEASON: "Add a season", "Adds a season at the end of the year that is like this one.";
    REMOVE_SEASON: "Remove this season", "Removes the season from the year.";
    TRANSITION: "Transition", "Abrupt: a season ends from one decision to the next, and the learner is told. Gradual: it turns into the next one, and the learner is not told.";

    // The year.
    YEAR: "The year", "Each arc is a season, in the colour of its healthy plants. The needle shows the current day.";
    SEASON: "Season", "Click to jump to this season. Shift-click to turn into it slowly, over half a minute of simulated time.";
    TURNING: "Turning", "One season turns into the next gradually. The learner is not told of any boundary.";
    YEAR_TURNS: "Let the year turn", "The seasons follow each other by themselves. Otherwise the season stays until you choose another one.";

    // The learning curve.
    CURVE: "Learning curve", "The mean score of the last training episodes, in the colour of the season. The robot explores, so it scores a little lower than it could.";
    SCORE: "Score", "0 is the score of random actions, 1 that of the scripted gardener, which knows the rules. More than 1 is better than the gardener.";

    // The matrix.
    MATRIX: "Score matrix", "Each row is an evaluation, each column the score in a season. A column that gets darker further down is a season that is being forgotten.";
    EVALUATING: "Evaluating", "Copies of the policy are tested in every season in the background. This does not affect learning.";
    AVERAGE: "Average performance", "How good the robot is now in all seasons: the mean of the last row.";
    FORGETTING: "Forgetting", "For each earlier season, the score at its end minus the score now, on average. 0 means that nothing was forgotten; below 0, later seasons helped.";

    // The memory.
    MEMORY: "Replay memory", "Experience that is stored to be learned from again. Colours show the season it comes from.";
    RECENT_TRANSITIONS: "Recent", "The replay buffer of recent transitions. By default it is emptied when a new season is declared, because old experience would be misleading.";
    PAST: "The past", "A sample of all experience so far. Methods with replay learn from it again so that past seasons are not forgotten.";
    UNTOLD: "Seasons not told apart", "This learner is not told where one season ends, so its experience cannot be counted by season.";
    NO_PAST: "The past", "This method stores no experience of past seasons: all that it remembers is in its network.";
    MEMORY_BYTES: "Storage", "Memory used by past experience and by other state of the method, such as the importance of each weight.";

    // The album.
    ALBUM: "What it still knows", "The same plants of every season, asked about again and again: would the robot water them? Right answers have a green frame, wrong ones a red one, and a frame flashes when an answer flips.";
    ALBUM_CURVE: "Right answers", "How many of the season's views were answered correctly, over time. The line in the middle is one half: as good as guessing.";
    ALBUM_COUNT: "Right answers now", "How many of the season's views are answered correctly. The robot never learns from these views.";
    AGREEMENT: "Agreement of gradients", "Cosine between the current gradient and this season's. At 1 learning helps this season as much as possible, at 0 it makes no difference, below 0 it hurts.";
    DORMANT: "Dormant units", "The fraction of the network's units that are almost always silent. With many of them a network learns new things slowly.";
    MISJUDGED: "Red rings", "Plants that the robot would treat wrongly if it stood in front of them: it would leave a thirsty one, or water one that needs nothing.";

    // The time bar and the split view.
    TIME_BAR: "Go back in time", "Each mark is the network as it was then, in the colour of its season; tall marks are ends of seasons. Click one to let it drive the robot and see what it knew.";
    NOW: "Now", "The present network. Click to let it drive again.";
    SPLIT_VIEW: "Split view", "The same garden twice, with the same plants and weather. An earlier network tends the right one, or the present network if an earlier one drives on the left.";
    BRANCH: "Learn on from here", "Continues training from the earlier network that drives, with empty memories. To use another method, choose it below instead.";

    // The learner.
    METHOD: "Method", "The continual-learning method. Fine-tuning does nothing against forgetting: it is the baseline that all others have to beat.";
    ALGORITHM: "Algorithm", "The reinforcement-learning algorithm. DQN estimates the value of each action; SAC learns the probability of each action.";
    DECISIONS_S: "Decisions a second", "Decisions of the robots of all gardens in each second of real time.";
    UPDATES_S: "Updates a second", "Gradient updates of the network in each second of real time.";
    EXPLORATION: "Exploration", "The fraction of random actions. Without them, the robot would discover nothing new.";
    ENTROPY: "Entropy", "How random the policy is. At 0 % it always takes the same action, at 100 % all actions are equally probable.";
    GRADIENT: "Gradient norm", "The size of the gradient over the last batches. It jumps when the garden changes.";
    MEAN_VALUE: "Mean value", "The sum of future rewards that the network expects, on average. It should settle and not grow without bound.";
    LOSS: "Loss", "A quantity that training minimises.";
    TD_LOSS: "Temporal-difference loss", "How far the value estimates are from the reward plus the value of what followed. It is high after a change of season.";
    POLICY_LOSS: "Policy loss", "How far the action probabilities are from the best ones according to the values, minus an entropy bonus.";
    TEMPERATURE_LOSS: "Temperature loss", "Adjusts the size of the entropy bonus.";
    UPDATES: "Updates", "Number of gradient updates so far.";

    // Controls and the headline.
    PAUSE: "Pause", "Pause or continue. Learning pauses too.";
    TICK: "One tick", "Advance by one decision: 0.2 seconds of simulated time.";
    PACE: "Pace", "Speed relative to real time. It changes only what you see, never what happens.";
    DRIVER: "Driver", "The driver of the robot that is shown: the learning policy, a script, random actions, or you (W A S D, Space waters). The policy always drives the other gardens.";
    LEARN: "Learn", "Switch learning on or off. Without learning, the policy takes its best action and never explores.";
    CAMERA: "Camera", "The viewpoint from which the garden is seen.";
    RESET: "Restart", "Restart everything from the first day.";
    SCREENSHOT: "Picture", "Save a picture of the window.";
    FILM: "Film", "Start or stop saving a series of numbered pictures.";
    HELP: "Keys", "List all keys.";
    HIDE: "Hide panels", "Show only the garden. Press H to show the panels again.";
    PANELS: "Panels", "Open and close the panels one by one.";
    EVALUATE: "Evaluate", "Measure the score of the policy in every season now, in the background.";
    SCRUBBER: "Recording", "Drag to any moment of the recording.";
    SCENARIO: "Scenario", "The garden with its seasons, plants, robot and rules, from one text file.";
    DECISIONS: "Decisions", "Number of decisions in all gardens so far.";
    YEARS: "Years", "The current year, counted from 1.";
    RECENT: "Recent score", "The mean score of the last training episodes: 0 is a random driver, 1 the scripted gardener.";

    // Inspector.
    PLANT: "The plant itself", "The true state of this plant. The robot does not observe it and must recognise thirsty plants by their colour.";
    ROBOT: "The robot itself", "The true state of the robot and of its episode.";
    MOISTURE: "Moisture", "Water in the soil. The mark shows where thirst begins.";
    THIRST: "Thirst", "0 with enough water, 1 at most. Watering is rewarded by the thirst that it relieves.";
    WELLBEING: "Wellbeing", "1 is healthy, 0 is dead. Thirst and waterlogged roots reduce it.";
    REWARD: "Reward", "The reward of the last decision.";
    RETURN: "Return", "The sum of all rewards in this episode, which the robot learns to maximise.";
    SPRAYS: "Sprays", "Sprays on thirsty plants, on plants that had enough water, and on bare ground.";
    PLACE: "Place", "Position, in metres from the middle of the garden; for the robot also its heading, in degrees to the left of +x.";
    EPISODE: "Episode", "Number of decisions in this episode so far. After the last one the garden is replanted.";
    SKID: "Skid", "Fraction of the time in which the wheels slip. It is high on ice and wet leaves.";
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

//! Sentences about what was measured.

use super::{Forecast, Hardness};

/// Forgetting from which on a season counts as forgotten, in scores.
const FORGOTTEN: f64 = 0.3;
/// Fraction of wrong looks from which on something cannot be seen.
const UNSEEN: f32 = 0.1;
/// Fraction of the views that tell their season from which on a season can be told.
const TOLD: f32 = 0.8;
/// Fraction of its time from which on a robot skids.
const SKIDDING: f32 = 0.4;

impl Hardness {
    /// Returns sentences about what will be forgotten, what it takes to keep it, and what else is hard. `seasons` are the names of the
    /// seasons.
    pub fn words(&self, seasons: &[&str]) -> Vec<String> {
        let named = |is_so: &dyn Fn(usize) -> bool| -> Vec<&str> {
            let all = seasons.iter().enumerate();
            all.filter(|(season, _)| is_so(*season)).map(|(_, name)| *name).collect()
        };
        let mut words = Vec::new();
        let forgotten = self
            .forecast
            .as_ref()
            .is_some_and(|forecast| forecast.forgetting() >= FORGOTTEN);
        match &self.forecast {
            Some(forecast) => words.push(forecast.words(seasons)),
            None => words.push("There is no forecast: in some season the gardener is no better than chance.".to_owned()),
        }
        let is_unseen = |season: usize| self.wrong_together[season] >= UNSEEN;
        let unseen = named(&is_unseen);
        if forgotten && unseen.is_empty() {
            words.push(
                "Where colours mislead, the surroundings tell which season it is: one policy can know them all. Replay of stored experience is \
                 enough, and boundaries between the seasons need not be declared."
                    .to_owned(),
            );
        }
        // What is told rightly by what is known of the season itself is not hard to see: views of other seasons mislead there.
        let is_hard = |season: usize| is_unseen(season) && (self.wrong[season][season] >= UNSEEN || seasons.len() == 1);
        let hard = named(&is_hard);
        if !hard.is_empty() {
            words.push(format!(
                "In {} thirst is hard to see: the two colours are close to each other, or noise, dirt and blur are in the way.",
                listed(&hard)
            ));
        }
        // Of seasons that look alike one counts as told, and the views of the others are taken for it: so all have to be told.
        let are_told = self.season_told.iter().all(|&told| told >= TOLD);
        let misled = named(&|season| is_unseen(season) && !is_hard(season));
        if !misled.is_empty() && are_told {
            words.push(format!(
                "In {} the colours of other seasons mislead, although the surroundings tell which season it is: they differ less than the plants do. A \
                 policy has to learn to heed them.",
                listed(&misled)
            ));
        }
        if !misled.is_empty() && !are_told {
            words.push(format!(
                "In {} one look can mean both, and nothing tells which season it is: only a method that is told the season in evaluation, such as \
                 packnet, can be right there.",
                listed(&misled)
            ));
        }
        let skids = named(&|season| self.skid[season] >= SKIDDING);
        if !skids.is_empty() {
            words.push(format!(
                "The robot skids in {}: it has to relearn driving there.",
                listed(&skids)
            ));
        }
        let useless = named(&|season| {
            let baseline = &self.baselines[season];
            self.idle_return[season] >= baseline.gardener_return
        });
        if !useless.is_empty() {
            words.push(format!(
                "In {} doing nothing earns as much as the gardener.",
                listed(&useless)
            ));
        }
        if self.reachable < 0.98 {
            words.push(format!(
                "The jet does not reach every plant: {:.0} % of them stand where no free place is near enough.",
                100.0 * (1.0 - self.reachable)
            ));
        }
        words
    }
}

impl Forecast {
    /// Returns what fine-tuning will forget, in words.
    fn words(&self, seasons: &[&str]) -> String {
        let forgotten = self.forgotten();
        let most = forgotten
            .iter()
            .enumerate()
            .max_by(|(_, one), (_, other)| one.total_cmp(other));
        let Some((worst, lost)) = most.filter(|_| seasons.len() > 1) else {
            return "With one season there is nothing to forget.".to_owned();
        };
        if *lost < FORGOTTEN {
            return "Fine-tuning will forget hardly anything: no season loses more than a third of the gardener's score."
                .to_owned();
        }
        format!(
            "Fine-tuning will forget {:.1} on average (1 is the gardener's score, 0 that of chance), and most of {}: {:.1} when it has been learned, {:.1} at \
             the end of the year.",
            self.forgetting(),
            seasons[worst],
            self.learned[worst],
            self.kept[worst],
        )
    }
}

/// Joins names as people do.
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [before @ .., last] => format!("{} and {last}", before.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::ScoreBaseline;

    fn hardness(kept: [f64; 2], wrong_together: [f32; 2]) -> Hardness {
        let baseline = ScoreBaseline {
            random_return: -5.0,
            gardener_return: 10.0,
            planner_return: None,
            idle_return: None,
        };
        Hardness {
            forecast: Some(Forecast {
                learned: vec![1.0, 1.0],
                kept: kept.to_vec(),
            }),
            wrong: vec![vec![0.0; 2]; 2],
            wrong_together: wrong_together.to_vec(),
            season_told: vec![1.0; 2],
            baselines: vec![baseline; 2],
            idle_return: vec![-3.0; 2],
            skid: vec![0.0, 0.4],
            reachable: 1.0,
        }
    }

    #[test]
    fn what_is_forgotten_and_what_helps_is_said() {
        let words = |hardness: &Hardness| hardness.words(&["may", "june"]).join("\n");
        let forgets = words(&hardness([-2.0, 1.0], [0.01, 0.02]));
        assert!(
            forgets.contains("forget 3.0 on average") && forgets.contains("most of may: 1.0 when"),
            "{forgets}"
        );
        assert!(
            forgets.contains("boundaries between the seasons need not be declared"),
            "{forgets}"
        );
        assert!(forgets.contains("skids in june:"), "{forgets}");
        let keeps = words(&hardness([0.9, 1.0], [0.01, 0.02]));
        assert!(keeps.contains("hardly anything") && !keeps.contains("boundaries"), "{keeps}");
        let mut both = hardness([-2.0, 1.0], [0.4, 0.3]);
        both.season_told[1] = 0.5;
        let unseen = words(&both);
        // Half of the views of june are taken for those of may.
        assert!(unseen.contains("In may and june one look can mean both"), "{unseen}");
        assert!(!unseen.contains("need not be declared"), "{unseen}");
        both.wrong[0][0] = 0.3;
        let hard = words(&both);
        assert!(hard.contains("In may thirst is hard to see"), "{hard}");
        assert!(hard.contains("In june one look can mean both"), "{hard}");
    }

    #[test]
    fn thirst_that_a_season_by_itself_shows_is_not_called_hard_to_see() {
        let words = |hardness: &Hardness| hardness.words(&["may", "june"]).join("\n");
        // Two seasons that differ in nothing but what their colours mean: all views are taken for those of the first.
        let mut mirrored = hardness([-2.0, 1.0], [0.5, 0.5]);
        mirrored.season_told = vec![0.86, 0.0];
        let told = words(&mirrored);
        assert!(told.contains("In may and june one look can mean both"), "{told}");
        assert!(!told.contains("hard to see"), "{told}");
        let mut weak = hardness([-2.0, 1.0], [0.01, 0.2]);
        weak.season_told = vec![0.9, 0.9];
        let told = words(&weak);
        assert!(told.contains("In june the colours of other seasons mislead"), "{told}");
        assert!(!told.contains("hard to see") && !told.contains("can mean both"), "{told}");
    }
}

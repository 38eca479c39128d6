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
        let hard =
            named(&|season| is_unseen(season) && (self.wrong[season][season] >= UNSEEN || self.season_told[season] >= TOLD));
        if !hard.is_empty() {
            words.push(format!(
                "In {} thirst is hard to see: the two colours are close to each other, or noise, dirt and blur are in the way.",
                listed(&hard)
            ));
        }
        let untold = named(&|season| is_unseen(season) && self.wrong[season][season] < UNSEEN && self.season_told[season] < TOLD);
        if !untold.is_empty() {
            words.push(format!(
                "In {} one look can mean both, and nothing tells which season it is: only a method that is told the season in evaluation, such as \
                 packnet, can be right there.",
                listed(&untold)
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
        assert!(unseen.contains("In may thirst is hard to see"), "{unseen}");
        assert!(unseen.contains("In june one look can mean both"), "{unseen}");
        assert!(!unseen.contains("need not be declared"), "{unseen}");
    }
}

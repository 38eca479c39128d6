//! Findings in words: each sentence carries the numbers that it stands on.

use super::attribution::{Attribution, TransitionKind};
use super::findings::{Departure, Findings, Verdict};
use super::gradients::{GradientFinding, GradientVerdict};
use super::what_if::{OtherSeason, WhatIf};
use crate::report::table::{decimals, grouped};

/// Sentences under a heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// Heading.
    pub heading: String,
    /// Sentences, in order.
    pub sentences: Vec<String>,
}

/// Returns the explanation: a summary first, then a passage for each season that was left, in the order of time.
pub fn sentences(findings: &Findings) -> Vec<Passage> {
    let departures = findings.departures.iter().map(|departure| Passage {
        heading: heading(departure),
        sentences: about(departure, findings),
    });
    std::iter::once(summary(findings)).chain(departures).collect()
}

/// Returns what another method would have done with the forgotten seasons.
pub fn what_if_passage(findings: &Findings, other: &WhatIf) -> Passage {
    let mut sentences: Vec<String> = other
        .seasons
        .iter()
        .map(|season| with_other_method(season, findings, other))
        .collect();
    sentences.push(if other.seasons.is_empty() {
        "Nothing was forgotten, so there is nothing to compare.".to_owned()
    } else {
        "Nothing but the method was changed. This is one pair of runs, of one seed: `compare` tests a method over several."
            .to_owned()
    });
    Passage {
        heading: format!("With {} instead of {}", other.method, findings.method),
        sentences,
    }
}

/// Returns what made the answers flip, and whether that was confirmed; `None` for a run in which nothing could be attributed.
pub fn attribution_passage(attribution: Option<&Attribution>) -> Passage {
    let heading = "What made the answers flip".to_owned();
    let Some(found) = attribution else {
        let sentences = vec!["Nothing was forgotten within a single other season, so there is nothing to attribute.".to_owned()];
        return Passage { heading, sentences };
    };
    let left_out: Vec<&TransitionKind> = found.kinds.iter().filter(|kind| kind.left_out).collect();
    let names: Vec<String> = left_out
        .iter()
        .map(|kind| format!("{} ({} of them)", kind.name, part(kind.share)))
        .collect();
    let Some(names) = listed(&names) else {
        let sentence = format!(
            "No group of at most a fifth of {}'s transitions pushed towards the lost answers of {}: what made them flip is not known.",
            found.during, found.season
        );
        return Passage {
            heading,
            sentences: vec![sentence],
        };
    };
    let harmful: f64 = found.kinds.iter().map(|kind| kind.influence.max(0.0)).sum();
    let of_left_out: f64 = left_out.iter().map(|kind| kind.influence).sum();
    let named = format!(
        "According to their gradients, these of {}'s transitions pushed most towards the lost answers of {}: {names}. Together they are {:.0} % of \
         the transitions and {:.0} % of the total push.",
        found.during,
        found.season,
        100.0 * found.share,
        100.0 * of_left_out / harmful.max(f64::MIN_POSITIVE)
    );
    let numbers = format!(
        "{} of the {} answers that had flipped by decision {} were right; with as many left out at random, {} were",
        found.undone,
        found.flips,
        grouped(found.until_decisions),
        found.undone_at_random
    );
    let tested = format!(
        "Tested: trained again without them from decision {} on",
        grouped(found.from_decisions)
    );
    let gained = found.undone.saturating_sub(found.undone_at_random);
    let verdict = if 2 * found.undone < found.flips {
        format!("{tested}, only {numbers}. They are not the only cause.")
    } else if 4 * gained >= found.flips {
        format!("{tested}, {numbers}. They caused the flips.")
    } else {
        format!("{tested}, {numbers}. The test is inconclusive.")
    };
    Passage {
        heading,
        sentences: vec![named, verdict],
    }
}

fn with_other_method(season: &OtherSeason, findings: &Findings, other: &WhatIf) -> String {
    let name = &season.season;
    let answers = format!(
        "{} of its {} answers were lost and {} won, instead of {} and {}",
        season.other_answers.lost.len(),
        season.other_answers.views,
        season.other_answers.won,
        season.lost_and_won.0,
        season.lost_and_won.1
    );
    let Some((now, before)) = season.other_score.zip(season.score) else {
        return format!("Whether {name} would have been forgotten is not known, as a score is missing; {answers}.");
    };
    let verdict = match season.is_forgotten_too() {
        Some(true) => format!("{} would have been forgotten as well", capitalised(name)),
        Some(false) => format!(
            "{} would not have been forgotten by decision {}",
            capitalised(name),
            grouped(season.until_decisions)
        ),
        None => format!("{} would not have been learned in the first place", capitalised(name)),
    };
    format!(
        "{verdict}: its score went from {} to {} with {}, and from {} to {} with {}; {answers}.",
        decimals(now.before),
        decimals(now.after),
        other.method,
        decimals(before.before),
        decimals(before.after),
        findings.method
    )
}

/// Returns passages as plain text.
pub fn text(passages: &[Passage]) -> String {
    let passages = passages.iter().map(|passage| {
        let lines: String = passage.sentences.iter().map(|sentence| format!("\n  {sentence}")).collect();
        format!("{}{lines}", passage.heading)
    });
    passages.collect::<Vec<_>>().join("\n\n")
}

fn summary(findings: &Findings) -> Passage {
    let named = |verdict: Verdict| {
        let names = findings.departures.iter().filter(|departure| departure.verdict == verdict);
        let names: Vec<String> = names.map(|departure| with_year(departure, findings)).collect();
        listed(&names)
    };
    let mut sentences = Vec::new();
    if findings.all_at_once {
        sentences.push("All seasons were learned at once, so none was left, and none could be forgotten.".to_owned());
    } else if findings.departures.is_empty() {
        sentences.push("No season has been left yet: what is forgotten is not known.".to_owned());
    } else {
        sentences.push(match named(Verdict::Forgotten) {
            Some(names) => format!("Forgotten: {names}."),
            None if named(Verdict::NotKnown).is_some() => "No season is known to be forgotten.".to_owned(),
            None => "Nothing was forgotten.".to_owned(),
        });
        for (verdict, clause) in [
            (Verdict::Kept, "Kept within the noise of the evaluations"),
            (
                Verdict::ScoreOnly,
                "Lower score, while the answers to the views did not change by more than chance",
            ),
            (
                Verdict::AnswersOnly,
                "Other answers, while the score did not fall by more than chance",
            ),
            (Verdict::NotLearned, "Not learned, and so not forgotten"),
            (Verdict::NotKnown, "Not known"),
        ] {
            sentences.extend(named(verdict).map(|names| format!("{clause}: {names}.")));
        }
    }
    sentences.push(format!(
        "Based on {} looks up to decision {} and on {} views of plants.",
        grouped(findings.looks as u64),
        grouped(findings.decisions),
        findings.views
    ));
    if !findings.departures.is_empty() {
        sentences.push("It says what happened at the same time; a cause is named only where one was tested.".to_owned());
    }
    Passage {
        heading: format!(
            "{}: {} by {} ({}), seed {}",
            findings.run, findings.scenario, findings.method, findings.algorithm, findings.seed
        ),
        sentences,
    }
}

fn with_year(departure: &Departure, findings: &Findings) -> String {
    if findings.departures.iter().any(|other| other.year > 0) {
        format!("{} of year {}", departure.season, departure.year + 1)
    } else {
        departure.season.clone()
    }
}

fn listed(names: &[String]) -> Option<String> {
    let (last, first) = names.split_last()?;
    Some(if first.is_empty() {
        last.clone()
    } else {
        format!("{} and {last}", first.join(", "))
    })
}

fn heading(departure: &Departure) -> String {
    let what = match departure.verdict {
        Verdict::Forgotten => "forgotten",
        Verdict::Kept => "kept",
        Verdict::ScoreOnly => "its score fell, its answers did not",
        Verdict::AnswersOnly => "its answers fell, its score did not",
        Verdict::NotLearned => "not learned",
        Verdict::NotKnown => "not known",
    };
    format!(
        "{}, left after {} decisions: {what}",
        capitalised(&departure.season),
        grouped(departure.end_decisions)
    )
}

fn about(departure: &Departure, findings: &Findings) -> Vec<String> {
    let mut sentences = vec![about_score(departure)];
    sentences.extend(
        departure
            .final_score
            .zip(departure.final_decisions)
            .map(|(score, decisions)| {
                format!(
                    "At the last evaluation before it came back or the run ended, after {} decisions, it was {}.",
                    grouped(decisions),
                    decimals(score)
                )
            }),
    );
    sentences.extend(about_answers(departure));
    if departure.answers.fell() {
        sentences.extend(about_window(departure));
        sentences.extend(about_gradients(departure));
    }
    sentences.extend(about_forecast(departure, findings));
    sentences.extend(about_change(departure, findings));
    if departure.verdict != Verdict::Kept {
        sentences.extend(departure.memory_share.map(|share| {
            format!(
                "At decision {} the method's memory of the past consisted of {} to {:.0} %.",
                grouped(departure.until_decisions),
                departure.season,
                100.0 * share
            )
        }));
    }
    sentences
}

fn about_score(departure: &Departure) -> String {
    let Some(score) = &departure.score else {
        let reason = departure.score_not_known.as_deref().unwrap_or("it was not evaluated");
        return format!("Whether its score fell is not known: {reason}.");
    };
    let numbers = format!(
        "its score was {} at its end and {} after {} decisions",
        decimals(score.before),
        decimals(score.after),
        grouped(score.after_decisions)
    );
    let limit = format!(
        "a fall counts from {} on, at a noise of {} for the difference of two evaluations",
        decimals(score.threshold),
        decimals(score.noise)
    );
    if !score.was_learned() {
        format!("It had not been learned: {numbers}; a season counts as learned from 0.30 on.")
    } else if score.fell() {
        format!("{}: {limit}.", capitalised(&numbers))
    } else {
        format!("It did not fall by more than chance: {numbers}; {limit}.")
    }
}

fn about_answers(departure: &Departure) -> Option<String> {
    let answers = &departure.answers;
    if answers.views == 0 {
        return Some("Whether its answers changed is not known: the album has no views of it.".to_owned());
    }
    Some(format!(
        "Of {} views, {} were answered correctly at its end and {} at decision {}; {} lost and {} won (sign test: probability {}){}.",
        answers.views,
        answers.right_before,
        answers.right_after,
        grouped(departure.until_decisions),
        answers_were(answers.lost.len()),
        answers.won,
        probability(answers.chance),
        if answers.fell() { "" } else { ", no more than chance" }
    ))
}

/// Returns a share in whole per cent; a smaller one is not called none.
fn part(share: f64) -> String {
    if share < 0.005 {
        "below 1 %".to_owned()
    } else {
        format!("{:.0} %", 100.0 * share)
    }
}

fn about_window(departure: &Departure) -> Option<String> {
    let window = departure.answers.window.as_ref()?;
    let (count, to_leave) = (window.flipped.len(), window.water_to_leave);
    let to_water = count - to_leave;
    let direction = match (to_leave, to_water) {
        (_, 0) => "from water to leave".to_owned(),
        (0, _) => "from leave to water".to_owned(),
        _ => format!("{to_leave} of them from water to leave and {to_water} from leave to water"),
    };
    let plants = window.colour.as_ref().map_or_else(
        || "plants of several colours".to_owned(),
        |colour| format!("mostly {colour} plants"),
    );
    Some(format!(
        "Between decisions {} and {} (updates {} to {}) the answer flipped in {count} of the {} lost views, {direction}: {plants}. Season at that time: {}.",
        grouped(window.from_decisions),
        grouped(window.until_decisions),
        grouped(window.from_updates),
        grouped(window.until_updates),
        departure.answers.lost.len(),
        listed(&window.during).unwrap_or_else(|| "every season at once".to_owned())
    ))
}

fn about_gradients(departure: &Departure) -> Vec<String> {
    let Some(found) = &departure.gradients else {
        return vec![format!(
            "Whether the gradients disagreed with {}'s then is not known: no look compared them within one season.",
            departure.season
        )];
    };
    let numbers = format!(
        "mean cosine {} over {} looks, {} to {}; two halves of the same season agree by {} in {} and {} in {}",
        decimals(found.cosine),
        found.looks,
        decimals(found.range.0),
        decimals(found.range.1),
        decimals(found.steadiness.0),
        departure.season,
        decimals(found.steadiness.1),
        found.season
    );
    let of_both = format!("{}'s gradient", found.season);
    let first = match found.verdict {
        GradientVerdict::Disagreed => {
            let layer = found.layer.map_or_else(String::new, |(layer, layers, part)| {
                let much = if part < found.cosine / 2.0 {
                    "most"
                } else {
                    "the largest part"
                };
                format!(
                    "; {much} of it in layer {layer} of {layers}, with a part of {}",
                    decimals(part)
                )
            });
            format!(
                "In these updates {of_both} disagreed with {}'s ({numbers}){layer}.",
                departure.season
            )
        }
        GradientVerdict::Agreed => format!("In these updates {of_both} agreed with {}'s ({numbers}).", departure.season),
        GradientVerdict::NotKnown => {
            format!(
                "Whether {of_both} disagreed with {}'s is not known ({numbers}).",
                departure.season
            )
        }
    };
    vec![first, about_foresight(found, departure)]
}

fn about_foresight(found: &GradientFinding, departure: &Departure) -> String {
    let foresight = &found.foresight;
    let Some((cosine, window)) = foresight.cosine.zip(departure.answers.window.as_ref()) else {
        return format!(
            "Whether the gradients gave warning is not known: there is no look between the beginning of {} and the first of these flips.",
            found.season
        );
    };
    let numbers = format!(
        "{} of the {} looks in {} before these flips had a cosine below -0.10, their mean is {}",
        foresight.warnings,
        foresight.looks,
        found.season,
        decimals(cosine)
    );
    match (foresight.verdict(), foresight.first_warning_decisions) {
        (GradientVerdict::Disagreed, Some(first)) => format!(
            "The gradients gave warning {} decisions before: {numbers}.",
            grouped(window.from_decisions.saturating_sub(first))
        ),
        (GradientVerdict::Agreed, _) => format!("The gradients gave no warning: {numbers}."),
        _ => format!("Whether the gradients gave warning is not known: {numbers}."),
    }
}

/// Returns the forecast from the first tenth of the season at whose end the season was forgotten, or of the last one.
fn about_forecast(departure: &Departure, findings: &Findings) -> Option<String> {
    let mut forecasts = departure.forecasts.iter();
    let forecast = forecasts.rfind(|forecast| forecast.decisions <= departure.until_decisions)?;
    let change = format!(
        "A tenth into {}, at decision {}, the policy had moved by {} {} on these views",
        forecast.during,
        grouped(forecast.decisions),
        decimals(forecast.divergence),
        findings.divergence_unit
    );
    let came_true = match forecast.measured {
        Some(fall) => format!("at the end of {} the fall was {}", forecast.during, decimals(fall)),
        None => format!("the fall at the end of {} is not known", forecast.during),
    };
    Some(match forecast.expected {
        Some(fall) => format!(
            "{change}, which predicts a fall of the score of {} ({} to {} in four of five runs); {came_true}.",
            decimals(fall.mean),
            decimals(fall.low),
            decimals(fall.high)
        ),
        None => format!("{change}; what fall of the score this predicts was not measured for this algorithm; {came_true}."),
    })
}

fn about_change(departure: &Departure, findings: &Findings) -> Option<String> {
    let divergence = departure.divergence?;
    let similarity = departure.similarity.map_or_else(
        || "the similarity of its representation is not known".to_owned(),
        |similarity| {
            format!(
                "the last hidden layer's representation of them has a similarity (linear CKA) of {} to that at its end",
                decimals(similarity)
            )
        },
    );
    Some(format!(
        "On its views the policy then differed by {} {} from the one at its end, and {similarity}.",
        decimals(divergence),
        findings.divergence_unit
    ))
}

fn answers_were(count: usize) -> String {
    if count == 1 {
        "1 answer was".to_owned()
    } else {
        format!("{count} answers were")
    }
}

fn probability(chance: f64) -> String {
    if chance < 0.001 {
        "below 0.001".to_owned()
    } else {
        format!("{chance:.3}")
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

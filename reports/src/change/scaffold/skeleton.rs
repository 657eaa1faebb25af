//! A feature whose scenarios wait for their steps.

use super::draft::Draft;
use super::{Place, line, sentence};

/// The scenarios of one subclause against one kind of subject, each tagged so that no run plays it.
pub(super) fn text(place: &Place<'_>, tag: &str, drafts: &[&Draft<'_>]) -> String {
    let Place {
        request,
        subclause,
        title,
    } = place;
    let mut text = format!(
        "# No run plays a scenario that is tagged @pending. Write its steps in words that others use, take the tag from it,\n\
         # and set its entry in clauses/{request}-{subclause}.yaml to `status: judged`.\n\
         @{tag}\nFeature: {request}:{subclause} {}\n",
        line(title)
    );
    for draft in drafts {
        let (_, name) = draft.id.split_once('/').unwrap_or(("", &draft.id));
        text.push_str(&format!(
            "\n  # {}\n  @pending\n  Scenario: {subclause}/{name}\n    Given …\n    When {}\n    Then [{}] …\n",
            sentence(&draft.statement.text),
            event(draft),
            draft.id
        ));
    }
    text
}

/// What happens, said as a When would: the trigger without its own `when`.
fn event(draft: &Draft<'_>) -> String {
    let (trigger, lower) = (line(&draft.trigger), draft.trigger.to_lowercase());
    let actor = match draft.statement.actor.as_str() {
        "" => "the subject".to_owned(),
        actor => format!("the {}", line(actor)),
    };
    // Longer openings first: `upon receiving of` is no `upon`.
    for (opening, verb) in OPENINGS {
        if let Some(rest) = lower.strip_prefix(opening)
            && let Some(rest) = trigger.get(trigger.len() - rest.len()..)
        {
            return match verb {
                Some(verb) => format!("{actor} {verb} {}", rest.trim()),
                None => rest.trim().to_owned(),
            };
        }
    }
    match trigger.as_str() {
        "always" => "…".to_owned(),
        _ => trigger,
    }
}

const OPENINGS: [(&str, Option<&str>); 17] = [
    ("upon receiving of ", Some("receives")),
    ("upon receiving ", Some("receives")),
    ("upon receipt of ", Some("receives")),
    ("upon reception of ", Some("receives")),
    ("on receiving of ", Some("receives")),
    ("on receiving ", Some("receives")),
    ("on receipt of ", Some("receives")),
    ("on reception of ", Some("receives")),
    ("when receiving ", Some("receives")),
    ("when sending ", Some("sends")),
    ("when generating ", Some("sends")),
    ("when ", None),
    ("upon ", None),
    ("if ", None),
    ("once ", None),
    ("as soon as ", None),
    ("after ", None),
];

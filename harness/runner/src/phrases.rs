//! Whether the steps of a features folder have words that are defined, before anything is played.

use cucumber::World as _;
use gherkin::Feature;
use steps::Stage;

use crate::{Bundle, Error};

/// Refuses the first step whose words no step function takes, or several do.
pub(crate) fn check(bundle: &Bundle, features: &[Feature]) -> Result<(), Error> {
    let known = Stage::collection();
    for feature in features {
        let background = feature.background.iter().flat_map(|b| &b.steps);
        let own = feature.scenarios.iter().flat_map(|s| &s.steps);
        for step in background.chain(own) {
            let problem = match known.find(step) {
                Ok(Some(_)) => continue,
                Ok(None) => "no step is defined with the words",
                Err(_) => "several steps are defined with the words",
            };
            let path = feature.path.as_ref().map(|path| path.to_string_lossy());
            return Err(Error::Feature {
                file: bundle.shown(&path.unwrap_or_default()),
                line: step.position.line,
                column: step.position.col,
                problem: format!("{problem} `{}`", step.value),
            });
        }
    }
    Ok(())
}

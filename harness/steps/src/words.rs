//! Typed words of the step phrases.

use std::convert::Infallible;
use std::str::FromStr;

use cucumber::Parameter;

/// Id of the clause that a Then line judges.
#[derive(Debug, Parameter)]
#[param(name = "clause", regex = r"[^\]\s]+")]
pub(crate) struct Clause(pub(crate) String);

impl FromStr for Clause {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

/// A chair, or the server that a client calls.
#[derive(Debug, Parameter)]
#[param(name = "chair", regex = r"the server|[a-z]+[0-9]*")]
pub(crate) struct Chair(pub(crate) String);

impl FromStr for Chair {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.trim_start_matches("the ").to_owned()))
    }
}

/// Chairs in a row: `bob`, or `bob, carol`.
#[derive(Debug, Parameter)]
#[param(name = "chairs", regex = r"[a-z]+(?:, [a-z]+)*")]
pub(crate) struct Chairs(pub(crate) Vec<String>);

impl FromStr for Chairs {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.split(", ").map(str::to_owned).collect()))
    }
}

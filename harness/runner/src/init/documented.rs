//! What is said of the keys of a profile and of its claims, as a JSON Schema.

use std::collections::BTreeMap;
use std::io;

use clauses::Catalogue;
use serde_json::{Value, json};
use world::{Kind, Profile};

use crate::{Bundle, Error};

/// Where the claims are explained.
const CLAIMS: &str = "profiles/claims.yaml";

/// Every claim and what it says.
pub(crate) fn claims(bundle: &Bundle) -> Result<BTreeMap<String, String>, Error> {
    let wrong = |source: io::Error| Error::File {
        path: bundle.shown(CLAIMS).into(),
        source,
        help: "give the folder that holds clauses/, profiles/ and the *.feature files",
    };
    let text = bundle.text(CLAIMS);
    let text = text.ok_or_else(|| wrong(io::ErrorKind::NotFound.into()))?;
    serde_yaml::from_str(text).map_err(|error| wrong(io::Error::other(error)))
}

/// The schema of profiles, with every claim and the clauses that it leaves out.
pub(super) fn schema(bundle: &Bundle, catalogue: &Catalogue) -> Result<Value, Error> {
    let mut schema = Profile::schema();
    let mut properties = serde_json::Map::new();
    for (claim, meaning) in claims(bundle)? {
        let of = catalogue
            .iter()
            .filter(|c| c.claim.as_ref() == Some(&claim));
        let (ids, actors): (Vec<&str>, Vec<&str>) =
            of.map(|c| (c.id.as_str(), c.actor.as_str())).unzip();
        let kinds = Kind::ALL.into_iter();
        let kinds = kinds.filter(|kind| actors.iter().any(|a| Kind::of_actor(a) == *kind));
        let kinds: Vec<&str> = kinds.map(Kind::tag).collect();
        let entry = json!({
            "type": "boolean",
            "title": meaning,
            "description": format!("{meaning}. False leaves out {}.", ids.join(", ")),
            "x-kinds": kinds,
        });
        properties.insert(claim, entry);
    }
    let claims = &mut schema["properties"]["claims"];
    claims["properties"] = Value::Object(properties);
    claims["additionalProperties"] = false.into();
    Ok(schema)
}

//! `include` (contract *querying.md* §6.1).

use serde_json::{Map, Value as Json, json};

use super::{MAX_DEPTH, Scope, bad_request, filter, nearest, too_deep};
use crate::query::{Filter, Include};
use crate::{Error, Result};

pub(super) fn parse(scope: &Scope, json: Json, depth: usize) -> Result<Vec<Include>> {
    if depth > MAX_DEPTH {
        return Err(too_deep());
    }
    let mut includes: Vec<Include> = Vec::new();
    merge(&mut includes, collect(scope, json, depth)?)?;
    Ok(includes)
}

/// Naming a relation twice includes it once, with what each of them includes below it.
fn merge(includes: &mut Vec<Include>, more: Vec<Include>) -> Result<()> {
    for mut include in more {
        let known = includes
            .iter_mut()
            .find(|known| known.relation == include.relation);
        let Some(known) = known else {
            includes.push(include);
            continue;
        };
        merge(
            &mut known.scope.include,
            std::mem::take(&mut include.scope.include),
        )?;
        if known
            .limit_each
            .is_some_and(|limit| include.limit_each.is_some_and(|other| other != limit))
        {
            return Err(twice());
        }
        known.limit_each = known.limit_each.or(include.limit_each);
        let below = std::mem::take(&mut known.scope.include);
        if known.scope == Filter::ALL {
            known.scope = include.scope;
        } else if include.scope != Filter::ALL && include.scope != known.scope {
            return Err(twice());
        }
        known.scope.include = below;
    }
    Ok(())
}

fn twice() -> Error {
    let message = "The filter includes one relation with two different scopes; write one";
    bad_request(message).with_code("INCLUDE_TWICE")
}

fn collect(scope: &Scope, json: Json, depth: usize) -> Result<Vec<Include>> {
    let mut includes = Vec::new();
    // Lists within lists may be of any depth: they are laid out, not descended into.
    let mut rest = vec![json];
    while let Some(json) = rest.pop() {
        match json {
            Json::String(name) if !name.is_empty() => {
                includes.extend(include(scope, &name, Json::Null, depth)?);
            }
            Json::Array(items) => rest.extend(items.into_iter().rev()),
            Json::Object(members) => includes.extend(object(scope, members, depth)?),
            _ => {}
        }
    }
    Ok(includes)
}

fn object(scope: &Scope, mut members: Map<String, Json>, depth: usize) -> Result<Vec<Include>> {
    let relation = ["relation", "rel"]
        .iter()
        .find(|key| members.get(**key).is_some_and(Json::is_string));
    if let Some(Json::String(name)) = relation.and_then(|key| members.remove(*key)) {
        let within = members.remove("scope").unwrap_or(Json::Null);
        let limit_each = match members.remove("limitEach") {
            None | Some(Json::Null) => None,
            Some(limit) => Some(limit.as_u64().ok_or_else(|| {
                bad_request("The \"limitEach\" of an include is a whole number, 0 or more")
            })?),
        };
        let include = include(scope, &name, within, depth)?;
        let include = include.map(|include| Include {
            limit_each,
            ..include
        });
        return Ok(include.into_iter().collect());
    }
    // `{"orders": "items"}`: the relation, and what to include below it.
    let includes = members.into_iter().map(|(name, nested)| match nested {
        Json::Bool(_) | Json::Null => include(scope, &name, Json::Null, depth),
        nested => include(scope, &name, json!({ "include": nested }), depth),
    });
    includes.filter_map(Result::transpose).collect()
}

/// The include of the relation called `name`, unless none is to load it.
fn include(scope: &Scope, name: &str, within: Json, depth: usize) -> Result<Option<Include>> {
    let Some((relation, def)) = scope.def.relation(name) else {
        let known = scope.def.relations.iter().map(|relation| relation.name);
        let hint = nearest(name, known).map_or_else(String::new, |nearest| {
            format!("; did you mean \"{nearest}\"?")
        });
        let message = format!(
            "Relation \"{name}\" is not defined for {} model{hint}",
            scope.def.name
        );
        return Err(bad_request(message).with_code("UNKNOWN_RELATION"));
    };
    if !def.includable {
        return Ok(None);
    }
    let scope = match (within, def.target()) {
        (within @ Json::Object(_), Some(target)) => {
            let target = Scope::new(target, scope.hidden, scope.regexps);
            filter(&target, within, depth + 1)?
        }
        (Json::Object(_), None) => {
            let message = format!(
                "Relation \"{name}\" leads to several models, which no scope fits; include it without one"
            );
            return Err(bad_request(message).with_code("INCLUDE_OF_SEVERAL_MODELS"));
        }
        _ => Filter::ALL,
    };
    Ok(Some(Include {
        relation,
        scope,
        limit_each: None,
    }))
}

//! Relations to a model that is not listed itself lead to the one that extends it (contract *access-control.md* §12).

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::model::{ModelDef, RelationDef};
use crate::{Error, Result};

/// Where the description of a model that stands in for its base will be.
type Later = &'static OnceLock<&'static ModelDef>;

/// Leads relations to a base that `models` does not list to the first of its models that extends it: with all that this one
/// has, and by its rules.
///
/// # Errors
/// A struct's field would take one for the other, which has its properties in other places.
pub(super) fn lead(models: &mut [&'static ModelDef]) -> Result<()> {
    let mut stand_ins: HashMap<&str, (Later, &'static ModelDef)> = HashMap::new();
    for def in models.iter().copied() {
        let later: Later = Box::leak(Box::default());
        for base in std::iter::successors(def.base, |base| base.base) {
            if models.iter().all(|listed| listed.name != base.name) {
                stand_ins.entry(base.name).or_insert((later, def));
            }
        }
    }
    if stand_ins.is_empty() {
        return Ok(());
    }
    for def in models.iter_mut() {
        let mut relations = def.relations.to_vec();
        let mut led = false;
        for relation in &mut relations {
            let target = relation.target();
            let stand_in = target.and_then(|target| Some((target, stand_ins.get(target.name)?)));
            let Some((base, (later, stand_in))) = stand_in else {
                continue;
            };
            check(def, relation, base, stand_in)?;
            *relation = relation.led_to(later);
            led = true;
        }
        if led {
            *def = Box::leak(Box::new(ModelDef {
                relations: relations.leak(),
                base: Some(def),
                ..**def
            }));
        }
    }
    for (later, stand_in) in stand_ins.values() {
        let mut models = models.iter().copied();
        let last = models.find(|def| def.name == stand_in.name);
        later.get_or_init(|| last.unwrap_or(stand_in));
    }
    Ok(())
}

/// A struct reads what is included by the places of the base.
fn check(
    owner: &ModelDef,
    relation: &RelationDef,
    base: &ModelDef,
    stand_in: &ModelDef,
) -> Result<()> {
    let names = |def: &ModelDef| {
        let properties = def.properties.iter().map(|property| property.name);
        let relations = def.relations.iter().map(|relation| relation.name);
        (
            properties.collect::<Vec<_>>(),
            relations.collect::<Vec<_>>(),
        )
    };
    let (own, of_base) = (names(stand_in), names(base));
    let alike = own.0.starts_with(&of_base.0) && own.1.starts_with(&of_base.1);
    if alike || !relation.includable {
        return Ok(());
    }
    Err(Error::internal(format!(
        "the relation `{}.{}` leads to `{}`, which the application does not list; lead it to `{}`, which extends it, or add \
         `{}` to `.models::<(…)>()`",
        owner.name, relation.name, base.name, stand_in.name, base.name
    )))
}

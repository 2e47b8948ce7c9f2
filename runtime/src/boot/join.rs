//! Models that nobody has written: those between two others (contract *relations.md* §5.3).

use std::collections::BTreeMap;

use super::config::ModelConfig;
use crate::model::ModelDef;

/// Adds the models that relations of `models` go through and that the application does not list, each to the data source
/// of the model that is listed first.
pub(super) fn add(models: &mut Vec<&'static ModelDef>, config: &mut BTreeMap<String, ModelConfig>) {
    for owner in models.clone() {
        let through = owner.relations.iter();
        let through = through.filter(|relation| relation.through.is_some_and(|one| one.is_made()));
        for relation in through {
            let Some(join) = relation.join(owner) else {
                continue;
            };
            if models.iter().any(|model| model.name == join.name) {
                continue;
            }
            // Nothing else says that there is one.
            tracing::info!(
                table = join.table,
                "the model `{}` is made, through which `{}.{}` leads",
                join.name,
                owner.name,
                relation.name
            );
            models.push(join);
            let data_source = config.get(owner.name);
            let data_source = data_source.and_then(|model| model.data_source.clone());
            let join = config.entry(join.name.to_owned()).or_default();
            join.data_source = join.data_source.take().or(data_source);
        }
    }
}

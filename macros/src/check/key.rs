//! The keys of relations, as far as this model holds them.

use crate::attr::Kind;
use crate::error::{Errors, nearest};
use crate::model::{Model, plain};

/// Refused, since there is no field `owner_id`:
///
/// ```text
/// struct CoffeeShop { #[model(id)] id: i64, #[relation(belongs_to)] owner: BelongsTo<Customer> }
/// ```
pub(super) fn keys(model: &mut Model, errors: &mut Errors) {
    let fields: Vec<_> = model
        .properties
        .iter()
        .map(|property| plain(&property.ident))
        .collect();
    let mixes = !model.mixed.is_empty();
    for relation in &mut model.relations {
        if !matches!(relation.kind, Kind::BelongsTo | Kind::ReferencesMany)
            || !relation.judged
            || fields.contains(&relation.key.field)
            // What is taken in, only the compiler knows.
            || mixes
        {
            continue;
        }
        let key = &relation.key.field;
        let known: Vec<_> = fields.iter().map(String::as_str).collect();
        let cure = match (relation.key.given, nearest(key, &known)) {
            (Some(_), Some(near)) => format!("did you mean `{near}`?"),
            (None, Some(near)) => {
                format!("add the field, or name another one as with `key = {near}`")
            }
            (_, None) => "add the field, or name another one with `key = ...`".to_owned(),
        };
        errors.push(
            relation.key.given.unwrap_or(relation.key.span),
            format!("foreign key field `{key}` not found on the model; {cure}"),
        );
        relation.judged = false;
    }
}

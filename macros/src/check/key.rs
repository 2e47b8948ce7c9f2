//! The keys of relations, as far as this model holds them.

use crate::attr::Kind;
use crate::error::Errors;
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
    for relation in &mut model.relations {
        if relation.kind != Kind::BelongsTo
            || !relation.judged
            || fields.contains(&relation.key.field)
        {
            continue;
        }
        errors.push(
            relation.key.given.unwrap_or(relation.key.span),
            format!(
                "foreign key field `{}` not found on the model; add the field or name it with `key = ...`",
                relation.key.field
            ),
        );
        relation.judged = false;
    }
}

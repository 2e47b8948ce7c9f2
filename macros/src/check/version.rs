//! The number of an instance's changes.

use crate::attr::VersionAttr;
use crate::error::Errors;
use crate::model::Model;

/// Refused:
///
/// ```text
/// #[model(version)] a: i64, #[model(version)] b: i64
/// #[model(version, hidden)] version: i64
/// #[model(version, read_only)] version: i64
/// #[model(version, default = 0)] version: i64
/// #[model(id, version)] id: i64
/// ```
pub(super) fn version(model: &mut Model, errors: &mut Errors) {
    let mut first = None;
    for property in &mut model.properties {
        let Some(VersionAttr { span, .. }) = property.version else {
            continue;
        };
        let wrong = if first.replace(span).is_some() {
            "a model has one version; remove this `version`"
        } else if property.id.is_some() {
            "an id does not change, and a version does; give the version a field of its own"
        } else if property.hidden {
            "callers say which version they change; remove `hidden`, or `version`"
        } else if property.default.is_some() {
            "a version begins at 1; remove `default`"
        } else if property.read_only.is_some() {
            "a version is read-only by itself; remove `read_only`"
        } else {
            continue;
        };
        errors.push(span, wrong);
        property.version = None;
    }
}

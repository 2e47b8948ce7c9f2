//! A type that properties can have.

use syn::{Ident, Path, Type};

use super::name::{Name, plain};
use super::property::Property;
use super::stand_in::runtime;
use crate::attr::{PropertyInput, RenameRule, ShapeInput};

/// A type of the user's own that can be stored.
pub(crate) struct PropertyType {
    pub(crate) krate: Path,
    pub(crate) ident: Ident,
    pub(crate) docs: String,
    pub(crate) shape: Shape,
}

/// The three shapes of a property type.
pub(crate) enum Shape {
    Enum(Vec<Variant>),
    // A type is much larger than a list.
    Newtype(Box<Type>),
    Object(Vec<Property>),
}

/// One text that an enum stands for.
pub(crate) struct Variant {
    pub(crate) ident: Ident,
    pub(crate) name: Name,
}

impl PropertyType {
    /// The type that `input` describes, if it can be one.
    pub(crate) fn new(input: PropertyInput<'_>) -> Option<Self> {
        let rename_all = input.attr.rename_all;
        let shape = match input.shape? {
            ShapeInput::Newtype(ty) => Shape::Newtype(Box::new(ty.clone())),
            ShapeInput::Enum(variants) => Shape::Enum(
                variants
                    .into_iter()
                    .map(|(variant, given)| Variant {
                        ident: variant.ident.clone(),
                        name: given
                            .as_ref()
                            .map_or_else(|| variant_name(&variant.ident, rename_all), Name::given),
                    })
                    .collect(),
            ),
            ShapeInput::Object(fields) => Shape::Object(
                fields
                    .into_iter()
                    .filter_map(|(field, attr)| {
                        Some(Property::of_object(
                            input.ident,
                            field,
                            field.ident.as_ref()?,
                            attr,
                            rename_all,
                        ))
                    })
                    .collect(),
            ),
        };
        Some(PropertyType {
            krate: runtime(input.attr.krate.as_ref()),
            ident: input.ident.clone(),
            docs: input.attr.docs,
            shape,
        })
    }
}

/// The text of a variant: its own name, unless a rule respells all of them.
fn variant_name(ident: &Ident, rule: Option<RenameRule>) -> Name {
    let name = plain(ident);
    Name {
        text: rule.map_or(name.clone(), |rule| rule.variant(&name)),
        span: ident.span(),
    }
}

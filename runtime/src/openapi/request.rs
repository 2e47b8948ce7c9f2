//! What a request says in its body.

use serde_json::{Value as Json, json};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::schema::{
    AllOfBuilder, AnyOfBuilder, ArrayBuilder, ObjectBuilder, Ref, Schema, Type,
};
use utoipa::openapi::{ContentBuilder, RefOr, Required};

use super::components::Components;
use super::property::{self, Use};
use super::{example, parameter, remote, schema};
use crate::model::{ModelDef, RelationKind};
use crate::remoting::{Body, Operation, Route};

/// The body of a call of `route`, which belongs to `def`.
pub(super) fn body(
    components: &mut Components,
    def: &'static ModelDef,
    route: &Route,
) -> Option<RequestBody> {
    let carried = Carried::new(def, route);
    let (schema, example) = match route.endpoint.body {
        Body::None => return None,
        Body::Remote => return remote::body(components, route),
        Body::Partial => (carried.patch(components).into(), carried.patch_example()),
        Body::Instance if route.endpoint.operation == Operation::ReplaceOrCreate => {
            let own = carried.new_one(components);
            (carried.with_id(components, own, false), carried.example())
        }
        Body::Instance | Body::Join => (carried.new_one(components).into(), carried.example()),
        Body::InstanceOrList => (
            carried.one_or_many(components, route.endpoint.operation),
            carried.example(),
        ),
        Body::Value => {
            let value = &def.properties[1];
            let schema = property::never_null(components, value, Use::New);
            (schema, json!(example::of_property(value)))
        }
        Body::Ttl => {
            let object = ObjectBuilder::new()
                .schema_type(Type::Object)
                .property("ttl", parameter::ttl())
                .required("ttl");
            (object.into(), json!({ "ttl": 60_000 }))
        }
    };
    let content = ContentBuilder::new()
        .schema(Some(schema))
        .example(Some(example))
        .build();
    // Nothing at all is taken for `{}`.
    let required = match route.endpoint.body {
        Body::Partial => Required::False,
        Body::Value | Body::Ttl => Required::True,
        _ if carried.needs_something() => Required::True,
        _ => Required::False,
    };
    let body = RequestBodyBuilder::new().content("application/json", content);
    Some(body.required(Some(required)).build())
}

/// Whose instances a body is about, and which of their properties the path decides.
struct Carried {
    def: &'static ModelDef,
    /// `InCoffeeShop`, when the path decides about some.
    place: String,
    decided: Vec<&'static str>,
    operation: Operation,
}

impl Carried {
    fn new(def: &'static ModelDef, route: &Route) -> Self {
        let operation = route.endpoint.operation;
        let Some((owner, relation)) = route.related(def) else {
            return Carried {
                def,
                place: String::new(),
                decided: Vec::new(),
                operation,
            };
        };
        let subject = route.subject(def);
        // The owner's id is in the path; what the body said of it could only contradict it.
        let decided: &[Option<&str>] = match (relation.through, relation.kind) {
            (None, RelationKind::HasMany | RelationKind::HasOne) => {
                &[Some(relation.foreign_key), relation.discriminator]
            }
            (Some(_), _) if operation == Operation::RelatedLink => &[
                Some(relation.owner_key(owner)),
                relation.key_through(),
                relation.discriminator,
            ],
            _ => &[],
        };
        let properties = subject.properties.iter();
        let decided = properties.filter(|property| decided.contains(&Some(property.field)));
        Carried {
            def: subject,
            place: format!("In{}", owner.name),
            decided: decided.map(|property| property.name).collect(),
            operation,
        }
    }

    /// The properties that a new instance does not bring along.
    fn without(&self) -> Vec<&'static str> {
        let decided = self.def.id().generated || self.operation == Operation::ReplaceById;
        if decided {
            self.without_id()
        } else {
            self.decided.clone()
        }
    }

    fn without_id(&self) -> Vec<&'static str> {
        let ids = self.def.id_properties().into_iter();
        let decided = self.decided.iter().copied();
        ids.map(|id| id.name).chain(decided).collect()
    }

    /// Is there a property that a new instance can't do without?
    fn needs_something(&self) -> bool {
        let without = self.without();
        let mut carried = self.def.properties.iter();
        carried.any(|property| property.required() && !without.contains(&property.name))
    }

    fn new_one(&self, components: &mut Components) -> Ref {
        let name = format!("New{}{}", self.def.name, self.place);
        if components.settings.nested_writes && self.operation == Operation::Create {
            return schema::nested_request(components, self.def, &self.without(), &name);
        }
        schema::request(components, self.def, false, &self.without(), &name)
    }

    fn patch(&self, components: &mut Components) -> Ref {
        let name = format!("{}Patch{}", self.def.name, self.place);
        schema::request(components, self.def, true, &self.without_id(), &name)
    }

    fn one_or_many(&self, components: &mut Components, operation: Operation) -> RefOr<Schema> {
        let one = self.new_one(components);
        let mut any_of = AnyOfBuilder::new().item(one.clone());
        if operation == Operation::Upsert {
            let patch = self.patch(components);
            any_of = any_of.item(self.with_id(components, patch, true));
        }
        any_of.item(ArrayBuilder::new().items(one)).into()
    }

    /// The schema of a body that may say, or must say, which instance it is about.
    fn with_id(&self, components: &mut Components, own: Ref, required: bool) -> RefOr<Schema> {
        if !required && !self.def.id().generated {
            return own.into();
        }
        let mut object = ObjectBuilder::new().schema_type(Type::Object);
        for id in self.def.id_properties() {
            let schema = property::of_type(components, &id.ty, id.type_name, Use::Answer);
            object = object.property(id.name, schema);
            if required {
                object = object.required(id.name);
            }
        }
        AllOfBuilder::new().item(own).item(object).into()
    }

    fn example(&self) -> Json {
        example::request(self.def, &self.without())
    }

    fn patch_example(&self) -> Json {
        example::patch(self.def, &self.without_id())
    }
}

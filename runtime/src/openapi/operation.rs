//! One way to call one method.

use std::collections::HashSet;

use utoipa::openapi::path::{Operation, OperationBuilder};

use super::components::Components;
use super::security::Allowed;
use super::{parameter, remote, request, response};
use crate::model::ModelDef;
use crate::remoting::{Route, Verb};

/// The operation that `route` of `def` stands for, called `id`.
pub(super) fn operation(
    components: &mut Components,
    def: &'static ModelDef,
    route: &Route,
    id: String,
) -> Operation {
    let endpoint = route.endpoint;
    let allowed = Allowed::new(route);
    let mut operation = OperationBuilder::new()
        .operation_id(Some(id))
        .tag(def.name)
        .summary(Some(endpoint.summary))
        .description(Some(description(route, &allowed)))
        .securities(Some(allowed.requirements(components.settings)));
    if route.path.contains("{id}") {
        operation = operation.parameter(parameter::id(components, def, "id", endpoint.operation));
    }
    if route.path.contains("{key}") {
        operation = operation.parameter(parameter::key(def));
    }
    if let Some(relation) = route.relation.filter(|_| route.path.contains("{nk}")) {
        let middle = def.relations[relation].target().unwrap_or(def);
        operation =
            operation.parameter(parameter::id(components, middle, "nk", endpoint.operation));
    }
    if route.path.contains("{fk}") {
        operation = operation.parameter(parameter::id(
            components,
            route.target(def),
            "fk",
            endpoint.operation,
        ));
    }
    for argument in endpoint.query {
        operation =
            operation.parameter(parameter::query(components, route.subject(def), *argument));
    }
    if let Some(version) = parameter::version(def, route) {
        operation = operation.parameter(parameter::if_match(version, endpoint.operation));
    }
    for parameter in remote::parameters(components, route) {
        operation = operation.parameter(parameter);
    }
    let responses = response::responses(components, def, route, &allowed);
    operation
        .request_body(request::body(components, def, route))
        .responses(responses)
        .build()
}

/// What the method does, if its first line does not say all, and who may call it.
fn description(route: &Route, allowed: &Allowed) -> String {
    let docs = remote::method(route).map_or("", |method| method.docs);
    let scope = route.endpoint.operation.scope().map(|scope| scope.docs);
    let rest = docs.split_once('\n').map_or("", |(_, rest)| rest.trim());
    let rest = scope.unwrap_or(rest);
    match rest {
        "" => allowed.sentence(),
        rest => format!("{rest}\n\n{}", allowed.sentence()),
    }
}

/// LoopBack's name of the method, `CoffeeShop.find` or `CoffeeShop.prototype.__get__reviews`. Of two ways to call one,
/// the second has its verb behind the name. `ids` are those that the model has given away.
pub(super) fn id(def: &ModelDef, route: &Route, ids: &mut HashSet<String>) -> String {
    let method = route.endpoint.method;
    let own = remote::method(route).is_some_and(|method| method.instance);
    let mut every = def.kind.methods().iter();
    let instance = own || every.any(|known| known.name == method && known.instance);
    let name = match (route.relation, route.endpoint.operation.scope()) {
        (Some(_), _) => format!("prototype.{}", route.method),
        (None, Some(scope)) => format!("__{method}__{}", scope.name),
        (None, None) if instance => format!("prototype.{method}"),
        (None, None) => method.to_owned(),
    };
    let id = format!("{}.{name}", def.name);
    // HEAD is the lesser way, also where it stands first.
    if route.endpoint.verb != Verb::Head && ids.insert(id.clone()) {
        return id;
    }
    let id = format!("{id}.{}", route.endpoint.verb.as_str().to_lowercase());
    ids.insert(id.clone());
    id
}

//! What an application says of itself when it starts: where it is, what it serves, and who may do what.

use std::fmt::Write;
use std::net::SocketAddr;

use super::Application;
use crate::access::{CallerKind, Subject};
use crate::model::{ModelDef, PrincipalDef};
use crate::remoting::{self, Route};

/// The lines printed at the start.
pub(super) fn summary(application: &Application, address: SocketAddr) -> String {
    let parts = application.parts();
    let url = if address.ip().is_unspecified() {
        format!("http://localhost:{}", address.port())
    } else {
        format!("http://{address}")
    };
    let mut text = String::new();
    // Writing to a `String` can't fail.
    let mut line = |arguments: std::fmt::Arguments| {
        let _ = writeln!(text, "{arguments}");
    };
    line(format_args!("{} is listening at {url}", parts.config.title));
    #[cfg(feature = "explorer")]
    if let Some(path) = &parts.config.explorer {
        line(format_args!("  explorer     {url}{path}"));
    }
    line(format_args!(
        "  OpenAPI      {url}{}",
        super::app::DOCUMENT_PATH
    ));
    for (path, _) in &parts.transports {
        line(format_args!("  transport    {url}{path}"));
    }
    for data_source in &parts.data_sources {
        line(format_args!(
            "  data source  {} at {}",
            data_source.name, data_source.shown
        ));
    }
    for def in parts.registry.defs() {
        if !def.public {
            line(format_args!("  {}: not served", def.name));
            continue;
        }
        line(format_args!(
            "  {} at {url}{}/{}",
            def.name,
            parts.config.rest_api_root.trim_end_matches('/'),
            def.path
        ));
        for (principal, methods) in allowed(def) {
            line(format_args!("    {principal} may {}", methods.join(", ")));
        }
    }
    text
}

/// The principals that the rules name, each with the methods that the decision allows it.
fn allowed(def: &'static ModelDef) -> Vec<(PrincipalDef<'static>, Vec<String>)> {
    let routes = remoting::served(def);
    let mut principals: Vec<(PrincipalDef<'static>, Vec<String>)> = Vec::new();
    for (name, _) in def.served_methods() {
        let Some(route) = routes.iter().find(|route| route.method == name) else {
            continue;
        };
        let named = route.access.allowed();
        for principal in named.filter(|one| decides_for(route, *one)) {
            match principals.iter_mut().find(|(known, _)| *known == principal) {
                Some((_, methods)) if methods.last() == Some(&name) => {}
                Some((_, methods)) => methods.push(name.clone()),
                None => principals.push((principal, vec![name.clone()])),
            }
        }
    }
    principals
}

/// Does the decision allow what a rule allows this principal, or is another rule stronger?
fn decides_for(route: &Route, principal: PrincipalDef<'static>) -> bool {
    route
        .judge(&Subject::new(&[CallerKind::of(principal)]))
        .decision
        .allowed
}

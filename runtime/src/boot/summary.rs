//! What an application says of itself when it starts: where it is, what it serves, and who may do what.

use std::fmt::Write;
use std::net::SocketAddr;

use super::Application;
use crate::access::MethodAccess;
use crate::model::{METHODS, ModelDef, PrincipalDef};

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
    line(format_args!("  explorer     {url}/explorer"));
    line(format_args!(
        "  OpenAPI      {url}{}",
        super::app::DOCUMENT_PATH
    ));
    for data_source in &parts.data_sources {
        line(format_args!(
            "  data source  {} at {}",
            data_source.name, data_source.shown
        ));
    }
    for model in parts.registry.models() {
        let def = model.def;
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

/// The principals that the rules name, each with the methods that a rule allows it.
fn allowed(def: &ModelDef) -> Vec<(PrincipalDef, Vec<&'static str>)> {
    let mut principals: Vec<(PrincipalDef, Vec<&'static str>)> = Vec::new();
    for method in METHODS {
        for principal in MethodAccess::new(def.acls, method.name, method.access).allowed() {
            match principals.iter_mut().find(|(known, _)| *known == principal) {
                Some((_, methods)) if methods.last() == Some(&method.name) => {}
                Some((_, methods)) => methods.push(method.name),
                None => principals.push((principal, vec![method.name])),
            }
        }
    }
    principals
}

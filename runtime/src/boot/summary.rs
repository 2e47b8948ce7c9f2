//! What an application says of itself when it starts: where it is, what it serves, and who may do what.

use std::fmt::Write;
use std::net::SocketAddr;

use super::Application;
use crate::access::{Caller, MethodAccess};
use crate::model::{ModelDef, PrincipalDef};

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
    let mut principals: Vec<(PrincipalDef<'static>, Vec<String>)> = Vec::new();
    for (name, access) in def.served_methods() {
        let rules = MethodAccess::new(def, &name, access);
        for principal in rules.allowed().filter(|one| decides_for(&rules, *one)) {
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
fn decides_for(rules: &MethodAccess, principal: PrincipalDef<'static>) -> bool {
    let somebody = |roles: &[&str]| Caller::user("", roles.iter().map(|&role| role.to_owned()));
    match principal {
        PrincipalDef::Everyone | PrincipalDef::Unauthenticated => {
            rules.allows(&Caller::anonymous(), false)
        }
        PrincipalDef::Authenticated => rules.allows(&somebody(&[]), false),
        PrincipalDef::Owner => rules.allows(&somebody(&[]), true),
        PrincipalDef::Role(role) => rules.allows(&somebody(&[role]), false),
        PrincipalDef::User(id) => rules.allows(&Caller::user(id, []), false),
        PrincipalDef::App(id) => rules.allows(&Caller::app(id), false),
        // Whom an instance is related to, only the instance tells.
        PrincipalDef::Related => true,
    }
}

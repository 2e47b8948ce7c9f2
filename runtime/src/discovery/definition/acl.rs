//! Access rules as attributes.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{Besides, Draft};
use crate::discovery::name;
use crate::model::{AccessType, AclDef, Permission, PrincipalDef, RelationKind};

/// Can all that the rules of a model say be written? What can't is remarked on.
pub(super) fn are_written(
    rules: &[AclDef],
    draft: &Draft,
    drafts: &BTreeMap<&str, &Draft>,
    besides: &mut Besides,
) -> bool {
    let def = draft.def;
    let both = rules
        .iter()
        .find(|rule| rule.method.is_some() && rule.access.is_some());
    if let Some(method) = both.and_then(|rule| rule.method) {
        besides.remarks.push(format!(
            "the rules of `{}` about `{method}` go by the kind of access too, and are to be written; until then the model is \
             not served",
            def.name
        ));
    }
    // Whom an instance belongs to, a relation may say.
    let about_owners =
        |rule: &AclDef| matches!(rule.principal, PrincipalDef::Owner | PrincipalDef::Related);
    let mut relations = def
        .relations
        .iter()
        .filter(|one| one.kind == RelationKind::BelongsTo);
    let lost = relations.find(|one| {
        let target = one.target();
        target.is_some_and(|target| !drafts.contains_key(target.name))
    });
    let lost = lost.filter(|_| rules.iter().any(about_owners));
    if let Some(relation) = lost {
        besides.remarks.push(format!(
            "`{}` is not served until its relation `{}` is written, which may say whom its instances belong to",
            def.name, relation.name
        ));
    }
    both.is_none() && lost.is_none()
}

/// `open`: is allowed what no rule is about?
pub(super) fn acl(acl: &AclDef, open: bool) -> TokenStream {
    let verb = match acl.permission {
        Permission::Allow => quote!(allow),
        Permission::Default if open => quote!(allow),
        Permission::Deny | Permission::Default => quote!(deny),
    };
    let word = match (acl.method, acl.access) {
        (Some(method), _) => format_ident!("{}", name::snake_method(method)),
        (None, Some(AccessType::Read)) => format_ident!("read"),
        (None, Some(AccessType::Write)) => format_ident!("write"),
        (None, Some(AccessType::Execute)) => format_ident!("execute"),
        (None, None) => format_ident!("all"),
    };
    let to = match acl.principal {
        PrincipalDef::Everyone => quote!(everyone),
        PrincipalDef::Authenticated => quote!(authenticated),
        PrincipalDef::Unauthenticated => quote!(unauthenticated),
        PrincipalDef::Owner => quote!(owner),
        PrincipalDef::Related => quote!(related),
        PrincipalDef::Role(role) => quote!(role(#role)),
        PrincipalDef::User(id) => quote!(user(#id)),
        PrincipalDef::App(id) => quote!(app(#id)),
    };
    quote!(acl(#verb(#word), to = #to))
}

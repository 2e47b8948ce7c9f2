//! The description of a model.

use proc_macro2::TokenStream;
use quote::quote;

use super::acl::expand_acls;
use super::index::expand_indexes;
use super::property::expand_property;
use super::relation::expand_relation;
use crate::model::Model;

/// ```text
/// static __LW_DEF: __lw::ModelDef =
///     __lw::ModelDef::new("CoffeeShop", "CoffeeShops", "coffee_shop", &[<i64 as __lw::Property>::PROPERTY.named("id", "id").id()])
///         .docs("A coffee shop.")
///         .indexes(&[__lw::CompositeIndexDef::new(...)])
///         .relations(&[__lw::RelationDef::new(...)])
///         .acls(&[__lw::AclDef::allow(__lw::PrincipalDef::Everyone)])
///         .hooks(CoffeeShop::__LW_HOOKS)
///         .remotes(CoffeeShop::__LW_REMOTES)
///         .scopes(CoffeeShop::__LW_SCOPES);
/// ```
pub(super) fn expand_definition(model: &Model) -> TokenStream {
    let (name, path, table) = (&model.name.text, &model.path.text, &model.table.text);
    let ident = &model.ident;
    let properties = model.properties.iter().map(expand_property);
    let docs = expand_docs(&model.docs);
    let private = (!model.public).then(|| quote!(.private()));
    let indexes = expand_indexes(model);
    let relations = (!model.relations.is_empty()).then(|| {
        let relations = model.relations.iter().map(expand_relation);
        quote!(.relations(&[#(#relations),*]))
    });
    let acls = expand_acls(&model.acls);
    quote! {
        static __LW_DEF: __lw::ModelDef =
            __lw::ModelDef::new(#name, #path, #table, &[#(#properties),*]) #docs #private #indexes #relations #acls
                .hooks(#ident::__LW_HOOKS)
                .remotes(#ident::__LW_REMOTES)
                .scopes(#ident::__LW_SCOPES);
    }
}

/// `.docs("...")`, if there is something to say.
pub(super) fn expand_docs(docs: &str) -> Option<TokenStream> {
    (!docs.is_empty()).then(|| quote!(.docs(#docs)))
}

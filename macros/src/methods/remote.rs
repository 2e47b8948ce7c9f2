//! `#[remote(...)]` on a function.

use std::collections::HashSet;

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{
    Attribute, Expr, ExprLit, FnArg, Ident, ImplItemFn, Lit, LitInt, LitStr, Pat, PatType,
    Receiver, ReceiverKind, ReturnType, Type,
};

use super::argument::{Given, Source};
use crate::attr::{Argument, arguments, docs};
use crate::error::Errors;
use crate::expand::at;
use crate::model::method_name;

/// A function that callers reach over HTTP.
pub(super) struct Remote {
    function: Ident,
    asynchronous: bool,
    name: String,
    docs: String,
    access: &'static str,
    routes: Vec<Route>,
    /// Are the routes LoopBack's usual ones, since nothing else is said?
    usual_route: bool,
    receiver: Option<Receiver>,
    /// In the order of the function.
    parameters: Vec<Parameter>,
    returns: Type,
    returns_as: Option<LitStr>,
    status: Option<LitInt>,
    /// What a token that is not for everything must be for.
    scopes: Vec<LitStr>,
}

struct Route {
    verb: &'static str,
    path: String,
}

enum Parameter {
    /// What the caller gives.
    Given(Box<Given>),
    /// A reference: what the method knows of the request.
    Context(Span),
}

/// What `#[remote(...)]` says.
#[derive(Default)]
struct RemoteAttr {
    routes: Vec<(&'static str, Option<LitStr>)>,
    name: Option<LitStr>,
    access: Option<&'static str>,
    returns_as: Option<LitStr>,
    status: Option<LitInt>,
    scopes: Option<Vec<LitStr>>,
}

const VERBS: [(&str, &str); 6] = [
    ("get", "Get"),
    ("post", "Post"),
    ("put", "Put"),
    ("patch", "Patch"),
    ("delete", "Delete"),
    ("head", "Head"),
];

const KINDS: [(&str, &str); 3] = [("read", "Read"), ("write", "Write"), ("execute", "Execute")];

const WORDS: [&str; 11] = [
    "get", "post", "put", "patch", "delete", "head", "name", "access", "returns", "status",
    "scopes",
];

impl Remote {
    /// Takes the attributes off `function`, if it is a remote method, and reads them.
    pub(super) fn take(function: &mut ImplItemFn, errors: &mut Errors) -> Option<Self> {
        let position = function
            .attrs
            .iter()
            .position(|attribute| attribute.path().is_ident("remote"))?;
        let attribute = function.attrs.remove(position);
        let attr = read(&attribute, errors);
        let name = attr.name.as_ref().map(LitStr::value);
        let name = name.unwrap_or_else(|| method_name(&function.sig.ident.unraw().to_string()));
        let mut receiver = None;
        let mut parameters = Vec::new();
        for input in &mut function.sig.inputs {
            match input {
                FnArg::Receiver(own) => receiver = Some(own.clone()),
                FnArg::Typed(argument) => parameters.extend(parameter(argument, errors)),
            }
        }
        if parameters.len() + usize::from(receiver.is_some()) < function.sig.inputs.len() {
            // What is wrong with an argument has been said.
            return None;
        }
        let ReturnType::Type(_, returns) = &function.sig.output else {
            errors.push(
                function.sig.ident.span(),
                "a remote method can fail; write `-> Result<()>`, or what it answers instead of `()`",
            );
            return None;
        };
        let routes = routes(&attr, &name);
        check_paths(&attr, &parameters, errors);
        check_names(&parameters, errors);
        let reads = !routes.is_empty()
            && routes
                .iter()
                .all(|route| matches!(route.verb, "Get" | "Head"));
        Some(Remote {
            function: function.sig.ident.clone(),
            asynchronous: function.sig.asyncness.is_some(),
            docs: docs(&function.attrs),
            access: attr
                .access
                .unwrap_or(if reads { "Read" } else { "Execute" }),
            name,
            routes,
            usual_route: attr.routes.is_empty(),
            receiver,
            parameters,
            returns: (**returns).clone(),
            returns_as: attr.returns_as,
            status: attr.status,
            scopes: attr.scopes.unwrap_or_default(),
        })
    }

    /// ```text
    /// __lw::RemoteMethodDef::new("close", __lw::AccessType::Execute, <...>::TYPE, |__lw_call| {
    ///     __lw::Box::pin(async move {
    ///         let __lw_call = __lw::Call::of(__lw_call)?;
    ///         let __lw_0 = __lw_call.argument::<String>(0)?;
    ///         let mut __lw_self = __lw_call.instance::<Self>()?;
    ///         let __lw_answer = Self::close(&mut __lw_self, __lw_0).await?;
    ///         __lw_call.store(__lw_self).await?;
    ///         __lw_call.answer(__lw_answer);
    ///         __lw::Ok(())
    ///     })
    /// })
    /// .instance()
    /// .routes(&[__lw::RemoteRoute { verb: __lw::Verb::Post, path: "/close" }])
    /// .arguments(&[__lw::ArgumentDef::new("reason", __lw::ArgumentSource::Anywhere, <String as __lw::Remotable>::TYPE)])
    /// ```
    pub(super) fn expand(&self) -> TokenStream {
        let Remote { name, returns, .. } = self;
        let access = format_ident!("{}", self.access);
        let answer = quote_spanned!(at(returns.span())=> <<#returns as __lw::Fallible>::Answer as __lw::Remotable>::TYPE);
        let call = self.expand_call();
        let docs = (!self.docs.is_empty()).then(|| {
            let docs = &self.docs;
            quote!(.docs(#docs))
        });
        let instance = self.receiver.is_some().then(|| quote!(.instance()));
        let routes = self.routes.iter().map(|Route { verb, path }| {
            let verb = format_ident!("{verb}");
            quote!(__lw::RemoteRoute { verb: __lw::Verb::#verb, path: #path })
        });
        let placed = format_ident!(
            "{}",
            if self.usual_route {
                "usual_route"
            } else {
                "routes"
            }
        );
        let given: Vec<_> = self.given().map(|(_, given)| given.expand()).collect();
        let arguments = (!given.is_empty()).then(|| quote!(.arguments(&[#(#given),*])));
        let returns_as = self
            .returns_as
            .as_ref()
            .map(|name| quote!(.returns_as(#name)));
        let status = self.status.as_ref().map(|status| quote!(.status(#status)));
        let scopes = &self.scopes;
        let scopes = (!scopes.is_empty()).then(|| quote!(.scopes(&[#(#scopes),*])));
        quote! {
            __lw::RemoteMethodDef::new(#name, __lw::AccessType::#access, #answer, |__lw_call| { #call })
                #docs #instance .#placed(&[#(#routes),*]) #arguments #returns_as #status #scopes
        }
    }

    /// What only the compiler can judge about the arguments.
    pub(super) fn expand_assertions(&self) -> TokenStream {
        let assertions = self
            .given()
            .filter_map(|(_, given)| given.expand_assertion());
        assertions.collect()
    }

    /// The arguments that the caller gives, with the names of their variables.
    fn given(&self) -> impl Iterator<Item = (Ident, &Given)> {
        let given = self
            .parameters
            .iter()
            .filter_map(|parameter| match parameter {
                Parameter::Given(given) => Some(&**given),
                Parameter::Context(_) => None,
            });
        given
            .enumerate()
            .map(|(index, given)| (format_ident!("__lw_{index}"), given))
    }

    fn expand_call(&self) -> TokenStream {
        let function = &self.function;
        let taken = self.given().enumerate().map(|(index, (variable, given))| {
            let ty = &given.ty;
            quote!(let #variable = __lw_call.argument::<#ty>(#index)?;)
        });
        let mut given = self.given();
        let parameters = self.parameters.iter().map(|parameter| match parameter {
            Parameter::Context(span) => quote_spanned!(at(*span)=> __lw_call.context()),
            Parameter::Given(_) => given
                .next()
                .map_or_else(TokenStream::new, |(variable, _)| quote!(#variable)),
        });
        let parameters: Vec<_> = parameters.collect();
        let (instance, own, store) = match &self.receiver {
            None => (None, None, None),
            Some(receiver) if !matches!(receiver.kind, ReceiverKind::Reference(..)) => (
                Some(quote!(let __lw_self = __lw_call.instance::<Self>()?;)),
                Some(quote!(__lw_self,)),
                None,
            ),
            Some(receiver) if matches!(receiver.kind, ReceiverKind::Reference(_, _, Some(_))) => (
                Some(quote!(let mut __lw_self = __lw_call.instance::<Self>()?;)),
                Some(quote!(&mut __lw_self,)),
                Some(quote!(__lw_call.store(__lw_self).await?;)),
            ),
            Some(_) => (
                Some(quote!(let __lw_self = __lw_call.instance::<Self>()?;)),
                Some(quote!(&__lw_self,)),
                None,
            ),
        };
        let awaited = self.asynchronous.then(|| quote!(.await));
        quote! {
            __lw::Box::pin(async move {
                let __lw_call = __lw::Call::of(__lw_call)?;
                #(#taken)*
                #instance
                let __lw_answer = Self::#function(#own #(#parameters),*) #awaited ?;
                #store
                __lw_call.answer(__lw_answer);
                __lw::Ok(())
            })
        }
    }
}

fn read(attribute: &Attribute, errors: &mut Errors) -> RemoteAttr {
    let mut attr = RemoteAttr::default();
    for argument in arguments(attribute, errors) {
        let word = argument.word();
        if let Some((_, verb)) = VERBS.iter().find(|(known, _)| *known == word) {
            let path = if argument.is_alone() {
                None
            } else {
                argument.text(errors)
            };
            attr.routes.push((*verb, path));
            continue;
        }
        match word.as_str() {
            "name" => argument.fill(&mut attr.name, argument.text(errors), errors),
            "returns" => argument.fill(&mut attr.returns_as, argument.text(errors), errors),
            "access" => argument.fill(&mut attr.access, access(&argument, errors), errors),
            "status" => argument.fill(&mut attr.status, status(&argument, errors), errors),
            "scopes" => argument.fill(&mut attr.scopes, scopes(&argument, errors), errors),
            _ => argument.unknown("#[remote(...)]", &WORDS, errors),
        }
    }
    attr
}

fn access(argument: &Argument, errors: &mut Errors) -> Option<&'static str> {
    let ident = argument.ident("read", errors)?;
    let known = KINDS.iter().find(|(word, _)| ident == word);
    if known.is_none() {
        errors.push(
            ident.span(),
            "a kind of access is `read`, `write` or `execute`",
        );
    }
    known.map(|(_, kind)| *kind)
}

fn status(argument: &Argument, errors: &mut Errors) -> Option<LitInt> {
    let status = argument.integer("201", errors)?;
    match status.base10_parse::<u16>() {
        Ok(200..=299) => Some(status),
        _ => {
            errors.push(
                status.span(),
                "the status of a success is between 200 and 299",
            );
            None
        }
    }
}

/// `scopes("reports")`
fn scopes(argument: &Argument, errors: &mut Errors) -> Option<Vec<LitStr>> {
    let mut scopes = Vec::new();
    for value in argument.list("\"reports\"", errors)?.values(errors) {
        match value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(scope),
                ..
            }) => scopes.push(scope),
            other => errors.push_spanned(other, "a scope is text; write `scopes(\"reports\")`"),
        }
    }
    Some(scopes)
}

/// Unless the attribute says otherwise, LoopBack's place: `POST /closeForGood`.
fn routes(attr: &RemoteAttr, name: &str) -> Vec<Route> {
    let place = |verb: &'static str, path: Option<&LitStr>| Route {
        verb,
        path: path.map_or_else(|| format!("/{name}"), LitStr::value),
    };
    if attr.routes.is_empty() {
        return vec![place("Post", None)];
    }
    let routes = attr.routes.iter();
    routes
        .map(|(verb, path)| place(verb, path.as_ref()))
        .collect()
}

fn check_paths(attr: &RemoteAttr, parameters: &[Parameter], errors: &mut Errors) {
    for path in attr.routes.iter().filter_map(|(_, path)| path.as_ref()) {
        let text = path.value();
        if !text.starts_with('/') {
            errors.push(
                path.span(),
                format!("a path begins with `/`; write `\"/{text}\"`"),
            );
        }
        for part in text
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        {
            if !parameters
                .iter()
                .any(|parameter| matches!(parameter, Parameter::Given(given) if given.name == part))
            {
                errors.push(path.span(), format!("the function has no argument `{part}`; a part in braces has the name of one, as in `\"/{{city}}\"`"));
            }
        }
    }
    for parameter in parameters {
        let Parameter::Given(given) = parameter else {
            continue;
        };
        let part = format!("{{{}}}", given.name);
        let mut paths = attr.routes.iter().filter_map(|(_, path)| path.as_ref());
        if given.source == Source::Path && !paths.any(|path| path.value().contains(&part)) {
            errors.push(
                given.span,
                format!("no path has the part `{part}`; write it where the argument stands"),
            );
        }
    }
}

fn check_names(parameters: &[Parameter], errors: &mut Errors) {
    let mut names = HashSet::new();
    for parameter in parameters {
        let Parameter::Given(given) = parameter else {
            continue;
        };
        if !names.insert(given.name.as_str()) {
            let message = format!(
                "two arguments are called `{}`; give one another name with `#[arg(name = \"...\")]`",
                given.name
            );
            errors.push(given.span, message);
        }
    }
}

fn parameter(argument: &mut PatType, errors: &mut Errors) -> Option<Parameter> {
    let attributes = std::mem::take(&mut argument.attrs);
    let (own, others): (Vec<_>, Vec<_>) = attributes
        .into_iter()
        .partition(|attribute| attribute.path().is_ident("arg"));
    argument.attrs = others;
    if let Type::Reference(reference) = &*argument.ty {
        if let Some(attribute) = own.first() {
            errors.push_spanned(attribute, "a reference is the context of the call; an argument that the caller gives is owned");
        }
        return Some(Parameter::Context(reference.span()));
    }
    let Pat::Ident(name) = &*argument.pat else {
        errors.push_spanned(
            &argument.pat,
            "an argument that the caller gives has a name",
        );
        return None;
    };
    Some(Parameter::Given(Box::new(Given::new(
        &name.ident,
        &argument.ty,
        &own,
        errors,
    ))))
}

//! A struct with `#[derive(Model)]`, and how it comes to have more.

use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::{Attribute, Fields, FieldsNamed, Item, ItemImpl, ItemStruct, Meta, Type, Visibility};

use super::{Project, Scope, Source};
use crate::change::Insertion;
use crate::error::{Error, Result};

/// The types of fields that hold relations.
const RELATIONS: [&str; 6] = [
    "BelongsTo",
    "EmbedsMany",
    "EmbedsOne",
    "HasMany",
    "HasOne",
    "ReferencesMany",
];

/// A model of the project.
#[derive(Debug, Clone)]
pub(crate) struct Model<'a> {
    pub(crate) source: &'a Source,
    pub(crate) item: &'a ItemStruct,
    /// What can be named where it stands.
    pub(crate) scope: Scope<'a>,
}

/// A field that is to be.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    /// In Rust.
    pub(crate) name: String,
    /// As the model's module names it.
    pub(crate) ty: String,
    pub(crate) docs: Option<String>,
    /// Each with `#[…]`.
    pub(crate) attributes: Vec<String>,
}

/// Where in a struct a field goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placed {
    /// Behind the last one that is no relation.
    Property,
    /// At the end.
    Relation,
}

/// The models of `source`, without those of its tests.
pub(super) fn models(source: &Source) -> Vec<Model<'_>> {
    let mut models = Vec::new();
    collect(source, source.module(), &source.file.items, &mut models);
    models
}

fn collect<'a>(
    source: &'a Source,
    module: Vec<String>,
    items: &'a [Item],
    models: &mut Vec<Model<'a>>,
) {
    for item in items {
        match item {
            Item::Struct(item) if derives(&item.attrs, "Model") => models.push(Model {
                source,
                item,
                scope: Scope {
                    source,
                    module: module.clone(),
                    items,
                },
            }),
            Item::Mod(inner) if !is_test(&inner.attrs) => {
                if let Some((_, items)) = &inner.content {
                    let mut module = module.clone();
                    module.push(inner.ident.unraw().to_string());
                    collect(source, module, items, models);
                }
            }
            _ => {}
        }
    }
}

/// Is `name` among the derives?
fn derives(attributes: &[Attribute], name: &str) -> bool {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("derive"))
        .any(|attribute| {
            let mut found = false;
            // What is no list of paths derives nothing.
            let _ = attribute.parse_nested_meta(|meta| {
                found |= meta
                    .path
                    .segments
                    .last()
                    .is_some_and(|last| last.ident == name);
                Ok(())
            });
            found
        })
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        _ => false,
    })
}

impl<'a> Model<'a> {
    pub(crate) fn name(&self) -> String {
        self.item.ident.unraw().to_string()
    }

    /// Is `name` among the derives of the struct?
    pub(crate) fn derives(&self, name: &str) -> bool {
        derives(&self.item.attrs, name)
    }

    fn fields(&self) -> Result<&'a FieldsNamed> {
        match &self.item.fields {
            Fields::Named(fields) => Ok(fields),
            _ => Err(Error::undone(format!(
                "`{}` has no named fields; a model is a struct such as `struct {} {{ … }}`",
                self.item.ident, self.item.ident
            ))),
        }
    }

    /// The names of all fields, as JSON and columns tell them apart: without case.
    pub(crate) fn has_field(&self, name: &str) -> bool {
        let plain = |name: &str| {
            name.trim_start_matches("r#")
                .replace('_', "")
                .to_lowercase()
        };
        self.item.fields.iter().any(|field| {
            field
                .ident
                .as_ref()
                .is_some_and(|ident| plain(&ident.to_string()) == plain(name))
        })
    }

    /// The relations that lead to several models.
    pub(crate) fn polymorphic_relations(&self) -> Vec<String> {
        let fields = self.item.fields.iter();
        let leads = fields.filter(|field| {
            has_word(&field.attrs, "relation", "belongs_to")
                && has_word(&field.attrs, "relation", "polymorphic")
        });
        leads
            .filter_map(|field| field.ident.as_ref().map(ToString::to_string))
            .collect()
    }

    /// The type of the id, as the model writes it.
    ///
    /// # Errors
    /// It has none, or one of several properties.
    pub(crate) fn id_type(&self, project: &Project) -> Result<String> {
        let mut ids = self
            .item
            .fields
            .iter()
            .filter(|field| has_word(&field.attrs, "model", "id"));
        match (ids.next(), ids.next()) {
            (Some(id), None) => Ok(written(&id.ty)),
            (Some(_), Some(_)) => Err(Error::undone(format!(
                "the id of `{}` is several properties, and no relation leads to such an id; give it an id of one property",
                self.name()
            ))),
            (None, _) => {
                let base = self
                    .item
                    .fields
                    .iter()
                    .find(|field| has_word(&field.attrs, "model", "base"))
                    .and_then(|field| last_word(&field.ty));
                match base.as_deref() {
                    // A model may be called as the one that it extends.
                    Some(base)
                        if base != self.name()
                            && project.model_names().iter().any(|name| name == base) =>
                    {
                        project.model(base)?.id_type(project)
                    }
                    Some(base) => built_in(base)
                        .map(ToOwned::to_owned)
                        .ok_or_else(|| self.no_id()),
                    None => Err(self.no_id()),
                }
            }
        }
    }

    fn no_id(&self) -> Error {
        Error::undone(format!(
            "`{}` has no id; put `#[model(id, generated)]` on the field that is its id",
            self.name()
        ))
    }

    /// Where it is reached from, with re-exports: `crate::models` rather than `crate::models::note`.
    pub(crate) fn reached_from(&self, project: &Project) -> Vec<String> {
        let mut module = self.scope.module.clone();
        let name = self.name();
        while let Some((last, parent)) = module.split_last() {
            let exported = project.sources.iter().any(|source| {
                source.module() == parent
                    && !source.is_own_program()
                    && source.file.items.iter().any(|item| match item {
                        Item::Use(item) => {
                            exports(&item.tree.to_token_stream().to_string(), last, &name)
                        }
                        _ => false,
                    })
            });
            if !exported {
                break;
            }
            module.pop();
        }
        module
    }

    /// Inserts `field`, with its documentation and attributes.
    ///
    /// # Errors
    /// The struct has no named fields.
    pub(crate) fn insert_field(&self, field: &Field, placed: Placed) -> Result<Vec<Insertion>> {
        let fields = self.fields()?;
        let source = self.source;
        let open = source.span(fields.brace_token.span.open());
        let close = source.span(fields.brace_token.span.close());
        let own = source.indentation(source.range(self.item).start).to_owned();
        let first = fields.named.first().map(|first| source.range(first).start);
        let indentation = match first {
            Some(start) if source.is_long(open.end..start) => source.indentation(start).to_owned(),
            _ => format!("{own}    "),
        };
        let before = fields
            .named
            .pairs()
            .rev()
            .find(|pair| placed == Placed::Relation || !is_relation(pair.value()));
        let mut insertions = Vec::new();
        let mut blank = "";
        let at = match &before {
            Some(pair) => {
                if placed == Placed::Relation && !is_relation(pair.value()) {
                    blank = "\n";
                }
                match pair.punct() {
                    Some(comma) => source.range(*comma).end,
                    None => {
                        let end = source.range(*pair.value()).end;
                        insertions.push(Insertion::new(end, ","));
                        end
                    }
                }
            }
            None => open.end,
        };
        let at = source.after_comment(at).min(close.start);
        let mut text = blank.to_owned();
        for line in field.lines(&self.visibility()) {
            text.push('\n');
            text.push_str(&indentation);
            text.push_str(&line);
        }
        // What follows on the same line gets a line of its own.
        let rest = source.text.get(at..).unwrap_or_default();
        if !rest.starts_with(['\n', '\r']) {
            text.push('\n');
            text.push_str(if rest.trim_start().starts_with('}') {
                &own
            } else {
                &indentation
            });
        }
        insertions.push(Insertion::new(at, text));
        Ok(insertions)
    }

    /// Fields are as visible as the first one is.
    fn visibility(&self) -> String {
        let first = self.item.fields.iter().next();
        match first.map_or(&self.item.vis, |field| &field.vis) {
            Visibility::Inherited => String::new(),
            visible => format!(
                "{} ",
                visible.to_token_stream().to_string().replace(' ', "")
            ),
        }
    }

    /// Inserts an attribute of the struct, behind the last one that is called as it or else behind them all.
    pub(crate) fn insert_attribute(&self, attribute: &str) -> Insertion {
        let source = self.source;
        let name = attribute
            .trim_start_matches("#[")
            .split('(')
            .next()
            .unwrap_or_default();
        let attributes = &self.item.attrs;
        let alike = attributes.iter().rfind(|known| known.path().is_ident(name));
        let start = source.range(self.item).start;
        let indentation = source.indentation(start).to_owned();
        let last = alike.or_else(|| {
            attributes
                .iter()
                .rfind(|known| !known.path().is_ident("doc"))
        });
        let end = last.map_or(start, |last| source.range(last).end);
        let end = source.after_comment(end);
        let text = format!("\n{indentation}{attribute}");
        // The struct may follow on the same line.
        match source
            .text
            .get(end..)
            .unwrap_or_default()
            .starts_with(['\n', '\r'])
        {
            true => Insertion::new(end, text),
            false => Insertion::new(end, format!("{text}\n{indentation}")),
        }
    }

    /// Does the struct have exactly this attribute?
    pub(crate) fn has_attribute(&self, attribute: &str) -> bool {
        let plain = |text: String| text.replace([' ', '\n'], "").replace(",)", ")");
        self.item
            .attrs
            .iter()
            .any(|known| plain(known.to_token_stream().to_string()) == plain(attribute.to_owned()))
    }

    /// The impl blocks of the model, with their scopes.
    pub(crate) fn impls(&self, project: &'a Project) -> Vec<(Scope<'a>, &'a ItemImpl)> {
        let mut impls = Vec::new();
        for source in &project.sources {
            let scope = Scope {
                source,
                module: source.module(),
                items: &source.file.items,
            };
            collect_impls(&scope, &self.name(), &mut impls);
        }
        impls
    }
}

fn collect_impls<'a>(scope: &Scope<'a>, name: &str, impls: &mut Vec<(Scope<'a>, &'a ItemImpl)>) {
    for item in scope.items {
        match item {
            Item::Impl(item)
                if item.trait_.is_none() && last_word(&item.self_ty).as_deref() == Some(name) =>
            {
                impls.push((scope.clone(), item));
            }
            Item::Mod(inner) if !is_test(&inner.attrs) => {
                if let Some((_, items)) = &inner.content {
                    let mut module = scope.module.clone();
                    module.push(inner.ident.unraw().to_string());
                    let scope = Scope {
                        source: scope.source,
                        module,
                        items,
                    };
                    collect_impls(&scope, name, impls);
                }
            }
            _ => {}
        }
    }
}

impl Field {
    /// The lines of the field, without indentation.
    pub(crate) fn lines(&self, visibility: &str) -> Vec<String> {
        let mut lines: Vec<_> = docs(self.docs.as_deref());
        lines.extend(self.attributes.iter().cloned());
        lines.push(format!("{visibility}{}: {},", self.name, self.ty));
        lines
    }
}

/// Documentation as lines of `///`.
pub(crate) fn docs(text: Option<&str>) -> Vec<String> {
    let lines = text.unwrap_or_default().lines().map(str::trim);
    let lines = lines.map(|line| format!("/// {line}").trim_end().to_owned());
    lines.collect()
}

/// The type of the id of a model that comes along.
pub(crate) fn built_in(name: &str) -> Option<&'static str> {
    match name {
        "User" | "Role" | "RoleMapping" | "Acl" | "Scope" => Some("i64"),
        "AccessToken" | "Application" => Some("String"),
        _ => None,
    }
}

fn is_relation(field: &syn::Field) -> bool {
    let by_type = last_word(&field.ty).is_some_and(|word| RELATIONS.contains(&word.as_str()));
    by_type
        || field
            .attrs
            .iter()
            .any(|attribute| attribute.path().is_ident("relation"))
}

/// The last name in a type's path: `User` of `loopwright::builtin::User`.
fn last_word(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(path) => Some(path.path.segments.last()?.ident.unraw().to_string()),
        _ => None,
    }
}

/// A type without the spaces between its tokens.
fn written(ty: &Type) -> String {
    ty.to_token_stream().to_string().replace(' ', "")
}

/// Does one of the attributes called `name` have the word: `#[model(id, generated)]`?
fn has_word(attributes: &[Attribute], name: &str, word: &str) -> bool {
    attributes
        .iter()
        .filter(|known| known.path().is_ident(name))
        .any(|known| match &known.meta {
            Meta::List(list) => list
                .tokens
                .clone()
                .into_iter()
                .any(|token| token.to_string() == word),
            _ => false,
        })
}

/// Does an import, as tokens, take `name` out of the module `module` here?
fn exports(tree: &str, module: &str, name: &str) -> bool {
    let tree = tree.replace(' ', "");
    let rest = tree
        .strip_prefix("self::")
        .unwrap_or(&tree)
        .strip_prefix(module)
        .and_then(|rest| rest.strip_prefix("::"));
    rest.is_some_and(|rest| {
        let names = rest.trim_matches(['{', '}']);
        names.split(',').any(|one| one == name || one == "*")
    })
}

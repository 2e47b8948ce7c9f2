//! From the tables of a catalogue to the outline.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::column::{self, Dialect, Type};
use super::name::{self, FieldNames, TypeNames};
use super::outline::{Enumeration, Field, Item, Outline, Struct};
use super::{Access, Options, relation};
use crate::connectors::sql::catalogue::{Column, Table};
use crate::{Error, Result};

/// A table on its way to a model.
pub(super) struct Draft {
    pub table: Table,
    /// The name of the struct.
    pub name: Ident,
    /// The columns that identify a row, in the order of the fields.
    pub ids: Vec<String>,
    pub columns: Vec<DraftColumn>,
    /// The names of the struct's fields.
    pub names: FieldNames,
    /// What the struct's documentation says is missing.
    pub missing: Vec<String>,
    pub relations: Vec<Field>,
}

/// A column on its way to a field.
pub(super) struct DraftColumn {
    pub column: Column,
    pub field: Ident,
    pub ty: Type,
    /// The column's own type, where the database must be told.
    pub told: Option<String>,
}

impl Draft {
    pub(super) fn column(&self, name: &str) -> Option<&DraftColumn> {
        self.columns
            .iter()
            .find(|column| column.column.name == name)
    }

    /// The column that identifies a row alone.
    pub(super) fn id(&self) -> Option<&DraftColumn> {
        match self.ids.as_slice() {
            [id] => self.column(id),
            _ => None,
        }
    }

    /// Does the column alone identify a row?
    pub(super) fn is_unique(&self, column: &str) -> bool {
        let mut unique = self.table.indexes.iter().filter(|index| index.unique);
        self.ids == [column] || unique.any(|index| index.columns == [column])
    }
}

/// The models of the tables that `options` choose.
///
/// # Errors
/// There are no tables, or none of a name that was asked for.
pub(super) fn outline(tables: Vec<Table>, dialect: Dialect, options: &Options) -> Result<Outline> {
    let tables = chosen(tables, options)?;
    let mut outline = Outline {
        docs: vec![
            format!(
                "Models of a {} database that was there before them.",
                dialect.name()
            ),
            "Who may do what is for you to decide: see `#[acl(...)]` on each model.".to_owned(),
        ],
        items: Vec::new(),
    };
    if dialect == Dialect::Postgres
        && let Some(schema) = &options.schema
    {
        outline.docs.push(format!(
            "The tables are in the schema `{schema}`; let the data source's URL end with `?options=-csearch_path%3D{schema}`."
        ));
    }

    let mut types = TypeNames::default();
    let mut drafts = Vec::new();
    let mut missing = Vec::new();
    for table in tables {
        let name = table.name.clone();
        match draft(table, dialect, options.prefix.as_deref(), &mut types) {
            Ok(draft) => drafts.push(draft),
            Err(reason) => missing.push(format!("- `{name}`: {reason}")),
        }
    }
    if !missing.is_empty() {
        outline.docs.push("Left out:".to_owned());
        outline.docs.push(missing.join("\n"));
    }
    relation::relate(&mut drafts);
    for draft in drafts {
        finish(draft, options.access, &mut types, &mut outline.items);
    }
    Ok(outline)
}

fn chosen(tables: Vec<Table>, options: &Options) -> Result<Vec<Table>> {
    let wanted = |table: &Table| {
        // A view that is asked for by its name is wanted.
        if options.tables.is_empty() {
            options.views || !table.view
        } else {
            options.tables.contains(&table.name)
        }
    };
    let known = |name: &&String| tables.iter().any(|table| table.name == **name);
    if let Some(name) = options.tables.iter().find(|name| !known(name)) {
        let names: Vec<_> = tables
            .iter()
            .map(|table| format!("`{}`", table.name))
            .collect();
        return Err(Error::internal(format!(
            "the database has no table `{name}`; it has {}",
            if names.is_empty() {
                "none".to_owned()
            } else {
                names.join(", ")
            }
        )));
    }
    let chosen: Vec<_> = tables.into_iter().filter(wanted).collect();
    if chosen.is_empty() {
        return Err(Error::internal(
            "the database has no tables; check the name at the end of its URL, or name another schema with `--schema`",
        ));
    }
    Ok(chosen)
}

/// How many columns identify a row at most.
const MOST_KEYS: usize = 4;

/// The table with names for its columns, or why there can't be a model of it.
fn draft(
    table: Table,
    dialect: Dialect,
    prefix: Option<&str>,
    types: &mut TypeNames,
) -> std::result::Result<Draft, String> {
    let ids = match table.primary_key.as_slice() {
        [] if table.view => vec![
            likely_id(&table)
                .ok_or("a model has an id, and no column of the view is called like one")?
                .to_owned(),
        ],
        [] => return Err("it has no primary key, and a model has an id".to_owned()),
        columns if columns.len() > MOST_KEYS => {
            return Err(format!(
                "its primary key has {} columns (`{}`), and an id at most {MOST_KEYS}",
                columns.len(),
                columns.join("`, `")
            ));
        }
        columns => columns.to_vec(),
    };
    let mut names = FieldNames::default();
    let mut missing = Vec::new();
    let mut columns = Vec::new();
    for column in &table.columns {
        let name = &column.name;
        if column.computed {
            missing.push(format!("- `{name}`: the database computes it"));
            continue;
        }
        match Type::of(column, dialect) {
            Some((ty, told)) => columns.push(DraftColumn {
                field: if is_key(&table, name) {
                    names.key(name)
                } else {
                    names.field(name)
                },
                ty,
                told: told.map(str::to_owned),
                column: column.clone(),
            }),
            None if column.declared.is_empty() => {
                missing.push(format!("- `{name}`: the database tells no type"));
            }
            None => missing.push(format!(
                "- `{name}`: no property has the type `{}`",
                column.declared
            )),
        }
    }
    let is_there = |id: &&String| columns.iter().any(|column| column.column.name == **id);
    if let Some(id) = ids.iter().find(|id| !is_there(id)) {
        return Err(format!("its id `{id}` has a type that no property has"));
    }
    let own = prefix.and_then(|prefix| table.name.strip_prefix(prefix));
    Ok(Draft {
        name: types.row(own.unwrap_or(&table.name)),
        table,
        ids,
        columns,
        names,
        missing,
        relations: Vec::new(),
    })
}

/// Does the column alone hold the key of another row?
fn is_key(table: &Table, column: &str) -> bool {
    let mut keys = table.foreign_keys.iter();
    keys.any(|key| key.columns == [column])
}

/// The column of a view that looks like an id: `id`, or the first one that ends so.
fn likely_id(table: &Table) -> Option<&str> {
    let names = || table.columns.iter().map(|column| column.name.as_str());
    let snake = |name: &str| name::snake(name);
    names()
        .find(|name| snake(name) == "id")
        .or_else(|| names().find(|name| snake(name).ends_with("_id")))
}

fn finish(draft: Draft, access: Access, types: &mut TypeNames, items: &mut Vec<Item>) {
    let table = &draft.table;
    let what = if table.view { "view" } else { "table" };
    let mut docs = vec![match &table.comment {
        Some(comment) => quoted(comment),
        None => format!("A row of the {what} `{}`.", table.name),
    }];
    if !draft.missing.is_empty() {
        docs.push("Left out:".to_owned());
        docs.push(draft.missing.join("\n"));
    }
    let mut attributes = Vec::new();
    if name::snake(&draft.name.to_string()) != table.name {
        let table = &table.name;
        attributes.push(quote!(model(table = #table)));
    }
    attributes.extend(indexes(&draft));
    attributes.push(match (access, table.view) {
        (Access::Authenticated, _) => quote!(acl(allow(read), to = authenticated)),
        (Access::Open, false) => quote!(acl(open)),
        (Access::Read | Access::Open, _) => quote!(acl(allow(read), to = everyone)),
    });
    let mut enumerations = Vec::new();
    let fields = draft.columns.iter().map(|column| {
        let enumeration = enumeration(&draft, column, types);
        let field = field(&draft, column, enumeration.as_ref().map(|item| &item.name));
        enumerations.extend(enumeration);
        field
    });
    let mut fields: Vec<_> = fields.collect();
    fields.extend(draft.relations);
    items.push(Item::Model(Struct {
        name: draft.name,
        docs,
        attributes,
        fields,
    }));
    items.extend(enumerations.into_iter().map(Item::Enumeration));
}

/// The indexes over several columns, and what a property's own can't say.
fn indexes(draft: &Draft) -> Option<TokenStream> {
    let indexes = draft.table.indexes.iter().filter_map(|index| {
        if index.columns.len() < 2 && index.descending.is_empty() {
            return None;
        }
        let keys = index.columns.iter().map(|name| {
            let column = draft.column(name)?;
            let field = &column.field;
            let structured = matches!(column.ty, Type::Json | Type::List(_));
            (!structured).then(|| match index.descending.contains(name) {
                true => quote!(desc(#field)),
                false => quote!(#field),
            })
        });
        let keys = keys.collect::<Option<Vec<_>>>()?;
        let name = &index.name;
        Some(match index.unique {
            true => quote!(unique(#(#keys,)* name = #name)),
            false => quote!(index(#(#keys,)* name = #name)),
        })
    });
    let indexes: Vec<_> = indexes.collect();
    (!indexes.is_empty()).then(|| quote!(model(#(#indexes),*)))
}

fn enumeration(draft: &Draft, column: &DraftColumn, types: &mut TypeNames) -> Option<Enumeration> {
    let Type::Enum(texts) = &column.ty else {
        return None;
    };
    Some(Enumeration {
        name: types.exact(&format!("{}_{}", draft.name, column.column.name)),
        docs: vec![format!(
            "What the column `{}` of the table `{}` may hold.",
            column.column.name, draft.table.name
        )],
        variants: column::variants(texts),
    })
}

fn field(draft: &Draft, draft_column: &DraftColumn, enumeration: Option<&Ident>) -> Field {
    let DraftColumn {
        column,
        field,
        ty,
        told,
    } = draft_column;
    let is_id = draft.ids.contains(&column.name);
    let is_sole_id = is_id && draft.ids.len() == 1;
    let mut docs: Vec<_> = column.comment.as_deref().map(quoted).into_iter().collect();
    let default = column
        .default
        .as_deref()
        .filter(|_| !column.generated)
        .and_then(|default| column::default(default, ty));
    // The database has a value of its own for a new row: it must not be asked of the caller.
    let filled = !is_id
        && !column.nullable
        && default.is_none()
        && (column.generated || column.default.is_some());
    if filled {
        docs.push("The database fills it in unless it is given.".to_owned());
    }

    let mut words: Vec<TokenStream> = Vec::new();
    if is_id {
        words.push(quote!(id));
        let fresh = matches!(ty, Type::Integer { .. }) && column.generated
            || *ty == Type::Uuid && default.is_some();
        if fresh && is_sole_id {
            words.push(quote!(generated));
        }
    }
    let plain = syn::ext::IdentExt::unraw(field).to_string();
    if plain != column.name {
        let column = &column.name;
        words.push(quote!(column = #column));
    }
    if let Some(told) = told {
        words.push(quote!(column_type = #told));
    }
    if let Some(default) = default.filter(|_| !is_sole_id) {
        words.push(quote!(default = #default));
    }
    let has_index = |unique: bool| {
        let mut indexes = draft.table.indexes.iter();
        indexes.any(|index| {
            index.unique == unique
                && !index.coordinates
                && index.columns == [column.name.as_str()]
                && index.descending.is_empty()
        })
    };
    let structured = matches!(ty, Type::Json | Type::List(_));
    if !is_sole_id && !structured {
        if has_index(true) {
            words.push(quote!(unique));
        } else if has_index(false) {
            words.push(quote!(index));
        }
    }
    let mut attributes = Vec::new();
    if !words.is_empty() {
        attributes.push(quote!(model(#(#words),*)));
    }
    if let Type::String {
        length: Some(length),
    } = ty
    {
        let length = proc_macro2::Literal::u32_unsuffixed(*length);
        attributes.push(quote!(validate(length(max = #length))));
    }
    let optional = !is_id && (column.nullable || filled);
    // JSON has a null of its own, which the column refuses.
    if *ty == Type::Json && !optional {
        attributes.push(quote!(validate(presence)));
    }
    let ty = ty.tokens(enumeration);
    Field {
        name: field.clone(),
        docs,
        attributes,
        ty: if optional { quote!(Option<#ty>) } else { ty },
    }
}

/// A comment that is no markup: rustdoc would take brackets for links, and some lines for lists and headings.
fn quoted(comment: &str) -> String {
    let mut quoted = String::with_capacity(comment.len());
    for line in comment.lines() {
        let line = line.trim();
        if line.starts_with(['-', '+', '#', '=', '~', '|', '_']) {
            quoted.push('\\');
        }
        for letter in line.chars() {
            if matches!(letter, '[' | ']' | '<' | '>' | '*' | '`' | '\\') {
                quoted.push('\\');
            }
            quoted.push(letter);
        }
        quoted.push('\n');
    }
    quoted
}

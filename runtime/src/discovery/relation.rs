//! From foreign keys to relations, on both sides.

use quote::quote;
use syn::ext::IdentExt;

use super::column::Type;
use super::name;
use super::outline::Field;
use super::table::Draft;
use crate::connectors::sql::catalogue::ForeignKey;

/// A foreign key that is a relation: one column that leads to the id of another model, or of its own.
struct Link {
    source: usize,
    target: usize,
    /// The place of the key among the source's columns.
    column: usize,
}

/// Adds the relations, and gives keys the types of the ids that they lead to.
pub(super) fn relate(drafts: &mut [Draft]) {
    let links = links(drafts);
    unify(drafts, &links);
    // All of one kind first: the side that holds the key has the better claim to a name.
    let mut names = Vec::new();
    for link in &links {
        names.push(add_belongs_to(drafts, link));
    }
    for (link, name) in links.iter().zip(names) {
        let target = link.target;
        let siblings = links
            .iter()
            .filter(|other| other.source == link.source && other.target == target)
            .count();
        add_inverse(drafts, link, &name, siblings == 1);
    }
}

fn links(drafts: &mut [Draft]) -> Vec<Link> {
    let mut links: Vec<Link> = Vec::new();
    for source in 0..drafts.len() {
        let keys = std::mem::take(&mut drafts[source].table.foreign_keys);
        for key in &keys {
            match link(drafts, source, key) {
                // A database may state a key twice.
                Ok(link) if links.iter().any(|known| known.same_as(&link)) => {}
                Ok(link) => links.push(link),
                Err(reason) => drafts[source].missing.push(format!(
                    "- the foreign key `{}`: {reason}",
                    key.columns.join("`, `")
                )),
            }
        }
        drafts[source].table.foreign_keys = keys;
    }
    links
}

impl Link {
    fn same_as(&self, other: &Link) -> bool {
        (self.source, self.target, self.column) == (other.source, other.target, other.column)
    }
}

fn link(drafts: &[Draft], source: usize, key: &ForeignKey) -> Result<Link, String> {
    let [column] = key.columns.as_slice() else {
        return Err("a relation's key is one property".to_owned());
    };
    let position = drafts[source]
        .columns
        .iter()
        .position(|known| known.column.name == *column)
        .ok_or("its column is left out")?;
    let target = drafts
        .iter()
        .position(|draft| draft.table.name == key.target_table)
        .ok_or_else(|| format!("there is no model of `{}` here", key.target_table))?;
    let leads_to_id = match key.target_columns.as_slice() {
        // SQLite's way to say the primary key.
        [] => drafts[target].id().is_some(),
        [column] => drafts[target].ids == [column.as_str()],
        _ => false,
    };
    if !leads_to_id {
        return Err(format!(
            "it leads to `{}` of `{}`, which is not the id",
            key.target_columns.join("`, `"),
            key.target_table
        ));
    }
    let agrees = drafts[target]
        .id()
        .is_some_and(|id| drafts[source].columns[position].ty.agrees(&id.ty));
    if !agrees {
        return Err(format!(
            "its type is not that of the id of `{}`",
            key.target_table
        ));
    }
    Ok(Link {
        source,
        target,
        column: position,
    })
}

/// A key has the very type of its id. An id may be a key itself, so this goes on until nothing changes; keys in a circle
/// all become the widest of them.
fn unify(drafts: &mut [Draft], links: &[Link]) {
    // Types only grow, and there are few sizes.
    let mut changed = true;
    while changed {
        changed = false;
        for link in links {
            let Some(id) = drafts[link.target].id() else {
                continue;
            };
            let (id, id_name) = (id.ty.clone(), id.column.name.clone());
            let key = drafts[link.source].columns[link.column].ty.clone();
            let (
                Type::Integer {
                    bits: a,
                    unsigned: b,
                },
                Type::Integer {
                    bits: c,
                    unsigned: d,
                },
            ) = (&key, &id)
            else {
                continue;
            };
            let wide = Type::Integer {
                bits: *a.max(c),
                unsigned: *b && *d,
            };
            let places = [(link.source, Some(link.column)), (link.target, None)];
            for (draft, column) in places {
                let columns = &mut drafts[draft].columns;
                let column = match column {
                    Some(index) => columns.get_mut(index),
                    None => columns
                        .iter_mut()
                        .find(|column| column.column.name == id_name),
                };
                if let Some(column) = column
                    && column.ty != wide
                {
                    column.ty = wide.clone();
                    changed = true;
                }
            }
        }
    }
}

/// `owner_id` is the key of `owner`. Answers the relation's name.
fn add_belongs_to(drafts: &mut [Draft], link: &Link) -> String {
    let target = &drafts[link.target];
    let (target_name, target_word) = (target.name.clone(), name::snake(&target.name.to_string()));
    let source = &mut drafts[link.source];
    let key = source.columns[link.column].field.clone();
    let plain = key.unraw().to_string();
    let stem = name::stem(&plain).unwrap_or(&target_word).to_owned();
    let name = source
        .names
        .relation([stem, target_word.clone(), format!("{plain}_{target_word}")]);
    let word = name.unraw().to_string();
    let by_default = format!("{word}_id") == plain;
    let key = (!by_default).then(|| quote!(, key = #key));
    source.relations.push(Field {
        name,
        docs: Vec::new(),
        attributes: vec![quote!(relation(belongs_to #key))],
        ty: quote!(BelongsTo<#target_name>),
    });
    word
}

/// The other side: many rows hold the key, or one if it is unique. `alone` says that no other key of that model leads
/// here.
fn add_inverse(drafts: &mut [Draft], link: &Link, relation: &str, alone: bool) {
    let source = &drafts[link.source];
    let key = &source.columns[link.column];
    let one = source.is_unique(&key.column.name);
    let (key, source_name) = (key.field.clone(), source.name.clone());
    let singular = name::snake(&source_name.to_string());
    let word = if one {
        singular
    } else {
        name::plural(&singular)
    };
    let target = &mut drafts[link.target];
    let target_word = name::snake(&target.name.to_string());
    let qualified = format!("{relation}_{word}");
    let name = if alone || relation == target_word {
        target.names.relation([word, qualified])
    } else {
        target.names.relation([qualified.clone(), qualified])
    };
    let by_default = key.unraw() == format!("{target_word}_id");
    let key = (!by_default).then(|| quote!(, key = #key));
    let (kind, ty) = if one {
        (quote!(has_one), quote!(HasOne<#source_name>))
    } else {
        (quote!(has_many), quote!(HasMany<#source_name>))
    };
    target.relations.push(Field {
        name,
        docs: Vec::new(),
        attributes: vec![quote!(relation(#kind #key))],
        ty,
    });
}

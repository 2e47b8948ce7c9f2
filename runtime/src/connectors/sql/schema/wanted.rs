//! The tables that the models ask for, in the words of the catalogue.

use sea_orm::DbBackend;
use sea_orm::sea_query::{
    MysqlQueryBuilder, PostgresQueryBuilder, QueryBuilder, SqliteQueryBuilder, Value as Bound,
};

use crate::connectors::sql::catalogue::{self, Column, ForeignKey, Index, Table};
use crate::connectors::sql::column::{bind, column_type, sqlite_instant};
use crate::connectors::sql::near;
use crate::model::{
    CompositeIndexDef, DefaultDef, IndexDef, ModelDef, OnDelete, PropertyDef, PropertyType,
    RelationDef, Rule, Value,
};

/// Names are cut at this length by PostgreSQL, at 64 by MySQL.
const LONGEST_NAME: usize = 63;

/// How long a comment MySQL takes on a column; on a table it is twice that.
const LONGEST_COMMENT: usize = 1024;

/// `customer_email_key`, or `customer_city_index` for one that isn't unique.
pub(in crate::connectors::sql) fn index_name(model: &ModelDef, property: &PropertyDef) -> String {
    let suffix = match property.index {
        Some(IndexDef::Unique) => "key",
        _ => "index",
    };
    short(format!("{}_{}_{suffix}", model.table, property.column))
}

/// `customer_city_name_key`, unless the model has a name for it.
pub(in crate::connectors::sql) fn composite_name(
    model: &ModelDef,
    index: &CompositeIndexDef,
) -> String {
    short(match index.name {
        Some(name) => name.to_owned(),
        None => format!("{}_{}", model.table, index.default_name(model)),
    })
}

/// The name, or as much of it as every database takes.
fn short(name: String) -> String {
    if name.len() <= LONGEST_NAME {
        return name;
    }
    // FNV-1a: two long names that begin alike must not become one.
    let hash = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    let mut cut = LONGEST_NAME - 9;
    while !name.is_char_boundary(cut) {
        cut -= 1;
    }
    format!("{}_{hash:08x}", &name[..cut])
}

/// Is null no value of it, though JSON has one of its own?
fn is_present(property: &PropertyDef) -> bool {
    let mut rules = property.binding_rules();
    matches!(property.ty, PropertyType::Json) && rules.any(|rule| *rule == Rule::Presence)
}

/// The table of `model`; its columns are in the order of the properties. Foreign keys lead to tables of `models` alone:
/// the others may be in another database.
pub(super) fn table(backend: DbBackend, model: &ModelDef, models: &[&'static ModelDef]) -> Table {
    let mut table = Table::new(
        model.table.to_owned(),
        None,
        false,
        comment(backend, model.docs),
    );
    let ids = model.id_properties().into_iter();
    table.primary_key = ids.map(|id| id.column.to_owned()).collect();
    for (position, property) in model.properties.iter().enumerate() {
        let declared = column_type(backend, property, model.is_indexed(position));
        table.columns.push(Column {
            name: property.column.to_owned(),
            kind: catalogue::kind(backend, &declared),
            nullable: property.nullable && !property.id && !is_present(property),
            generated: property.generated
                && property.id
                && matches!(property.ty, PropertyType::Integer { .. }),
            computed: false,
            default: default(backend, property),
            comment: comment(backend, property.docs),
            collation: None,
            declared,
        });
        // Databases index no other JSON than points, or not in a way that a filter would use.
        let coordinates =
            matches!(property.ty, PropertyType::GeoPoint) && property.column_type.is_none();
        let indexed = match coordinates {
            true => near::indexed(backend, property.column).is_some(),
            false => !property.is_sole_id() && !property.ty.is_structured(),
        };
        if let Some(index) = property.index
            && indexed
        {
            table.indexes.push(Index {
                name: index_name(model, property),
                columns: vec![property.column.to_owned()],
                descending: Vec::new(),
                coordinates,
                unique: index == IndexDef::Unique && !coordinates,
                constraint: false,
            });
        }
    }
    let composite = model.indexes.iter().map(|index| composite(model, index));
    table.indexes.extend(composite);
    table.foreign_keys.extend(foreign_keys(model, models));
    table
}

fn composite(model: &ModelDef, index: &CompositeIndexDef) -> Index {
    let column = |position: usize| model.properties[position].column.to_owned();
    let descending = index.keys().filter(|key| key.descending);
    Index {
        name: composite_name(model, index),
        columns: index.positions().map(column).collect(),
        descending: descending.map(|key| column(key.property)).collect(),
        coordinates: false,
        unique: index.kind == IndexDef::Unique,
        constraint: false,
    }
}

fn foreign_keys(model: &ModelDef, models: &[&'static ModelDef]) -> Vec<ForeignKey> {
    let key = |relation: &RelationDef| {
        let on_delete = match relation.on_delete.filter(|_| relation.constraint)? {
            // The standard's word for refusing at the end of the statement.
            OnDelete::Restrict => "NO ACTION",
            OnDelete::Cascade => "CASCADE",
            OnDelete::SetNull => "SET NULL",
        };
        // As it is stored here: its names may depend on the database.
        let target = relation.target()?.name;
        let target = models.iter().find(|other| other.name == target)?;
        let mut properties = model.properties.iter();
        let column = properties
            .find(|property| property.field == relation.foreign_key)?
            .column;
        Some(ForeignKey {
            name: Some(short(format!("{}_{column}_fkey", model.table))),
            columns: vec![column.to_owned()],
            target_table: target.table.to_owned(),
            target_columns: vec![target.id().column.to_owned()],
            on_delete: on_delete.to_owned(),
            on_update: "NO ACTION".to_owned(),
        })
    };
    model.relations.iter().filter_map(key).collect()
}

/// The first paragraph of the documentation, for databases that keep comments.
fn comment(backend: DbBackend, docs: &str) -> Option<String> {
    if backend == DbBackend::Sqlite {
        return None;
    }
    let paragraph = docs.trim().split("\n\n").next().unwrap_or_default();
    let text = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    let text: String = text.chars().take(LONGEST_COMMENT).collect();
    Some(text).filter(|text| !text.is_empty())
}

/// The constant default as SQL, for rows that are there when the column comes.
fn default(backend: DbBackend, property: &PropertyDef) -> Option<String> {
    let default = match property.default? {
        // A type of the database's own may write lists in another way.
        DefaultDef::EmptyList if property.column_type.is_none() => "'[]'".to_owned(),
        default @ DefaultDef::Literal(_) if !property.ty.is_structured() => {
            let bound = match (default.value(&property.ty), backend) {
                (Value::Null, _) => return None,
                // The builder's own text for an instant differs from the one that the driver stores.
                (Value::DateTime(instant), DbBackend::Sqlite) => sqlite_instant(instant).into(),
                (Value::DateTime(instant), DbBackend::MySql) => {
                    instant.format("%F %T%.6f").to_string().into()
                }
                (value, _) => bind(backend, property.ty, &value).ok()?,
            };
            literal(backend, &bound)
        }
        _ => return None,
    };
    // In parentheses `longtext` may have a default too.
    Some(match backend {
        DbBackend::MySql => format!("({default})"),
        _ => default,
    })
}

/// A value as SQL text: no database takes parameters where it changes a table.
pub(super) fn literal(backend: DbBackend, value: &Bound) -> String {
    match backend {
        DbBackend::Postgres => PostgresQueryBuilder.value_to_string(value),
        DbBackend::MySql => MysqlQueryBuilder.value_to_string(value),
        _ => SqliteQueryBuilder.value_to_string(value),
    }
}

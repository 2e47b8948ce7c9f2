//! Collections and indexes that follow the models: what is missing is added, nothing is changed or dropped.

use futures_util::TryStreamExt;
use mongodb::bson::{Bson, DateTime, Document, doc};
use mongodb::options::IndexOptions;
use mongodb::{Collection, Database, IndexModel};

use super::counter;
use super::error::{exists, explain, is_duplicate};
use super::value::{key, to_bson};
use crate::Result;
use crate::connectors::fit::holds_duplicates;
use crate::model::{
    CompositeIndexDef, DefaultDef, IndexDef, ModelDef, ObjectId, PropertyDef, PropertyType, Value,
};

/// Brings the collection of `model` up to date.
pub(super) async fn update(database: &Database, model: &'static ModelDef) -> Result<()> {
    match database.create_collection(model.table).await {
        Err(error) if exists(&error) => {}
        result => result.map_err(|error| explain(error, model))?,
    }
    let collection = database.collection::<Document>(model.table);
    add_indexes(&collection, model).await?;
    fill_in_defaults(&collection, model).await
}

/// Drops the collection of `model` with everything in it; its ids begin anew.
pub(super) async fn drop(database: &Database, model: &'static ModelDef) -> Result<()> {
    let drop = async {
        database.collection::<Document>(model.table).drop().await?;
        counter::reset(database, model).await
    };
    drop.await.map_err(|error| explain(error, model))
}

async fn add_indexes(collection: &Collection<Document>, model: &'static ModelDef) -> Result<()> {
    let indexed = |property: &&PropertyDef| property.index.is_some() && !property.is_sole_id();
    // Collected at once: borrowed iterators don't live across what is awaited.
    let mut wanted = Vec::new();
    if model.has_composite_id() {
        wanted.push(index_of_id(model));
    }
    for property in model.properties.iter().filter(indexed) {
        wanted.extend(indexes(property));
    }
    wanted.extend(model.indexes.iter().map(|index| composite(model, index)));
    if wanted.is_empty() {
        return Ok(());
    }
    let known = async { collection.list_indexes().await?.try_collect().await };
    let known: Vec<IndexModel> = known.await.map_err(|error| explain(error, model))?;
    for (properties, index) in wanted {
        if known.iter().any(|known| serves(known, &index)) {
            continue;
        }
        let created = collection.create_index(index).await;
        created.map_err(|error| {
            if is_duplicate(&error) {
                holds_duplicates(model, &properties).with_source(error)
            } else {
                explain(error, model)
            }
        })?;
    }
    Ok(())
}

/// The indexes for `property`. MongoDB would take LoopBack's `{lat, lng}` for the longitude, then the latitude: those
/// points have an index of their own.
fn indexes(
    property: &'static PropertyDef,
) -> impl Iterator<Item = (Vec<&'static PropertyDef>, IndexModel)> {
    let latitude = matches!(property.ty, PropertyType::GeoPoint).then(|| {
        let options = IndexOptions::builder().sparse(true);
        let options = options.name(format!("{}_lat", property.column)).build();
        let keys = doc! { format!("{}.lat", key(property)): 1 };
        IndexModel::builder().keys(keys).options(options).build()
    });
    let indexes = std::iter::once(index(property)).chain(latitude);
    indexes.map(move |index| (vec![property], index))
}

/// The index that keeps composite ids unique. Unlike others it leaves no document out: each must have its id.
fn index_of_id(model: &'static ModelDef) -> (Vec<&'static PropertyDef>, IndexModel) {
    let properties = model.id_properties();
    let keys = properties
        .iter()
        .map(|property| (key(property).to_owned(), 1.into()));
    let options = IndexOptions::builder()
        .name("composite_id".to_owned())
        .unique(true);
    let index = IndexModel::builder().keys(keys.collect::<Document>());
    (properties, index.options(options.build()).build())
}

/// An index over several properties. As in the others, documents that lack a value of a unique one are not compared.
fn composite(
    model: &'static ModelDef,
    index: &CompositeIndexDef,
) -> (Vec<&'static PropertyDef>, IndexModel) {
    let mut properties = Vec::new();
    let (mut keys, mut values) = (Document::new(), Document::new());
    for index_key in index.keys() {
        let property = &model.properties[index_key.property];
        let direction = if index_key.descending { -1 } else { 1 };
        keys.insert(key(property), direction);
        values.insert(key(property), doc! { "$gte": least(property.ty) });
        properties.push(property);
    }
    let unique = index.kind == IndexDef::Unique;
    let options = IndexOptions::builder()
        .name(index_name(model, index))
        .unique(unique)
        .partial_filter_expression(unique.then_some(values))
        .build();
    let index = IndexModel::builder().keys(keys).options(options).build();
    (properties, index)
}

/// `city_name_key`, as MongoDB's own names begin with the members.
pub(super) fn index_name(model: &ModelDef, index: &CompositeIndexDef) -> String {
    match index.name {
        Some(name) => name.to_owned(),
        None => index.default_name(model),
    }
}

/// The index over `property`. Any number of documents may lack a unique value; MongoDB would let one do so.
fn index(property: &PropertyDef) -> IndexModel {
    let (key, column) = (key(property), property.column);
    let options = IndexOptions::builder();
    let (kind, options) = match (property.ty, property.index) {
        (PropertyType::GeoPoint, _) => {
            let points = doc! { format!("{key}.type"): "Point" };
            let options = options.name(format!("{column}_2dsphere"));
            let options = options.partial_filter_expression(points).build();
            (Bson::from("2dsphere"), options)
        }
        (ty, Some(IndexDef::Unique)) if !ty.is_structured() => {
            // Not `$type`: only of a comparison can the server tell that what it looks for is among them.
            let values = doc! { key: { "$gte": least(ty) } };
            let options = options.name(format!("{column}_key")).unique(true);
            let options = options.partial_filter_expression(values).build();
            (Bson::from(1), options)
        }
        _ => {
            let options = options.name(format!("{column}_index")).build();
            (Bson::from(1), options)
        }
    };
    let index = IndexModel::builder().keys(doc! { key: kind });
    index.options(options).build()
}

/// The least value of a type that is stored as a scalar.
fn least(ty: PropertyType) -> Bson {
    match ty {
        PropertyType::Boolean => Bson::Boolean(false),
        PropertyType::Integer { .. } | PropertyType::Float | PropertyType::Decimal => {
            Bson::Double(f64::NEG_INFINITY)
        }
        PropertyType::DateTime | PropertyType::Date => Bson::DateTime(DateTime::MIN),
        PropertyType::ObjectId => to_bson(&ty, &Value::ObjectId(ObjectId::default())),
        // Binary data is ordered by its length first.
        PropertyType::Uuid | PropertyType::Bytes => to_bson(&ty, &Value::Bytes(Vec::new())),
        _ => Bson::String(String::new()),
    }
}

/// Does an index that is there do what `wanted` would do?
fn serves(known: &IndexModel, wanted: &IndexModel) -> bool {
    let parts = |index: &IndexModel| {
        let options = index.options.clone().unwrap_or_default();
        let unique = options.unique.unwrap_or_default();
        (unique, options.partial_filter_expression)
    };
    let ((unique, partial), (wanted_unique, wanted_partial)) = (parts(known), parts(wanted));
    // The shell and LoopBack write `1.0`.
    let kind = |kind: &Bson| match kind {
        Bson::Int32(number @ (1 | -1)) => Bson::Double(f64::from(*number)),
        kind => kind.clone(),
    };
    let keys = |index: &IndexModel| {
        let keys = index.keys.iter();
        keys.map(|(name, direction)| (name.clone(), kind(direction)))
            .collect::<Vec<_>>()
    };
    keys(known) == keys(wanted)
        && unique == wanted_unique
        && (partial.is_none() || partial == wanted_partial)
}

/// Gives the literal defaults of properties that can't be null to the documents that are there, in one look through the
/// collection: what a new column does in a SQL database.
async fn fill_in_defaults(
    collection: &Collection<Document>,
    model: &'static ModelDef,
) -> Result<()> {
    let (mut lacking, mut defaults) = (Vec::new(), Document::new());
    for property in model.properties {
        let Some(default @ (DefaultDef::Literal(_) | DefaultDef::EmptyList)) = property.default
        else {
            continue;
        };
        if property.nullable || property.id {
            continue;
        }
        let default = to_bson(&property.ty, &default.value(&property.ty));
        let member = key(property);
        lacking.push(doc! { member: Bson::Null });
        let given = doc! { "$ifNull": [format!("${member}"), { "$literal": default }] };
        defaults.insert(member, given);
    }
    if lacking.is_empty() {
        return Ok(());
    }
    let fill_in = collection.update_many(doc! { "$or": lacking }, vec![doc! { "$set": defaults }]);
    let filled_in = fill_in.await;
    filled_in.map(|_| ()).map_err(|error| explain(error, model))
}

//! Relations with their names looked up.

use std::collections::HashMap;

use crate::model::{ModelDef, Record, RelationDef, RelationKind, Value};
use crate::query::Condition;
use crate::{Error, Result};

/// A relation with its names looked up.
#[derive(Debug)]
pub(crate) struct AttachedRelation {
    pub def: &'static RelationDef,
    /// The target's position in the registry; nothing where each instance says what it is.
    pub target: Option<usize>,
    /// The position of the property of this model by which the two belong together.
    pub own_key: usize,
    /// The position of the property of the target by which the two belong together; of any target, its id is meant.
    pub target_key: usize,
    /// The model between the two.
    pub join: Option<AttachedJoin>,
    /// Beside a key that may belong to several models: to which one.
    pub discriminator: Option<Discriminator>,
    /// The properties of the owner that new targets get, each with the target's.
    pub properties: Vec<(usize, usize)>,
}

/// The model between two others.
#[derive(Debug)]
pub(crate) struct AttachedJoin {
    /// Its position in the registry.
    pub model: usize,
    /// The position of its property that holds the owner's key.
    pub owner_key: usize,
    /// The position of its property that holds the target's key.
    pub target_key: usize,
}

/// Says to which model a key belongs.
#[derive(Debug)]
pub(crate) struct Discriminator {
    /// Its position in the model that holds the key.
    pub property: usize,
    /// The model's name that it has, if that is always the same.
    pub name: &'static str,
}

impl AttachedRelation {
    /// Looks up what the relation at `index` of `def` names.
    ///
    /// # Errors
    /// Something that it names is not there.
    pub(super) fn new(def: &'static ModelDef, index: usize, targets: &Targets) -> Result<Self> {
        Attaching {
            owner: def,
            relation: &def.relations[index],
            targets,
        }
        .attach()
    }

    /// Do the targets hold the key of their owner?
    pub fn is_held_by_target(&self) -> bool {
        let kind = self.def.kind;
        self.join.is_none() && matches!(kind, RelationKind::HasMany | RelationKind::HasOne)
    }

    /// What those have in common that belong together by such a key: it is the same, and belongs to the same model.
    /// Nothing belongs together by a key that is not there.
    pub fn belonging(&self, key_property: usize, key: Value) -> Condition {
        match key.is_null() {
            true => Condition::NONE,
            false => self.of_model(Condition::equal(key_property, key)),
        }
    }

    /// Makes `record` one of those that belong together by this key.
    pub fn hold(&self, record: &mut Record, key_property: usize, key: Value) {
        record.set(key_property, key);
        if let Some(Discriminator { property, name }) = &self.discriminator {
            record.set(*property, Value::String((*name).to_owned()));
        }
    }

    /// The condition, of those alone whose key belongs to the relation's own model.
    pub fn of_model(&self, condition: Condition) -> Condition {
        match &self.discriminator {
            Some(Discriminator { property, name }) => {
                let of_model = Condition::equal(*property, Value::String((*name).to_owned()));
                condition.and(of_model)
            }
            None => condition,
        }
    }
}

/// A relation whose names are being looked up.
struct Attaching<'a> {
    owner: &'static ModelDef,
    relation: &'static RelationDef,
    targets: &'a Targets,
}

/// Where relations lead, by the name of the model: to itself, or else to the first one that extends it.
pub(super) struct Targets(HashMap<&'static str, (usize, &'static ModelDef)>);

impl Targets {
    /// Those among `defs`, whose positions are the registry's.
    pub fn new(defs: &[&'static ModelDef]) -> Self {
        let mut targets = HashMap::new();
        let bases = |def: &'static ModelDef| std::iter::successors(def.base, |base| base.base);
        for (position, def) in defs.iter().enumerate() {
            targets.insert(def.name, (position, *def));
        }
        for (position, def) in defs.iter().enumerate() {
            for base in bases(def) {
                targets.entry(base.name).or_insert((position, *def));
            }
        }
        Targets(targets)
    }
}

impl Attaching<'_> {
    fn attach(&self) -> Result<AttachedRelation> {
        let Attaching {
            owner, relation, ..
        } = self;
        self.check_embedded()?;
        let target = relation.target().map(|target| self.listed(target));
        let target = target.transpose()?;
        let position = target.map(|(position, _)| position);
        let target = target.map(|(_, def)| def);
        let join = relation.join(owner);
        // The compiler has checked derived models; a description written by hand may still be wrong.
        let target = target.unwrap_or(owner);
        let (own_key, target_key) = match (relation.kind, join) {
            (RelationKind::BelongsTo, _) => (self.key(owner)?, self.referenced(target)?),
            (
                RelationKind::ReferencesMany | RelationKind::EmbedsOne | RelationKind::EmbedsMany,
                _,
            ) => (self.key(owner)?, self.id(target)?),
            (_, Some(_)) => (self.referenced(owner)?, self.id(target)?),
            (_, None) => (self.referenced(owner)?, self.key(target)?),
        };
        let (holder, name) = match (relation.kind, join) {
            (RelationKind::BelongsTo | RelationKind::ReferencesMany, _) => (*owner, ""),
            (_, None) => (target, owner.name),
            (_, Some(join)) if relation.through.is_some_and(|through| through.inverse) => {
                (join, target.name)
            }
            (_, Some(join)) => (join, owner.name),
        };
        let discriminator = relation.discriminator.map(|field| {
            let property = self.field(holder, "discriminator", field)?;
            Ok::<_, Error>(Discriminator { property, name })
        });
        let properties = relation.properties.iter().map(|(from, to)| {
            let from = self.field(owner, "property", from)?;
            Ok((from, self.field(target, "property", to)?))
        });
        Ok(AttachedRelation {
            def: relation,
            target: position,
            own_key,
            target_key,
            join: join.map(|join| self.join(join)).transpose()?,
            discriminator: discriminator.transpose()?,
            properties: properties.collect::<Result<_>>()?,
        })
    }

    fn join(&self, join: &'static ModelDef) -> Result<AttachedJoin> {
        let Attaching {
            owner, relation, ..
        } = self;
        let key_through = relation.key_through().unwrap_or_default();
        Ok(AttachedJoin {
            model: self.position(join)?,
            owner_key: self.field(join, "foreign key", relation.owner_key(owner))?,
            target_key: self.field(join, "foreign key", key_through)?,
        })
    }

    fn position(&self, model: &ModelDef) -> Result<usize> {
        self.listed(model).map(|(position, _)| position)
    }

    /// What is within an instance is read and written with it, by who may do that.
    fn check_embedded(&self) -> Result<()> {
        let within = self.relation.target();
        let Some(within) = within.filter(|_| self.relation.is_embedded()) else {
            return Ok(());
        };
        let mut properties = within.properties.iter();
        if within.policies.is_empty() && properties.all(|property| property.acls.is_empty()) {
            return Ok(());
        }
        Err(Error::internal(format!(
            "`{}` is within `{}` by the relation `{}`, where its policies and the rules of its properties do not hold; \
             write them in `{}`, or make it a relation of another kind",
            within.name, self.owner.name, self.relation.name, self.owner.name
        )))
    }

    /// The model that the application lists as this one.
    fn listed(&self, model: &ModelDef) -> Result<(usize, &'static ModelDef)> {
        self.targets.0.get(model.name).copied().ok_or_else(|| {
            Error::internal(format!(
                "the relation `{}.{}` leads to `{}`, which the application does not list; add it to `.models::<(…)>()`",
                self.owner.name, self.relation.name, model.name
            ))
        })
    }

    /// The key of the relation, which `holder` has.
    fn key(&self, holder: &ModelDef) -> Result<usize> {
        self.field(holder, "foreign key", self.relation.foreign_key)
    }

    /// What a key to an instance of `def` refers to.
    fn referenced(&self, def: &ModelDef) -> Result<usize> {
        match self.relation.primary_key {
            Some(field) => self.field(def, "primary key", field),
            None => self.id(def),
        }
    }

    fn id(&self, def: &ModelDef) -> Result<usize> {
        match def.has_composite_id() {
            false => Ok(def.id_index()),
            true => Err(Error::internal(format!(
                "the relation `{}.{}` needs a key for the id of `{}`, which is made of several properties; a relation's key is one",
                self.owner.name, self.relation.name, def.name
            ))),
        }
    }

    fn field(&self, holder: &ModelDef, what: &str, field: &str) -> Result<usize> {
        let mut properties = holder.properties.iter();
        let position = properties.position(|property| property.field == field);
        position.ok_or_else(|| {
            Error::internal(format!(
                "the relation `{}.{}` needs the {what} `{field}` on `{}`, which has no such field",
                self.owner.name, self.relation.name, holder.name
            ))
        })
    }
}

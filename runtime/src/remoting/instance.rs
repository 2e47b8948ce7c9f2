//! Whose the instance is that a call is about.

use async_trait::async_trait;

use super::argument::IdArgument;
use super::path_segment::PathSegment;
use super::route::Place;
use super::route_table::{Data, Found};
use crate::Result;
use crate::access::{Caller, Instance, OwnerDef};
use crate::model::{PrincipalKind, Record, RelationDef};
use crate::query::{Condition, Filter};
use crate::repository::{ErasedRelation, ErasedRepository, Target};

/// An instance of a model, as it is stored, past all hooks and scopes.
pub(super) struct StoredInstance {
    repository: ErasedRepository,
    id: IdArgument,
}

impl StoredInstance {
    /// The instance whose id is written so.
    pub fn new(repository: ErasedRepository, id: PathSegment) -> Self {
        StoredInstance {
            id: IdArgument::new(repository.def(), id),
            repository,
        }
    }

    async fn record(&self) -> Result<Option<Record>> {
        match &self.id.value {
            Some(id) => self.repository.stored(id).await,
            None => Ok(None),
        }
    }
}

#[async_trait]
impl Instance for StoredInstance {
    async fn is_owned_by(&self, caller: &Caller) -> Result<bool> {
        let def = self.repository.def();
        match OwnerDef::of(def) {
            OwnerDef::Unknown => Ok(false),
            // Nothing has to be read: the id tells.
            OwnerDef::Itself => {
                Ok(caller.user_id() == Some(&self.id.text) && caller.may_be_of(def))
            }
            owner => {
                let own = owner.condition(def, caller);
                let record = self.record().await?;
                Ok(record.is_some_and(|record| own.matches(&record)))
            }
        }
    }

    async fn is_related_to(&self, caller: &Caller) -> Result<bool> {
        let Some(record) = self.record().await? else {
            return Ok(false);
        };
        for (index, relation) in self.repository.def().relations.iter().enumerate() {
            let user = relation.target().filter(|target| {
                target.principal == Some(PrincipalKind::User) && caller.may_be_of(target)
            });
            let (Some(user), Some(id)) = (user, caller.user_id()) else {
                continue;
            };
            let Ok(id) = user.id().ty.from_json(id.into()) else {
                continue;
            };
            let related = ErasedRelation::new(&self.repository, record.clone(), index);
            let leads = match relation.is_to_many() {
                true => {
                    let filter = Filter::matching(Condition::of_id(user, &id));
                    let narrowed = related.narrow(filter).await?;
                    !narrowed.find(related.target()).await?.is_empty()
                }
                false => match related.get().await? {
                    Target::Found(def, record) => def.id_of(&record) == id,
                    Target::Unset | Target::Missing => false,
                },
            };
            if leads {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// An instance that a request's path names.
pub(super) struct PathInstance<'a> {
    found: &'a Found<'a>,
    place: Place,
}

impl<'a> PathInstance<'a> {
    /// The one at `place` of the path that has led here.
    pub fn new(found: &'a Found<'a>, place: Place) -> Self {
        PathInstance { found, place }
    }

    /// The part of the path with its id.
    pub fn segment(&self) -> Option<&PathSegment> {
        match self.place {
            Place::Id => self.found.id.as_ref(),
            Place::ForeignKey => self.found.foreign_key.as_ref(),
            Place::MiddleKey => self.found.middle_key.as_ref(),
            Place::Collection | Place::Owned => None,
        }
    }

    /// The model that it is an instance of.
    fn repository(&self) -> Option<ErasedRepository> {
        let own = match &self.found.model.data {
            Data::Records(repository) => repository,
            Data::Values(_) => return None,
        };
        let def = own.def();
        let relation = self.found.route.relation.map(|index| &def.relations[index]);
        let target = match self.place {
            Place::Id | Place::Owned => return Some(own.clone()),
            Place::MiddleKey => relation.and_then(RelationDef::target),
            Place::ForeignKey => Some(self.found.route.target(def)),
            Place::Collection => None,
        };
        own.named(target?.name)
    }

    fn stored(&self) -> Option<StoredInstance> {
        let segment = match self.place {
            Place::Owned => self.found.id.as_ref(),
            _ => self.segment(),
        };
        Some(StoredInstance::new(self.repository()?, segment?.clone()))
    }
}

#[async_trait]
impl Instance for PathInstance<'_> {
    async fn is_owned_by(&self, caller: &Caller) -> Result<bool> {
        match self.stored() {
            Some(stored) => stored.is_owned_by(caller).await,
            None => Ok(false),
        }
    }

    async fn is_related_to(&self, caller: &Caller) -> Result<bool> {
        match self.stored() {
            Some(stored) if self.place != Place::Owned => stored.is_related_to(caller).await,
            _ => Ok(false),
        }
    }
}

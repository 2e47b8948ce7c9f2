//! Finding and counting.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::{ErasedRepository, not_found};
use crate::Result;
use crate::connectors::{Connector, Through, find_in_turn};
use crate::model::{HookKind, Record, RowAction, Value};
use crate::query::{Condition, Fields, Filter, Page, Window};
use crate::repository::hook::Hooks;
use crate::repository::include;
use crate::repository::key::Key;
use crate::repository::transaction::Scope;
use crate::trail::asked;

impl ErasedRepository {
    pub async fn find(&self, filter: &Filter) -> Result<Vec<Record>> {
        let mut hooks = Hooks::new(self);
        let filter = hooks.access(Cow::Borrowed(filter)).await?;
        let mut records = self.read(&filter).await?;
        self.complete(&mut hooks, &filter, &mut records).await?;
        Ok(records)
    }

    /// What `filter` finds, in the order of these ids. All of it has to be read for the beginning of it.
    pub async fn find_in_order(&self, filter: &Filter, ids: &[Value]) -> Result<Vec<Record>> {
        let mut hooks = Hooks::new(self);
        let filter = hooks.access(Cow::Borrowed(filter)).await?;
        let def = self.def();
        let id = def.id_index();
        let mut all = Filter {
            limit: None,
            skip: 0,
            ..Filter::clone(&filter)
        };
        if let Fields::Only(fields) = &mut all.fields {
            fields.push(id);
        }
        let mut found = self.read(&all).await?;
        let positions = ids.iter().enumerate();
        let positions: HashMap<_, _> = positions.map(|(at, id)| (Key::of(id), at)).collect();
        found.sort_by_cached_key(|record| positions.get(&Key::of(&def.id_of(record))).copied());
        let skip = usize::try_from(filter.skip).unwrap_or(usize::MAX);
        let limit = filter
            .limit
            .map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
        let page = found.into_iter().skip(skip);
        let mut page: Vec<_> = page.take(limit.unwrap_or(usize::MAX)).collect();
        self.complete(&mut hooks, &filter, &mut page).await?;
        if !filter.fields.contains(id) {
            page.iter_mut().for_each(|record| drop(record.remove(id)));
        }
        Ok(page)
    }

    /// A part of what `filter` finds, which stays the same while rows before it come and go.
    pub async fn find_page(&self, filter: &Filter, window: Window) -> Result<Page<Record>> {
        let mut hooks = Hooks::new(self);
        let filter = hooks.access(Cow::Borrowed(filter)).await?;
        let looked = window.look(self.def(), &filter)?;
        let found = self.read(&looked.filter).await?;
        let mut page = looked.page(found);
        self.complete(&mut hooks, &looked.filter, &mut page.items)
            .await?;
        page.items
            .iter_mut()
            .for_each(|record| looked.strip(record));
        Ok(page)
    }

    /// What becomes of `records` between the data source and the caller: hooks, includes, and no key that was only needed
    /// for them.
    async fn complete(
        &self,
        hooks: &mut Hooks<'_>,
        filter: &Filter,
        records: &mut [Record],
    ) -> Result<()> {
        if hooks.has(HookKind::Loaded) {
            for record in &mut *records {
                let found = std::mem::replace(record, Record::with_len(0));
                *record = hooks.loaded(found, false).await?;
            }
        }
        include::load(self, records, &filter.include).await?;
        let keys = include::keys(self.model(), filter);
        for record in records {
            keys.iter().for_each(|key| drop(record.remove(*key)));
        }
        Ok(())
    }

    /// The record with this id as it is stored, past all hooks and scopes.
    pub async fn stored(&self, id: &Value) -> Result<Option<Record>> {
        let filter = Filter {
            limit: Some(1),
            ..Filter::matching(self.id_condition(id))
        };
        Ok(self.operations().find(self.def(), &filter).await?.pop())
    }

    /// The records that `condition` finds as they are stored, past all hooks and scopes.
    pub async fn stored_all(&self, condition: Condition) -> Result<Vec<Record>> {
        let filter = Filter::matching(condition);
        self.operations().find(self.def(), &filter).await
    }

    /// The records as they are stored whose ids stand in the property `key` of those that `condition` finds of `through`, past
    /// all hooks, scopes and transactions.
    pub async fn stored_through(
        &self,
        through: &ErasedRepository,
        key: usize,
        condition: Condition,
    ) -> Result<Vec<Record>> {
        let def = self.def();
        let (connector, leading) = (&self.model().connector, &through.model().connector);
        let through = Through {
            model: through.def(),
            key,
            condition: &condition,
        };
        let found = async {
            match Arc::ptr_eq(connector, leading) {
                true => connector.find_through(def, &through).await,
                false => find_in_turn(&**leading, &**connector, def, &through).await,
            }
        };
        asked(def.name, "find", found).await
    }

    /// What the filter finds, with the keys of its includes, past all hooks.
    pub(super) async fn read(&self, filter: &Filter) -> Result<Vec<Record>> {
        let model = self.model();
        model.connector.capabilities().check(model.def, filter)?;
        let keys = include::keys(model, filter);
        if keys.is_empty() {
            return self.ask(filter).await;
        }
        // The relations are found by keys that the caller did not ask for.
        let mut filter = filter.clone();
        if let Fields::Only(fields) = &mut filter.fields {
            fields.extend(&keys);
        }
        self.ask(&filter).await
    }

    pub(super) async fn ask(&self, filter: &Filter) -> Result<Vec<Record>> {
        let def = self.def();
        match self.replicated() {
            Some(connector) => {
                asked(def.name, "find", connector.find_on_replica(def, filter)).await
            }
            None => self.operations().find(def, filter).await,
        }
    }

    /// Where reads that may miss the last writes go; nowhere within a transaction.
    pub(super) fn replicated(&self) -> Option<&dyn Connector> {
        let connector = &self.model().connector;
        let covered = |scope: &Arc<Scope>| scope.covers(connector);
        let plain = !self.primary && !self.scope.as_ref().is_some_and(covered);
        plain.then_some(connector.as_ref())
    }

    pub async fn find_one(&self, filter: &Filter) -> Result<Option<Record>> {
        let filter = Filter {
            limit: Some(1),
            ..filter.clone()
        };
        Ok(self.find(&filter).await?.into_iter().next())
    }

    /// The instance with this id; of `filter` only fields and includes count.
    pub async fn find_by_id(&self, id: &Value, filter: &Filter) -> Result<Option<Record>> {
        let filter = Filter {
            condition: self.id_condition(id),
            limit: Some(1),
            fields: filter.fields.clone(),
            include: filter.include.clone(),
            ..Filter::ALL
        };
        Ok(self.find(&filter).await?.into_iter().next())
    }

    /// The instances with these ids, in their order.
    pub async fn find_by_ids(&self, ids: Vec<Value>) -> Result<Vec<Record>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let def = self.def();
        let mut found = Vec::new();
        for ids in ids.chunks(def.ids_at_once(ids.len())) {
            let filter = Filter::matching(Condition::of_ids(def, ids));
            found.extend(self.find(&filter).await?);
        }
        let position = |record: &Record| {
            let id = def.id_of(record);
            ids.iter().position(|other| *other == id)
        };
        found.sort_by_cached_key(position);
        Ok(found)
    }

    pub async fn count(&self, condition: &Condition) -> Result<u64> {
        let condition = Hooks::new(self).narrow(RowAction::Read, condition).await?;
        self.check(&condition)?;
        let def = self.def();
        match self.replicated() {
            Some(connector) => {
                let answer = connector.count_on_replica(def, &condition);
                asked(def.name, "count", answer).await
            }
            None => self.operations().count(def, &condition).await,
        }
    }

    pub async fn exists(&self, id: &Value) -> Result<bool> {
        Ok(self.count(&self.id_condition(id)).await? > 0)
    }

    /// The instance that a method is called on.
    pub async fn load(&self, id: &Value) -> Result<Record> {
        self.find_by_id(id, &Filter::ALL)
            .await?
            .ok_or_else(|| not_found(id))
    }
}

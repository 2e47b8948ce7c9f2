//! Relations whose targets each record holds within itself: no query, but for what they include.

use super::{Loading, load};
use crate::Result;
use crate::model::{Record, Related, RelationKind};
use crate::query::Fields;
use crate::repository::ErasedRepository;

impl Loading<'_> {
    pub async fn embedded(&self, records: &mut [Record], target: ErasedRepository) -> Result<()> {
        let mut filter = self.asked();
        let fields = std::mem::replace(&mut filter.fields, Fields::All);
        let found = records.iter().map(|record| {
            let items = self.relation.items(record);
            filter.apply(target.def(), items)
        });
        let found: Vec<Vec<Record>> = found.collect();
        let lengths: Vec<usize> = found.iter().map(Vec::len).collect();
        // Together, so that what they include is one query.
        let mut found: Vec<Record> = found.into_iter().flatten().collect();
        Box::pin(load(&target, &mut found, &filter.include)).await?;
        filter.fields = fields;
        found
            .iter_mut()
            .for_each(|item| filter.select(target.def(), item));
        let mut found = found.into_iter();
        for (record, length) in records.iter_mut().zip(lengths) {
            let mut items = found.by_ref().take(length);
            let related = match self.relation.def.kind {
                RelationKind::EmbedsOne => Related::One(items.next().map(Box::new)),
                _ => {
                    let mut items: Vec<_> = items.collect();
                    items.truncate(self.most_each());
                    Related::Many(items)
                }
            };
            self.attach(record, related);
        }
        Ok(())
    }
}

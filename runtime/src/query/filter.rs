//! LoopBack's filter: which rows, in which order, how many, which properties, with which relations.

use super::{Condition, Near, Path};
use crate::model::{Place, PropertyDef};

/// A query (contract *querying.md* §1).
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    /// Which rows.
    pub condition: Condition,
    /// Around which point. It drops rows without one, and orders by distance in place of [`order`](Self::order).
    pub near: Option<Near>,
    /// In which order; rows that are equal by it, and all rows without it, come by id.
    pub order: Vec<Order>,
    /// At most this many rows; `None` is all.
    pub limit: Option<u64>,
    /// After leaving out this many rows.
    pub skip: u64,
    /// Which properties.
    pub fields: Fields,
    /// Which relations come along.
    pub include: Vec<Include>,
}

/// One key of the order.
///
/// What a path leads to is ordered by its type in the description. In JSON of any shape, also where a property is that itself,
/// numbers come first, then text, then false and true; what is none of these (nothing, null, a list, an object) counts as null.
/// No path goes through a list without an index: there would be several values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The property's position.
    pub property: usize,
    /// What is within the property, which is stored as JSON.
    pub path: Option<Path>,
    /// Which end comes first.
    pub direction: Direction,
}

impl Order {
    /// The way to what is ordered by the rules for JSON; nothing for a property that is no JSON.
    pub(crate) fn within(&self, property: &PropertyDef) -> Option<Path> {
        let itself = || property.ty.is_structured().then(Path::to_itself);
        self.path.clone().or_else(itself)
    }
}

/// Which end comes first. Null comes first ascending and last descending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The least value first.
    Ascending,
    /// The greatest value first.
    Descending,
}

/// Which properties a query answers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Fields {
    /// All of them.
    #[default]
    All,
    /// Those at these positions.
    Only(Vec<usize>),
}

/// A relation that comes along.
#[derive(Debug, Clone, PartialEq)]
pub struct Include {
    /// The relation's position in the description.
    pub relation: usize,
    /// The query over the targets.
    pub scope: Filter,
    /// How many targets each instance gets at most. The scope's own `limit` is about all of them together, as LoopBack's is.
    pub limit_each: Option<u64>,
}

impl Include {
    /// The same, with at most `limit` targets for each instance, the first ones of the scope's order.
    ///
    /// ```
    /// use loopwright::prelude::*;
    ///
    /// #[derive(Model)]
    /// #[acl(open)]
    /// struct Shop {
    ///     #[model(id, generated)]
    ///     id: i64,
    ///     #[relation(has_many)]
    ///     reviews: HasMany<Review>,
    /// }
    ///
    /// #[derive(Model)]
    /// #[acl(open)]
    /// struct Review {
    ///     #[model(id, generated)]
    ///     id: i64,
    ///     rating: i32,
    ///     shop_id: i64,
    /// }
    ///
    /// let best = Filter { order: vec![Review::RATING.desc()], ..Filter::ALL };
    /// let best_three = Shop::REVIEWS.with(best).limit_each(3);
    /// # assert_eq!(best_three.limit_each, Some(3));
    /// ```
    #[must_use]
    pub const fn limit_each(mut self, limit: u64) -> Self {
        self.limit_each = Some(limit);
        self
    }
}

impl Direction {
    /// The other direction.
    #[must_use]
    pub(crate) fn reversed(self) -> Self {
        match self {
            Direction::Ascending => Direction::Descending,
            Direction::Descending => Direction::Ascending,
        }
    }
}

impl Filter {
    /// The filter that finds everything.
    pub const ALL: Filter = Filter {
        condition: Condition::ALL,
        near: None,
        order: Vec::new(),
        limit: None,
        skip: 0,
        fields: Fields::All,
        include: Vec::new(),
    };

    /// The filter that finds what `condition` says.
    pub fn matching(condition: Condition) -> Self {
        Filter {
            condition,
            ..Filter::ALL
        }
    }

    /// The filter over what begins at `place`.
    #[must_use]
    pub(crate) fn placed(mut self, place: Place) -> Self {
        let by = place.properties;
        self.condition = self.condition.shifted(by);
        for order in &mut self.order {
            order.property += by;
        }
        if let Some(near) = &mut self.near {
            near.property += by;
        }
        if let Fields::Only(list) = &mut self.fields {
            list.iter_mut().for_each(|property| *property += by);
        }
        for include in &mut self.include {
            include.relation += place.relations;
        }
        self
    }
}

impl Default for Filter {
    fn default() -> Self {
        Filter::ALL
    }
}

impl Fields {
    /// Is the property at `index` among them?
    pub fn contains(&self, index: usize) -> bool {
        match self {
            Fields::All => true,
            Fields::Only(list) => list.contains(&index),
        }
    }
}

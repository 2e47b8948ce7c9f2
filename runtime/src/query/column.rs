//! Typed columns: conditions and orders that the compiler checks.

use std::marker::PhantomData;

use super::{Comparison, Condition, Direction, Filter, Include, Near, Order, Path, Regexp};
use crate::model::{GeoPoint, Mixin, Model, Place, Property, RelationField, Value};

/// A property of the model `M` with the type `T`, as in `CoffeeShop::CITY`.
///
/// ```
/// use loopwright::prelude::*;
///
/// #[derive(Model)]
/// #[acl(open)]
/// struct Shop {
///     #[model(id, generated)]
///     id: i64,
///     name: String,
///     city: Option<String>,
/// }
///
/// let in_vancouver = Shop::CITY.eq("Vancouver");
/// let bel = in_vancouver.and(Shop::NAME.like("%Bel%"));
/// ```
pub struct Column<M, T> {
    index: usize,
    of: PhantomData<fn() -> (M, T)>,
}

impl<M, T> Clone for Column<M, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M, T> Copy for Column<M, T> {}

impl<M, T> std::fmt::Debug for Column<M, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Column({})", self.index)
    }
}

/// What a column of the type `T` is compared with: `T` itself, what an optional `T` holds, and `&str` for text.
#[diagnostic::on_unimplemented(
    message = "a column of the type `{T}` can't be compared with `{Self}`",
    label = "expected `{T}`, or what it holds"
)]
pub trait Comparable<T> {
    /// The value without its Rust type.
    fn into_operand(self) -> Value;
}

impl<T: Property> Comparable<T> for T {
    fn into_operand(self) -> Value {
        self.into_value()
    }
}

impl<T: Property> Comparable<Option<T>> for T {
    fn into_operand(self) -> Value {
        self.into_value()
    }
}

impl Comparable<String> for &str {
    fn into_operand(self) -> Value {
        Value::String(self.to_owned())
    }
}

impl Comparable<Option<String>> for &str {
    fn into_operand(self) -> Value {
        Value::String(self.to_owned())
    }
}

// Without bounds: what is wrong with a field's type has been said where the description names it.
impl<M, T> Column<M, T> {
    /// The column at `index` in the description of `M`. Written by `#[derive(Model)]`.
    pub const fn new(index: usize) -> Self {
        Column {
            index,
            of: PhantomData,
        }
    }
}

/// The conditions on whatever has a function `compare`.
macro_rules! comparisons {
    () => {
        /// Equal to `value`.
        pub fn eq(self, value: impl Comparable<T>) -> Condition {
            self.compare(Comparison::Equal(value.into_operand()))
        }

        /// Different from `value`; null differs from every value.
        pub fn ne(self, value: impl Comparable<T>) -> Condition {
            self.compare(Comparison::NotEqual(value.into_operand()))
        }

        /// Greater than `value`.
        pub fn gt(self, value: impl Comparable<T>) -> Condition {
            self.compare(Comparison::Greater(value.into_operand()))
        }

        /// Greater than or equal to `value`.
        pub fn gte(self, value: impl Comparable<T>) -> Condition {
            self.compare(Comparison::GreaterOrEqual(value.into_operand()))
        }

        /// Less than `value`.
        pub fn lt(self, value: impl Comparable<T>) -> Condition {
            self.compare(Comparison::Less(value.into_operand()))
        }

        /// Less than or equal to `value`.
        pub fn lte(self, value: impl Comparable<T>) -> Condition {
            self.compare(Comparison::LessOrEqual(value.into_operand()))
        }

        /// Between `low` and `high`, both included.
        pub fn between<V: Comparable<T>>(self, low: V, high: V) -> Condition {
            self.compare(Comparison::Between(low.into_operand(), high.into_operand()))
        }

        /// Equal to one of `values`.
        pub fn is_in<V: Comparable<T>>(self, values: impl IntoIterator<Item = V>) -> Condition {
            self.compare(Comparison::In(
                values.into_iter().map(V::into_operand).collect(),
            ))
        }

        /// Different from all of `values`.
        pub fn is_not_in<V: Comparable<T>>(self, values: impl IntoIterator<Item = V>) -> Condition {
            self.compare(Comparison::NotIn(
                values.into_iter().map(V::into_operand).collect(),
            ))
        }

        /// Without a value.
        pub fn is_null(self) -> Condition {
            self.compare(Comparison::Equal(Value::Null))
        }

        /// With a value.
        pub fn is_not_null(self) -> Condition {
            self.compare(Comparison::NotEqual(Value::Null))
        }

        /// Text that fits a pattern of `%` (any text) and `_` (any character).
        pub fn like(self, pattern: impl Into<String>) -> Condition {
            self.compare(Comparison::Like {
                pattern: pattern.into(),
                ignore_case: false,
                negated: false,
            })
        }

        /// As [`like`](Self::like), without regard to case.
        pub fn ilike(self, pattern: impl Into<String>) -> Condition {
            self.compare(Comparison::Like {
                pattern: pattern.into(),
                ignore_case: true,
                negated: false,
            })
        }

        /// Text in which a regular expression is found.
        pub fn regexp(self, regexp: Regexp) -> Condition {
            self.compare(Comparison::Regexp(regexp))
        }
    };
}

impl<M: Mixin, T: Property> Column<M, T> {
    /// The property's position in the description.
    pub const fn index(self) -> usize {
        self.index
    }

    const fn compare(self, comparison: Comparison) -> Condition {
        Condition::compare(self.index, comparison)
    }

    comparisons!();

    /// What is within a column that is stored as JSON: the member `city`, the first item of `sizes.0`. Whether it is there,
    /// and has the type `U`, the compiler does not know; what isn't there is null.
    ///
    /// ```
    /// use loopwright::prelude::*;
    ///
    /// #[derive(Property)]
    /// struct Address {
    ///     city: String,
    /// }
    ///
    /// #[derive(Model)]
    /// #[acl(open)]
    /// struct Shop {
    ///     #[model(id, generated)]
    ///     id: i64,
    ///     address: Address,
    /// }
    ///
    /// let in_bern = Shop::ADDRESS.at::<String>("city").eq("Bern");
    /// let by_city = Shop::ADDRESS.at::<String>("city").asc();
    /// ```
    pub fn at<U: Property>(self, path: &str) -> Member<M, U> {
        Member {
            property: self.index,
            path: path.into(),
            of: PhantomData,
        }
    }

    /// Around `point`, the nearest first: for [`Query::near`](crate::repository::Query::near).
    pub fn near(self, point: GeoPoint) -> Near
    where
        GeoPoint: Comparable<T>,
    {
        Near::new(self.index, point)
    }

    /// The least value first.
    pub const fn asc(self) -> Order {
        Order {
            property: self.index,
            path: None,
            direction: Direction::Ascending,
        }
    }

    /// The greatest value first.
    pub const fn desc(self) -> Order {
        Order {
            property: self.index,
            path: None,
            direction: Direction::Descending,
        }
    }
}

impl<M: Mixin, T: Property> Column<M, Vec<T>> {
    /// With an item equal to `item`.
    pub fn has(self, item: impl Comparable<T>) -> Condition {
        self.compare(Comparison::Equal(item.into_operand()))
    }
}

impl<M: Mixin, T: Property> Column<M, Option<Vec<T>>> {
    /// With an item equal to `item`.
    pub fn has(self, item: impl Comparable<T>) -> Condition {
        self.compare(Comparison::Equal(item.into_operand()))
    }
}

/// What is within a column of the model `M`, with the type `T`: from [`Column::at`].
pub struct Member<M, T> {
    property: usize,
    path: Path,
    of: PhantomData<fn() -> (M, T)>,
}

impl<M, T> Clone for Member<M, T> {
    fn clone(&self) -> Self {
        Member {
            property: self.property,
            path: self.path.clone(),
            of: PhantomData,
        }
    }
}

impl<M, T> std::fmt::Debug for Member<M, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Member({}{})", self.property, self.path)
    }
}

impl<M: Mixin, T: Property> Member<M, T> {
    fn compare(self, comparison: Comparison) -> Condition {
        Condition::Member {
            property: self.property,
            path: self.path,
            comparison,
        }
    }

    comparisons!();

    /// The least value first.
    pub fn asc(self) -> Order {
        self.order(Direction::Ascending)
    }

    /// The greatest value first.
    pub fn desc(self) -> Order {
        self.order(Direction::Descending)
    }

    fn order(self, direction: Direction) -> Order {
        Order {
            property: self.property,
            path: Some(self.path),
            direction,
        }
    }
}

/// What the model `M` has taken in as a field of the type `X`, as in `Post::TIMES`: the way to its columns.
///
/// ```
/// use loopwright::mixins::Timestamps;
/// use loopwright::prelude::*;
///
/// #[derive(Model)]
/// #[acl(open)]
/// struct Post {
///     #[model(id, generated)]
///     id: i64,
///     #[model(mixin)]
///     times: Timestamps,
/// }
///
/// let newest_first = Post::TIMES.column(Timestamps::CREATED_AT).desc();
/// ```
pub struct Mixed<M, X> {
    place: Place,
    of: PhantomData<fn() -> (M, X)>,
}

impl<M, X> Clone for Mixed<M, X> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M, X> Copy for Mixed<M, X> {}

impl<M, X> std::fmt::Debug for Mixed<M, X> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mixed({})", self.place.properties)
    }
}

impl<M, X> Mixed<M, X> {
    /// What is at `place` in the description of `M`. Written by `#[derive(Model)]`.
    pub const fn new(place: Place) -> Self {
        Mixed {
            place,
            of: PhantomData,
        }
    }

    /// The column of `M` that is `column` of `X`.
    pub const fn column<T>(self, column: Column<X, T>) -> Column<M, T> {
        Column::new(self.place.properties + column.index)
    }

    /// The relation of `M` that is `relation` of `X`.
    pub const fn relation<R>(self, relation: Relation<X, R>) -> Relation<M, R> {
        Relation::new(self.place.relations + relation.index)
    }
}

/// A relation of the model `M`, held by a field of type `R`, as in `CoffeeShop::REVIEWS`.
pub struct Relation<M, R> {
    index: usize,
    of: PhantomData<fn() -> (M, R)>,
}

impl<M, R> Clone for Relation<M, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M, R> Copy for Relation<M, R> {}

impl<M, R> std::fmt::Debug for Relation<M, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Relation({})", self.index)
    }
}

impl<M, R> Relation<M, R> {
    /// The relation at `index` in the description of `M`. Written by `#[derive(Model)]`.
    pub const fn new(index: usize) -> Self {
        Relation {
            index,
            of: PhantomData,
        }
    }
}

impl<M: Model, R: RelationField> Relation<M, R> {
    /// The relation's position in the description.
    pub const fn index(self) -> usize {
        self.index
    }

    /// The relation with a query over its targets, which may include more relations.
    pub const fn with(self, scope: Filter) -> Include {
        Include {
            relation: self.index,
            scope,
            limit_each: None,
        }
    }
}

impl<M: Model, R: RelationField + Property> Relation<M, R> {
    /// The property in which the owner holds its targets, of an `embeds_one` or an `embeds_many`: for conditions on what is
    /// within them, and for a [`Patch`](crate::repository::Patch).
    ///
    /// ```
    /// use loopwright::prelude::*;
    ///
    /// #[derive(Model)]
    /// #[model(public = false)]
    /// struct Address {
    ///     #[model(id, generated)]
    ///     id: String,
    ///     city: String,
    /// }
    ///
    /// #[derive(Model)]
    /// #[acl(open)]
    /// struct Customer {
    ///     #[model(id, generated)]
    ///     id: i64,
    ///     #[relation(embeds_one)]
    ///     address: EmbedsOne<Address>,
    /// }
    ///
    /// let in_bern = Customer::ADDRESS.property().at::<String>("city").eq("Bern");
    /// # assert_ne!(in_bern, Condition::ALL);
    /// ```
    pub fn property(self) -> Column<M, R> {
        let field = M::DEF.relations[self.index].foreign_key;
        let mut properties = M::DEF.properties.iter();
        let index = properties.position(|property| property.field == field);
        // The derive has written both.
        Column::new(index.unwrap_or_default())
    }
}

impl<M: Model, R: RelationField> From<Relation<M, R>> for Include {
    fn from(relation: Relation<M, R>) -> Self {
        relation.with(Filter::ALL)
    }
}

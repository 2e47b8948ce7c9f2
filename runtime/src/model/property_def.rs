//! The constant description of a property.

use super::{AccessType, AclDef, Literal, Place, Property, PropertyType, Rule, RuleDef, Value};

/// What the program knows about one property.
#[derive(Debug, Clone, Copy)]
pub struct PropertyDef {
    /// The name in JSON, filters and messages: `ownerId`.
    pub name: &'static str,
    /// The name of the struct's field: `owner_id`.
    pub field: &'static str,
    /// The name of the column.
    pub column: &'static str,
    /// Its names in data sources of some kinds: `mysql`, `mongodb`.
    pub columns: &'static [(&'static str, &'static str)],
    /// The type of the column, in the words of the database, where it is another one than the usual.
    pub column_type: Option<&'static str>,
    /// Documentation, from the doc comment.
    pub docs: &'static str,
    /// The type without `Option`.
    pub ty: PropertyType,
    /// The Rust type's own name, for messages and to tell newtypes apart.
    pub type_name: &'static str,
    /// The name of the type of a list's items; empty for what is no list.
    pub item_type_name: &'static str,
    /// May the value be absent? True for `Option<T>`.
    pub nullable: bool,
    /// Does the property identify the instance, alone or with others?
    pub id: bool,
    /// Is the property one of several that identify the instance together?
    pub id_part: bool,
    /// Is a blank id replaced by a fresh one when an instance is created?
    pub generated: bool,
    /// The value that an absent property gets when an instance is created.
    pub default: Option<DefaultDef>,
    /// The index over the column.
    pub index: Option<IndexDef>,
    /// Hidden properties never leave the process and can't be filtered or ordered by from outside. Callers may still send
    /// them: a password is one.
    pub hidden: bool,
    /// Protected properties leave the process only where the instance is asked for itself, and not within another one.
    pub protected: bool,
    /// What callers send for a read-only property is dropped.
    pub read_only: bool,
    /// Does the property count the changes of an instance?
    pub version: Option<VersionDef>,
    /// Does the property keep what the model does not declare?
    pub extra: bool,
    /// The validation rules.
    pub rules: &'static [RuleDef],
    /// Who may read and write the property, where that is not everybody who may read and write the instance.
    pub acls: &'static [AclDef],
    /// Where what the rules know as their model begins.
    pub(crate) place: Place,
}

/// What a caller who changes an instance says about its version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionDef {
    /// A caller may say which version is to be changed.
    Offered,
    /// A caller has to: a change of any other instance than the one that the caller has seen is refused.
    Required,
}

/// The value that an absent property gets.
#[derive(Debug, Clone, Copy)]
pub enum DefaultDef {
    /// The current time (for dates: the current day), in UTC.
    Now,
    /// A fresh random UUID, version 4.
    Uuid,
    /// A fresh UUID of the time and this process, version 1.
    Guid,
    /// A fresh text of 22 characters that fits into a URL.
    ShortId,
    /// A list without items.
    EmptyList,
    /// A constant.
    Literal(Literal),
    /// A nested struct, or a model within, with these members: of definitions that are read at run time.
    Object(&'static serde_json::Value),
    /// What a function of the user's own returns.
    Function(fn() -> Value),
}

/// The index over a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndexDef {
    /// Makes looking up faster.
    Plain,
    /// Also refuses a value that another row has.
    Unique,
}

/// What a property has from its type alone.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct UnnamedProperty {
    def: PropertyDef,
    nullable_items: bool,
}

impl UnnamedProperty {
    /// What a property of type `T` has from its type.
    pub const fn of<T: Property>() -> Self {
        UnnamedProperty {
            def: PropertyDef {
                name: "",
                field: "",
                column: "",
                columns: &[],
                column_type: None,
                docs: "",
                ty: T::TYPE,
                type_name: T::NAME,
                item_type_name: T::ITEM_NAME,
                nullable: T::NULLABLE,
                id: false,
                id_part: false,
                generated: false,
                default: None,
                index: None,
                hidden: T::EXTRA,
                protected: false,
                read_only: false,
                version: None,
                extra: T::EXTRA,
                rules: &[],
                acls: &[],
                place: Place::START,
            },
            nullable_items: T::NULLABLE_ITEMS,
        }
    }

    /// The property that JSON calls `name` and the struct's field `field`; its column has the field's name.
    ///
    /// # Panics
    /// At compile time, when the type is a list whose items may be absent.
    #[track_caller]
    pub const fn named(self, name: &'static str, field: &'static str) -> PropertyDef {
        assert!(
            !self.nullable_items,
            "the items of a list can't be absent; write a list of items without `Option`, or keep the list as a `serde_json::Value`"
        );
        PropertyDef {
            name,
            field,
            column: field,
            ..self.def
        }
    }
}

impl PropertyDef {
    /// The key of every key-value model.
    pub const KEY: PropertyDef = PropertyDef::of::<String>("key", "key").id();

    /// A property of type `T` that JSON calls `name` and the struct's field `field`; its column has the field's name.
    ///
    /// # Panics
    /// At compile time, when `T` is a list whose items may be absent.
    #[track_caller]
    pub const fn of<T: Property>(name: &'static str, field: &'static str) -> Self {
        T::PROPERTY.named(name, field)
    }

    /// The property with documentation.
    #[must_use]
    pub const fn docs(mut self, docs: &'static str) -> Self {
        self.docs = docs;
        self
    }

    /// The property stored in another column.
    #[must_use]
    pub const fn column(mut self, column: &'static str) -> Self {
        self.column = column;
        self
    }

    /// The property with other names of its column in data sources of some kinds.
    #[must_use]
    pub const fn columns(mut self, columns: &'static [(&'static str, &'static str)]) -> Self {
        self.columns = columns;
        self
    }

    /// The property in a column of this type, in the words of the database.
    ///
    /// PostgreSQL turns values of the property into the type and back. Text can be of any type there: `inet`,
    /// `interval`, an enum of the database's own; a list of text or numbers can be an array.
    #[must_use]
    pub const fn column_type(mut self, column_type: &'static str) -> Self {
        self.column_type = Some(column_type);
        self
    }

    /// The property as the model's id.
    #[must_use]
    pub const fn id(mut self) -> Self {
        self.id = true;
        self
    }

    /// The property as one of several that identify an instance together (contract *models.md* §3.1).
    #[must_use]
    pub const fn id_part(mut self) -> Self {
        self.id = true;
        self.id_part = true;
        self
    }

    /// Does the property identify an instance alone?
    pub const fn is_sole_id(&self) -> bool {
        self.id && !self.id_part
    }

    /// The id property as one that gets a fresh value when it is blank.
    #[must_use]
    pub const fn generated(mut self) -> Self {
        self.generated = true;
        self
    }

    /// The property with a default.
    #[must_use]
    pub const fn default(mut self, default: DefaultDef) -> Self {
        self.default = Some(default);
        self
    }

    /// The property with an index.
    #[must_use]
    pub const fn index(mut self, index: IndexDef) -> Self {
        self.index = Some(index);
        self
    }

    /// The property as a hidden one.
    #[must_use]
    pub const fn hidden(mut self) -> Self {
        self.hidden = true;
        self
    }

    /// The property as a protected one.
    #[must_use]
    pub const fn protected(mut self) -> Self {
        self.protected = true;
        self
    }

    /// The property as one that only the application writes.
    #[must_use]
    pub const fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// The property as the number of an instance's changes, which begins at 1. Only the data source counts.
    #[must_use]
    pub const fn version(mut self, version: VersionDef) -> Self {
        self.version = Some(version);
        self.read_only = true;
        self.default = Some(DefaultDef::Literal(Literal::Integer(1)));
        self
    }

    /// The property with validation rules.
    #[must_use]
    pub const fn rules(mut self, rules: &'static [RuleDef]) -> Self {
        self.rules = rules;
        self
    }

    /// The property with rules about who may read and write it: those that name a kind of access are about that one alone. Where
    /// there is a rule for one, whom none allows it may not.
    #[must_use]
    pub const fn acls(mut self, acls: &'static [AclDef]) -> Self {
        self.acls = acls;
        self
    }

    /// The property of what a model has taken in at `place`.
    pub(crate) const fn placed(mut self, place: Place) -> Self {
        self.place = place.then(self.place);
        self
    }

    /// The rules that every value has to follow, whatever the rest of the instance is like.
    pub fn binding_rules(&self) -> impl Iterator<Item = &'static Rule> {
        let rules = self.rules.iter();
        let binding = rules.filter(|rule| rule.is_unconditional() && !rule.allow_blank);
        binding.map(|rule| &rule.rule)
    }

    /// Must a new instance have a value here, from the caller or from nowhere? An absent one is refused.
    pub const fn required(&self) -> bool {
        let filled_in = self.default.is_some() || self.read_only || self.id && self.generated;
        !self.nullable && !filled_in
    }

    /// Are there rules about who may do this to the property?
    pub(crate) fn has_rules_about(&self, access: AccessType) -> bool {
        self.rules_about(access).next().is_some()
    }

    /// The rules about who may do this to the property.
    pub(crate) fn rules_about(&self, access: AccessType) -> impl Iterator<Item = &'static AclDef> {
        let about = move |rule: &&AclDef| rule.access.is_none_or(|of_rule| of_rule == access);
        self.acls.iter().filter(about)
    }
}

impl DefaultDef {
    /// The value for a new instance, in the form that `ty` keeps.
    pub fn value(&self, ty: &PropertyType) -> Value {
        match self {
            DefaultDef::Now => {
                let now = chrono::Utc::now();
                match ty {
                    PropertyType::Date => Value::Date(now.date_naive()),
                    _ => Value::DateTime(now),
                }
            }
            DefaultDef::Uuid => uuid_value(uuid::Uuid::new_v4(), ty),
            DefaultDef::Guid => uuid_value(super::fresh::guid(), ty),
            DefaultDef::ShortId => Value::String(super::fresh::short_id()),
            DefaultDef::EmptyList => Value::Array(Vec::new()),
            DefaultDef::Literal(literal) => ty.from_json(literal.to_json()).unwrap_or(Value::Null),
            DefaultDef::Object(json) => ty.from_json((*json).clone()).unwrap_or(Value::Null),
            DefaultDef::Function(function) => function(),
        }
    }
}

fn uuid_value(uuid: uuid::Uuid, ty: &PropertyType) -> Value {
    match ty {
        PropertyType::String => Value::String(uuid.to_string()),
        _ => Value::Uuid(uuid),
    }
}

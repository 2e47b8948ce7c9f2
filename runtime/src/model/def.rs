//! The constant description of a model and of its properties.

use super::{
    AclDef, CompositeIndexDef, Literal, MethodsDef, Place, Property, PropertyType, Record,
    RelationDef, Rule, RuleDef, Value,
};

/// What the program knows about one model: written by `#[derive(Model)]` or `#[derive(KeyValueModel)]`, read by
/// everything else.
#[derive(Debug)]
pub struct ModelDef {
    /// The model's name, as relations, rules and messages use it.
    pub name: &'static str,
    /// What is done with its instances.
    pub kind: ModelKind,
    /// The collection's path below the API root, without slashes around it: `CoffeeShops`.
    pub path: &'static str,
    /// The table's name; of a key-value model the model's own.
    pub table: &'static str,
    /// The table's names in data sources of some kinds: `mysql`, `mongodb`.
    pub tables: &'static [(&'static str, &'static str)],
    /// Documentation, from the doc comment.
    pub docs: &'static str,
    /// Is the model served over HTTP?
    pub public: bool,
    /// What becomes of properties that the model does not declare.
    pub strict: Strict,
    /// Is a caller who names the id of a new instance refused, where it is generated?
    pub force_id: bool,
    /// Is deleting what is not there a 404?
    pub strict_delete: bool,
    /// The properties in the order of their declaration; a record has the same order.
    pub properties: &'static [PropertyDef],
    /// The indexes over several properties, in the order of their declaration.
    pub indexes: &'static [CompositeIndexDef],
    /// The relations in the order of their declaration.
    pub relations: &'static [RelationDef],
    /// The access rules in the order of their declaration.
    pub acls: &'static [AclDef],
    /// Is what is to be stored validated, unless the caller wants otherwise?
    pub automatic_validation: bool,
    /// What an upsert does with what breaks a rule.
    pub validate_upsert: UpsertValidation,
    /// Hooks, methods and queries of the model's own.
    pub methods: MethodsDef,
    /// The methods that are not served, by the names that rules go by: `updateAll`, `__delete__reviews`.
    pub disabled: &'static [&'static str],
    /// Does `PUT` replace an instance, and not merely change what it carries?
    pub replace_on_put: bool,
}

impl ModelDef {
    /// A public model without relations and access rules: everything is denied until [`acls`](Self::acls) says more.
    ///
    /// `path` is the collection's path below the API root, `table` the table's name.
    ///
    /// # Panics
    /// At compile time, when neither one property is the id nor several are parts of it.
    pub const fn new(
        name: &'static str,
        path: &'static str,
        table: &'static str,
        properties: &'static [PropertyDef],
    ) -> Self {
        check_properties(properties);
        ModelDef::unmixed(name, path, table, properties)
    }

    /// As [`new`](Self::new), without what the model takes in, and so perhaps without an id. Written by
    /// `#[derive(Model)]`.
    #[doc(hidden)]
    pub const fn unmixed(
        name: &'static str,
        path: &'static str,
        table: &'static str,
        properties: &'static [PropertyDef],
    ) -> Self {
        let strict = match extra_index(properties) {
            Some(_) => Strict::Keep,
            None => Strict::Drop,
        };
        ModelDef {
            name,
            kind: ModelKind::Persisted,
            path,
            table,
            tables: &[],
            docs: "",
            public: true,
            strict,
            force_id: false,
            strict_delete: false,
            properties,
            indexes: &[],
            relations: &[],
            acls: &[],
            automatic_validation: true,
            validate_upsert: UpsertValidation::Warn,
            methods: MethodsDef::NONE,
            disabled: &[],
            replace_on_put: false,
        }
    }

    /// A public model of keys and values, otherwise as [`new`](Self::new). Its properties are [`PropertyDef::KEY`] and the
    /// value.
    ///
    /// # Panics
    /// At compile time, when not the first property is the id.
    pub const fn key_value(
        name: &'static str,
        path: &'static str,
        properties: &'static [PropertyDef; 2],
    ) -> Self {
        assert!(
            properties[0].id,
            "the first property of a key-value model is its key; write `PropertyDef::KEY`"
        );
        ModelDef {
            kind: ModelKind::KeyValue,
            ..ModelDef::new(name, path, name, properties)
        }
    }

    /// The description with documentation.
    #[must_use]
    pub const fn docs(mut self, docs: &'static str) -> Self {
        self.docs = docs;
        self
    }

    /// The description of a model that is not served over HTTP.
    #[must_use]
    pub const fn private(mut self) -> Self {
        self.public = false;
        self
    }

    /// The description of a model that refuses properties that it does not declare, by [`Strict::Throw`] or
    /// [`Strict::Validate`].
    ///
    /// # Panics
    /// At compile time, when the model has room for them.
    #[must_use]
    pub const fn strict(mut self, strict: Strict) -> Self {
        assert!(
            self.extra_index().is_none() == !matches!(strict, Strict::Keep),
            "a model keeps undeclared properties if it has a field of the type `Extra`, and only then; add or remove one"
        );
        self.strict = strict;
        self
    }

    /// The description of a model whose callers can't choose the generated id of a new instance.
    #[must_use]
    pub const fn force_id(mut self) -> Self {
        self.force_id = true;
        self
    }

    /// The description of a model of which deleting what is not there is a 404.
    #[must_use]
    pub const fn strict_delete(mut self) -> Self {
        self.strict_delete = true;
        self
    }

    /// The description with other names of the table in data sources of some kinds.
    #[must_use]
    pub const fn tables(mut self, tables: &'static [(&'static str, &'static str)]) -> Self {
        self.tables = tables;
        self
    }

    /// The description of a model that does not serve these methods (contract *models.md* §16).
    #[must_use]
    pub const fn disabled(mut self, disabled: &'static [&'static str]) -> Self {
        self.disabled = disabled;
        self
    }

    /// The description of a model of which `PUT` replaces an instance (contract *rest.md* §3.2).
    #[must_use]
    pub const fn replace_on_put(mut self) -> Self {
        self.replace_on_put = true;
        self
    }

    /// The description with indexes over several properties.
    ///
    /// # Panics
    /// At compile time, when there is no property at one of the positions.
    #[must_use]
    pub const fn indexes(mut self, indexes: &'static [CompositeIndexDef]) -> Self {
        let mut index = 0;
        while index < indexes.len() {
            assert!(
                indexes[index].last_position() < self.properties.len(),
                "an index names its properties by their positions in the model, which begin with 0"
            );
            index += 1;
        }
        self.indexes = indexes;
        self
    }

    /// The description with relations.
    #[must_use]
    pub const fn relations(mut self, relations: &'static [RelationDef]) -> Self {
        self.relations = relations;
        self
    }

    /// The description with access rules.
    #[must_use]
    pub const fn acls(mut self, acls: &'static [AclDef]) -> Self {
        self.acls = acls;
        self
    }

    /// The description of a model that is not validated unless the caller wants it to be.
    #[must_use]
    pub const fn without_automatic_validation(mut self) -> Self {
        self.automatic_validation = false;
        self
    }

    /// The description with what an upsert does with what breaks a rule.
    #[must_use]
    pub const fn validate_upsert(mut self, validation: UpsertValidation) -> Self {
        self.validate_upsert = validation;
        self
    }

    /// The description with what the model has beside its struct.
    #[must_use]
    pub const fn methods(mut self, methods: MethodsDef) -> Self {
        self.methods = methods;
        self
    }

    /// The position of the id among the properties; of a composite id, of its first key.
    pub const fn id_index(&self) -> usize {
        let mut index = 0;
        while index < self.properties.len() {
            if self.properties[index].id {
                return index;
            }
            index += 1;
        }
        // `new` has counted: there is one.
        0
    }

    /// The position of the property that counts the changes of an instance, if there is one.
    pub fn version_index(&self) -> Option<usize> {
        let mut properties = self.properties.iter();
        properties.position(|property| property.version.is_some())
    }

    /// What a caller who changes an instance says about its version, if it has one.
    pub fn version(&self) -> Option<VersionDef> {
        self.properties.iter().find_map(|property| property.version)
    }

    /// The id property; of a composite id, its first key.
    pub const fn id(&self) -> &PropertyDef {
        &self.properties[self.id_index()]
    }

    /// Gives a record that has no id, since the data source is to make one, the blank id that its
    /// struct has until then. What is known as the model begins at `place`.
    pub(crate) fn fill_blank_id(&self, record: &mut Record, place: Place) {
        let (index, id) = (place.properties + self.id_index(), self.id());
        let counted = id.generated && matches!(id.ty, PropertyType::Integer { .. });
        if counted && record.value(index).is_null() {
            record.set(index, Value::Integer(0));
        }
    }

    /// The position of the property that JSON calls `name`.
    pub fn property_index(&self, name: &str) -> Option<usize> {
        self.properties
            .iter()
            .position(|property| property.name == name && !property.extra)
    }

    /// The position of the property that keeps what the model does not declare, if there is one.
    pub const fn extra_index(&self) -> Option<usize> {
        extra_index(self.properties)
    }

    /// The relation that JSON and paths call `name`.
    pub fn relation(&self, name: &str) -> Option<(usize, &RelationDef)> {
        self.relations
            .iter()
            .enumerate()
            .find(|(_, relation)| relation.name == name)
    }
}

/// What an upsert does with data that breaks a rule (contract *models.md* §9.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpsertValidation {
    /// Writes a warning into the log, and stores it.
    Warn,
    /// Refuses it: what the caller has supplied is judged as if it were a whole instance.
    Refuse,
    /// Asks no rule.
    Skip,
}

/// Refuses properties that are no model.
const fn check_properties(properties: &[PropertyDef]) {
    let (mut ids, mut parts) = (0, 0);
    let mut index = 0;
    while index < properties.len() {
        let property = &properties[index];
        if property.id {
            ids += 1;
            parts += property.id_part as usize;
            assert!(
                !(property.id_part && property.generated),
                "a part of an id can't be generated; give it a default instead"
            );
        }
        index += 1;
    }
    assert!(
        ids == 1 && parts == 0 || ids > 1 && ids == parts,
        "a model has one id property, marked with `.id()`, or several that are all marked with `.id_part()`"
    );
    let mut extras = 0;
    let mut index = 0;
    while index < properties.len() {
        if properties[index].extra {
            extras += 1;
        }
        index += 1;
    }
    assert!(
        extras <= 1,
        "a model keeps undeclared properties in one field of the type `Extra`; remove the other one"
    );
}

const fn extra_index(properties: &[PropertyDef]) -> Option<usize> {
    let mut index = 0;
    while index < properties.len() {
        if properties[index].extra {
            return Some(index);
        }
        index += 1;
    }
    None
}

/// What becomes of properties that a model does not declare (contract *models.md* §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strict {
    /// They are kept in the field of the type [`Extra`](super::Extra): LoopBack's `strict: false`.
    Keep,
    /// They are dropped: LoopBack's `strict: true`.
    Drop,
    /// They are refused before anything else is looked at: LoopBack's `strict: "throw"`.
    Throw,
    /// They break a rule, beside others: LoopBack's `strict: "validate"`.
    Validate,
}

/// What is done with the instances of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelKind {
    /// Records are kept and found, as LoopBack's `PersistedModel` does.
    Persisted,
    /// Values are kept under keys, as LoopBack's `KeyValueModel` does.
    KeyValue,
}

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
    /// A constant.
    Literal(Literal),
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
            DefaultDef::Literal(literal) => ty.from_json(literal.to_json()).unwrap_or(Value::Null),
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

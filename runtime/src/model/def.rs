//! The constant description of a model.

use super::{
    AclDef, CompositeIndexDef, MethodsDef, Place, PolicyDef, PrincipalKind, PropertyDef,
    PropertyType, Record, RelationDef, Value, VersionDef,
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
    /// Which rows may be seen and changed by whom, in the order of their declaration.
    pub policies: &'static [PolicyDef],
    /// What the instances are to access rules, if they are somebody.
    pub principal: Option<PrincipalKind>,
    /// The status of a refusal for who is logged in, where it is not that of the application: 401, 403 or 404.
    pub acl_error_status: Option<u16>,
    /// The model that this one extends.
    pub base: Option<&'static ModelDef>,
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
            policies: &[],
            principal: None,
            acl_error_status: None,
            base: None,
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

    /// The description with policies about rows.
    #[must_use]
    pub const fn policies(mut self, policies: &'static [PolicyDef]) -> Self {
        self.policies = policies;
        self
    }

    /// The description of a model whose instances are users, or applications, to access rules.
    #[must_use]
    pub const fn principal(mut self, principal: PrincipalKind) -> Self {
        self.principal = Some(principal);
        self
    }

    /// The description with the status of a refusal for who is logged in (contract *access-control.md* §11).
    ///
    /// # Panics
    /// At compile time, when it is none of 401, 403 and 404.
    #[must_use]
    pub const fn acl_error_status(mut self, status: u16) -> Self {
        assert!(
            matches!(status, 401 | 403 | 404),
            "a refusal has the status 401, 403 or 404"
        );
        self.acl_error_status = Some(status);
        self
    }

    /// Is it `base`, or a model that extends it, or one that extends that?
    pub fn is_a(&'static self, base: &'static ModelDef) -> bool {
        let mut chain = std::iter::successors(Some(self), |def| def.base);
        chain.any(|def| std::ptr::eq(def, base))
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

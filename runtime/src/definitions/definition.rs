//! What a definition means, whoever makes something of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::Value as Json;

use super::acl::{self, Acl};
use super::built_in;
use super::folder::Folder;
use super::index::{self, Index};
use super::key;
use super::layer::Setting;
use super::problem::{Problems, nearest};
use super::property::{Property, Type, text};
use super::relate;
use super::relation::Relation;
use super::setting;
use super::settings::{Root, Settings};
use super::source::{Member, Node, Place, Value};
use super::store::Store;
use super::users;
use crate::model::{
    AccessType, ModelDef, ModelKind, PrincipalKind, RelationMethodDef, ScopeDef, Strict,
    UpsertValidation,
};

/// A model of a LoopBack application.
pub(crate) struct Definition {
    pub name: String,
    pub place: Place,
    pub path: String,
    pub table: String,
    pub docs: String,
    pub public: bool,
    pub automatic_validation: bool,
    pub validate_upsert: UpsertValidation,
    pub strict: Strict,
    pub force_id: bool,
    pub strict_delete: bool,
    pub replace_on_put: bool,
    /// The methods that are not served.
    pub disabled: Vec<String>,
    pub mixins: Vec<Mixed>,
    /// LoopBack's own model that this one extends, or is.
    pub base: Option<&'static ModelDef>,
    pub principal: Option<PrincipalKind>,
    /// What the application's users have from it.
    pub user_settings: Vec<Setting>,
    /// The status of a refusal for who is logged in.
    pub acl_error_status: Option<u16>,
    /// Nothing for a model that is known within others alone.
    pub data_source: Option<String>,
    pub store: Store,
    pub properties: Vec<Property>,
    pub indexes: Vec<Index>,
    pub relations: Vec<Relation>,
    /// The names of relations that are not there yet.
    pub left_out: Vec<String>,
    pub acls: Vec<Acl>,
    pub scopes: Vec<Scope>,
    /// The names of methods that are written in JavaScript, as far as the definition speaks of them.
    pub methods: Vec<String>,
    pub script: Option<PathBuf>,
}

/// A mixin that comes along, by whatever name LoopBack's users know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mixed {
    Timestamps,
    SoftDelete,
}

/// A query of the model's own.
pub(crate) struct Scope {
    pub name: String,
    pub place: Place,
    pub default: bool,
    pub filter: Json,
}

/// What is known besides the files.
pub(crate) struct Surroundings<'a> {
    /// The models that the program describes itself, which are not read.
    pub described: &'a [&'static ModelDef],
    /// The kind of each data source.
    pub stores: BTreeMap<String, Store>,
    /// The models whose access is decided elsewhere, too.
    pub ruled: &'a BTreeSet<String>,
    /// Are models without a matching rule open, as in LoopBack?
    pub open_by_default: bool,
}

/// The models that `folder` lists.
pub(crate) fn definitions(
    folder: &Folder,
    surroundings: &Surroundings,
    problems: &mut Problems,
) -> Vec<Definition> {
    let mut read = Vec::new();
    for entry in &folder.listed {
        let name = entry.key.as_str();
        // A model that has moved over already.
        if surroundings.described.iter().any(|def| def.name == name) {
            continue;
        }
        let settings = match built_in::named(name) {
            _ if folder.definitions.contains_key(name) => {
                Settings::read(name, folder, &mut Vec::new(), problems)
            }
            Some(def) => Some(Settings::built_in(def, &entry.place)),
            None => {
                not_defined(entry, folder, problems);
                None
            }
        };
        if let Some(mut settings) = settings {
            settings.configure(name, &entry.node, problems);
            key::check(&settings, problems);
            read.push((entry.clone(), settings));
        }
    }
    read.extend(users::needed(&read, surroundings.described));
    let embedded = embedded(read.iter().map(|(_, settings)| settings));
    let mut definitions = Vec::new();
    let mut all_settings = Vec::new();
    for (entry, settings) in read {
        let within = embedded.contains(&entry.key.to_lowercase());
        let surroundings = (folder, surroundings);
        if let Some(definition) =
            Definition::read(&entry, &settings, within, surroundings, problems)
        {
            definitions.push(definition);
            all_settings.push(settings);
        }
    }
    users::choose(&mut definitions, surroundings.described);
    if let Some(index) = users::doubled(&definitions, surroundings.described, problems) {
        definitions.remove(index);
        all_settings.remove(index);
    }
    relate::relate(&mut definitions, surroundings.described, problems);
    users::check(&definitions, surroundings.described, problems);
    // By now relations have added the properties that hold their keys.
    for (definition, settings) in definitions.iter_mut().zip(&all_settings) {
        definition.hide(settings, problems);
        definition.indexes = index::read(settings, &mut definition.properties, problems);
        definition.check_rules(problems);
    }
    check_paths(&definitions, surroundings.described, problems);
    definitions
}

/// The models that are kept within others, in lower case: LoopBack finds models whatever the case of their names.
fn embedded<'a>(all: impl Iterator<Item = &'a Settings>) -> BTreeSet<String> {
    let mut embedded = BTreeSet::new();
    for settings in all {
        let Some(Value::Object(relations)) = settings.get("relations").map(|node| &node.value)
        else {
            continue;
        };
        for Member { node, .. } in relations {
            let word = node.get("type").and_then(Node::as_str);
            if let (Some("embedsOne" | "embedsMany"), Some(target)) =
                (word, node.get("model").and_then(Node::as_str))
            {
                embedded.insert(target.to_lowercase());
            }
        }
    }
    embedded
}

fn not_defined(entry: &Member, folder: &Folder, problems: &mut Problems) {
    let name = entry.key.as_str();
    if built_in::NOT_YET.contains(&name) {
        problems.note(
            &entry.place,
            format!("LoopBack's own model `{name}` is not there yet, and is left out"),
        );
        return;
    }
    let known = folder.definitions.keys().map(String::as_str);
    let hint = match nearest(name, known) {
        Some(near) => format!("; did you mean `{near}`?"),
        None => "; write it, or the folder that it is in to `_meta.sources`".to_owned(),
    };
    problems.mistake(
        &entry.place,
        format!("no file defines the model `{name}`{hint}"),
    );
}

impl Definition {
    /// A model called `name` beside `owner`, for keys of two others.
    pub(super) fn between(name: String, owner: &Definition) -> Self {
        let (place, store) = (owner.place.clone(), owner.store);
        let mut id = Property::plain("id", &place, store.id_type(), store);
        id.id = true;
        id.generated = true;
        id.required = true;
        Definition {
            path: name.clone(),
            table: store.name(&name),
            docs: String::new(),
            public: false,
            automatic_validation: true,
            validate_upsert: UpsertValidation::Warn,
            strict: Strict::Drop,
            force_id: false,
            strict_delete: false,
            replace_on_put: false,
            disabled: Vec::new(),
            mixins: Vec::new(),
            base: None,
            principal: None,
            user_settings: Vec::new(),
            acl_error_status: None,
            data_source: owner.data_source.clone(),
            store,
            properties: vec![id],
            indexes: Vec::new(),
            relations: Vec::new(),
            left_out: Vec::new(),
            // It is not served: the rules of the two that it links decide.
            acls: vec![Acl::open(&place)],
            scopes: Vec::new(),
            methods: Vec::new(),
            script: None,
            name,
            place,
        }
    }

    /// The model that `entry` lists; `within` others?
    fn read(
        entry: &Member,
        settings: &Settings,
        within: bool,
        (folder, surroundings): (&Folder, &Surroundings),
        problems: &mut Problems,
    ) -> Option<Self> {
        let Member {
            key: name,
            node: config,
            ..
        } = entry;
        let file = folder.definitions.get(name);
        let place = file.map_or(&entry.place, |file| &file.node.place).clone();
        let base = settings.base();
        let attached = config.get("dataSource").filter(|source| source.is_truthy());
        let public = config.get("public").is_none_or(Node::is_truthy);
        let data_source = attached.and_then(Node::as_str);
        let kept = data_source.filter(|_| !matches!(settings.root, Root::Model));
        if kept.is_none() && !within {
            if public {
                problems.missing(
                    &entry.place,
                    format!(
                        "`{name}` keeps no data, and its methods are JavaScript; write them in Rust"
                    ),
                );
            }
            return None;
        }
        if matches!(settings.root, Root::KeyValue) {
            problems.missing(&place, format!("`{name}` keeps values under keys; write a struct with `#[derive(KeyValueModel)]`"));
            return None;
        }
        let known = data_source.and_then(|name| surroundings.stores.get(name).copied());
        let store = match (known, data_source) {
            (Some(store), _) => store,
            (None, None) => Store::Other,
            // What is kept nowhere but within others has ids as if it were kept here.
            (None, Some(_)) if kept.is_none() => Store::Transient,
            (None, Some(name)) => {
                let known: Vec<_> = surroundings.stores.keys().map(String::as_str).collect();
                let place = attached.map_or(&entry.place, |source| &source.place);
                problems.unknown(place, "data source", name, &known);
                return None;
            }
        };
        // What has no data source is not served either.
        let public = public && kept.is_some();
        let comes_along = file.is_none() && !public;

        let models: Vec<_> = folder.definitions.keys().map(String::as_str).collect();
        let flag = |key: &str| settings.get(key).is_some_and(Node::is_truthy);
        let mut definition = Definition {
            path: setting::path(name, settings, problems),
            table: setting::table(name, settings, store),
            docs: match (settings.get("description"), base) {
                // What comes along is described by itself.
                (None, Some(base)) if comes_along => base.docs.to_owned(),
                (description, _) => text(description),
            },
            public,
            automatic_validation: settings
                .get("automaticValidation")
                .is_none_or(Node::is_truthy),
            validate_upsert: match settings.get("validateUpsert") {
                None => UpsertValidation::Warn,
                Some(node) if node.is_truthy() => UpsertValidation::Refuse,
                Some(_) => UpsertValidation::Skip,
            },
            strict: setting::strict(settings, store, (within, comes_along), &place, problems),
            force_id: flag("forceId"),
            strict_delete: flag("strictDelete"),
            replace_on_put: flag("replaceOnPUT"),
            disabled: setting::disabled(settings, &folder.shared_methods, problems),
            mixins: setting::mixins(settings, problems),
            base,
            principal: base.and_then(|base| base.principal),
            user_settings: users::settings(settings, problems),
            acl_error_status: setting::acl_error_status(settings, problems),
            data_source: kept.map(str::to_owned),
            store,
            properties: setting::properties(settings, store, &models, &place, problems),
            indexes: Vec::new(),
            relations: Vec::new(),
            left_out: Vec::new(),
            acls: Vec::new(),
            scopes: setting::scopes(settings, problems),
            methods: setting::methods(settings, problems),
            script: file.and_then(|file| file.script.clone()),
            name: name.clone(),
            place,
        };
        definition.check_id(settings, problems);
        for member in setting::members(settings, "relations", problems) {
            match Relation::read(name, &member, problems) {
                Some(relation) => definition.relations.push(relation),
                None => definition.left_out.push(member.key),
            }
        }
        for rule in settings.get("acls").map(Node::items).unwrap_or_default() {
            definition.acls.extend(Acl::read(rule, problems));
        }
        // What is known within others alone and says nothing about access is its owners' to guard.
        let silent = kept.is_none() && definition.acls.is_empty();
        let default = settings.get("defaultPermission").and_then(Node::as_str);
        let opened = surroundings.open_by_default || default == Some("ALLOW");
        let closed = default == Some("DENY");
        if opened && !silent && !closed {
            let open = Acl::open(&definition.place);
            let decided = definition.acls.iter().any(|acl| {
                (&acl.principal, acl.access, &acl.method) == (&open.principal, None, &None)
            });
            if !decided {
                definition.acls.push(open);
            }
        } else if public
            && definition.acls.is_empty()
            && !closed
            && !surroundings.ruled.contains(name)
        {
            problems.mistake(
                &definition.place,
                format!(
                    "`{name}` says nothing about access, which opens it in LoopBack and closes it here; add a rule such as \
                     {{\"principalType\": \"ROLE\", \"principalId\": \"$everyone\", \"permission\": \"ALLOW\"}} to its `acls`, \
                     write `\"public\": false` in `model-config.json`, or load the definitions `open_by_default`"
                ),
            );
        }
        if let Some(script) = &definition.script {
            problems.note(
                &Place::start(script),
                format!("JavaScript is not run: what it adds to `{name}` is to be written in Rust"),
            );
        }
        Some(definition)
    }

    /// Gives the model an id if it has none, and checks the one it has.
    fn check_id(&mut self, settings: &Settings, problems: &mut Problems) {
        let ids: Vec<_> = self
            .properties
            .iter()
            .filter(|property| property.id)
            .collect();
        match ids.as_slice() {
            [id] => {
                let can_identify = matches!(
                    id.ty,
                    Type::Integer | Type::Float | Type::String | Type::ObjectId
                );
                if !can_identify {
                    problems.mistake(&id.place, format!("`{}` can't identify an instance; give it the type `string` or `number`", id.name));
                }
            }
            [] if settings.get("idInjection").is_none_or(Node::is_truthy) => {
                if self.properties.iter().any(|property| property.name == "id") {
                    problems.mistake(
                        &self.place,
                        "the property `id` is not the id; write `\"id\": true` in it",
                    );
                    return;
                }
                let mut id = Property::plain("id", &self.place, self.store.id_type(), self.store);
                id.id = true;
                id.generated = true;
                self.properties.push(id);
            }
            [] => problems.mistake(
                &self.place,
                "a model without an id is not there yet; mark a property with `\"id\": true`",
            ),
            [_, second, ..] => problems.mistake(
                &second.place,
                "an id of several properties is not there yet; mark one of them alone",
            ),
        }
        // A whole number, unless the store says otherwise: what refers to it has its type.
        for property in self.properties.iter_mut().filter(|property| property.id) {
            if property.ty == Type::Float {
                property.ty = Type::Integer;
            }
            // LoopBack's stores give one to whoever brings none.
            let inherited = property.inherited.and_then(|inherited| inherited.default);
            let given = match property.ty {
                Type::Integer => true,
                Type::String => self.store == Store::Transient,
                _ => false,
            };
            property.generated |= given && property.default.is_none() && inherited.is_none();
            property.required = true;
        }
    }

    /// Marks the properties that `hidden` and `protected` name.
    fn hide(&mut self, settings: &Settings, problems: &mut Problems) {
        for key in ["hidden", "protected"] {
            for name in settings.get(key).map(Node::items).unwrap_or_default() {
                let wanted = name.as_str().unwrap_or_default();
                let mut properties = self.properties.iter_mut();
                match properties.find(|property| property.name == wanted) {
                    Some(property) if key == "hidden" => property.hidden = true,
                    Some(property) => property.protected = true,
                    None => {
                        let known = self.properties.iter().map(|one| one.name.as_str());
                        let known: Vec<_> = known.collect();
                        problems.unknown(&name.place, "property", wanted, &known);
                    }
                }
            }
        }
    }

    fn check_rules(&mut self, problems: &mut Problems) {
        let own = ModelKind::Persisted.methods().iter();
        let mut methods: BTreeMap<String, AccessType> = own
            .map(|method| (method.name.to_owned(), method.access))
            .collect();
        if let Some(base) = self.base {
            let own = base.methods.remotes.iter();
            methods.extend(own.map(|own| (own.name.to_owned(), base.access_of(own))));
        }
        let mut add = |name: &str, added: &[RelationMethodDef]| {
            let added = added.iter();
            methods.extend(added.map(|one| (format!("__{}__{name}", one.verb), one.access)));
        };
        for scope in self.scopes.iter().filter(|scope| !scope.default) {
            add(&scope.name, ScopeDef::METHODS);
        }
        for relation in &self.relations {
            add(
                &relation.name,
                relation.kind.methods(relation.through.is_some()),
            );
        }
        let unserved = |name: &str| {
            setting::UNSHARED.contains(&name)
                || self.script.is_some()
                || self.methods.iter().any(|method| method == name)
                || self
                    .left_out
                    .iter()
                    .any(|relation| name.ends_with(&format!("__{relation}")))
        };
        acl::settle(&mut self.acls, &methods, &unserved, problems);
    }

    /// Adds a property: behind its own, and before those of the base.
    pub fn add(&mut self, property: Property) {
        let mut properties = self.properties.iter();
        let base = properties.position(|property| property.inherited.is_some());
        let end = base.unwrap_or(self.properties.len());
        self.properties.insert(end, property);
    }

    pub fn id(&self) -> Option<&Property> {
        self.properties.iter().find(|property| property.id)
    }
}

fn check_paths(
    definitions: &[Definition],
    described: &[&'static ModelDef],
    problems: &mut Problems,
) {
    let mut taken: BTreeMap<String, &str> = described
        .iter()
        .filter(|def| def.public)
        .map(|def| (def.path.to_lowercase(), def.name))
        .collect();
    for definition in definitions.iter().filter(|definition| definition.public) {
        if let Some(other) = taken.insert(definition.path.to_lowercase(), &definition.name) {
            problems.mistake(
                &definition.place,
                format!("`{other}` and `{}` are both served at `/{}`; give one of them another `plural`", definition.name, definition.path),
            );
        }
    }
}

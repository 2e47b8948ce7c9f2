//! The macros of loopwright: `#[derive(Model)]`, `#[derive(Mixin)]`, `#[derive(KeyValueModel)]`, `#[derive(Property)]` and `#[loopwright::main]`.
//!
//! Use them through the crate `loopwright`. They take an annotated item through four passes, each of which knows less of
//! the one before:
//!
//! | module | pass |
//! |---|---|
//! | `attr` | from attributes to plain data, spans kept |
//! | `model` | what was meant: defaults and inference, with the crate `loopwright-plural` for the paths |
//! | `check` | what can be judged from one item |
//! | `expand` | the Rust that is emitted |
//!
//! `error` collects the mistakes of all passes. `methods` reads an impl block of a model, and `entry` a program's `main`.
//!
//! **Architecture Invariant:** nothing here knows the runtime but the names that `expand` writes, and the runtime knows
//! nothing of this crate: a description written by hand works exactly like a derived one.
//!
//! **Architecture Invariant:** a pass never looks back. Only `attr` sees syntax, only `check` decides that a model is
//! wrong, and `expand` can't fail.
//!
//! **Architecture Invariant:** types are never compared by name. What depends on a type, or on a second model, is
//! asserted in the emitted code, on the user's own token.
//!
//! **Architecture Invariant:** an item with mistakes still gets its implementations, from the parts that were understood.
#![forbid(unsafe_code)]

mod attr;
mod check;
mod entry;
mod error;
mod expand;
mod methods;
mod model;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::attr::{KeyValueInput, ModelInput, PropertyInput};
use crate::error::Errors;
use crate::model::StandIn;

/// Turns a struct into a model: a constant description, and conversions from and to records.
///
/// The trait `loopwright::Model` shows one. All attributes, and what the compiler checks about them:
///
/// # The struct
///
/// | attribute | meaning | default |
/// |---|---|---|
/// | `#[model(name = "...")]` | the model's name | the struct's |
/// | `#[model(path = "...")]` | the collection's path | the name's plural |
/// | `#[model(table(mysql = "..."))]` | the table in some databases: `memory`, `mongodb`, `mysql`, `postgres`, `sqlite` | as in the others |
/// | `#[model(table = "...")]` | the table | the name in `snake_case` |
/// | `#[model(public = false)]` | not served over HTTP | served |
/// | `#[model(strict = "throw")]` | undeclared properties are refused, at once | dropped |
/// | `#[model(strict = "validate")]` | undeclared properties break a rule, like a wrong value | dropped |
/// | `#[model(force_id)]` | callers can't choose the generated id of a new instance | they can |
/// | `#[model(strict_delete)]` | deleting an instance that is not there is a 404 | `{"count": 0}` |
/// | `#[model(replace_on_put)]` | `PUT` replaces an instance | `PUT` changes what it carries, as `PATCH` does |
/// | `#[model(disable(update_all, __delete__reviews))]` | methods that are not served; Rust calls them all the same | all are served |
/// | `#[model(index(city, desc(opened)))]` | an index over several properties, named by their fields; `desc(...)` for the greatest values first; repeatable | none |
/// | `#[model(unique(city, name))]` | also refuses a combination of values that another row has; one that lacks a value is not compared | none |
/// | `#[model(index(city, name = "..."))]` | the index's name in the database, also of `unique(...)` | made of the table and columns |
/// | `#[model(validate_upsert = true)]` | an upsert refuses what breaks a rule, judging what the caller supplied alone; `false` asks no rule | a warning in the log |
/// | `#[model(automatic_validation = false)]` | rules are asked only if the caller wants it, by `Repository::with_validation` | they are asked |
/// | `#[model(crate = ::renamed)]` | where the crate `loopwright` is found | `::loopwright` |
/// | `#[acl(open)]` | everyone may do everything | |
/// | `#[acl(allow(read, find_by_id), to = ...)]` | an access rule; also `deny(...)` | |
///
/// A model that is served needs an access rule. A rule names kinds of access (`read`, `write`, `execute`, `all`) or
/// methods that the model has (`find_by_id`, `__get__reviews`), and is for `everyone`, `authenticated`, `unauthenticated`,
/// `owner` or `role("...")`.
///
/// # Fields that hold properties
///
/// | attribute | meaning |
/// |---|---|
/// | `#[model(id)]` | identifies the instance; on several fields (up to four), they do so together: the id is their tuple in Rust, and a list in paths, as in `/Taggings/7,rust` |
/// | `#[model(generated)]` | a blank id (none, `0`, `""`, the nil UUID) gets a fresh value when the instance is created; not for ids of several fields |
/// | `#[model(name = "...")]` | the name in JSON; `camelCase` by default |
/// | `#[model(column = "...")]` | the column; the field's name by default |
/// | `#[model(column(mongodb = "..."))]` | the column, or the document's field, in some databases: `memory`, `mongodb`, `mysql`, `postgres`, `sqlite` |
/// | `#[model(column_type = "...")]` | the column's type, in the words of the database; the usual one for the field's type by default |
/// | `#[model(default = ...)]` | what an absent value becomes: `now`, `uuid` (random, version 4), `guid` (of the time, version 1), `shortid` (22 characters), a literal, the path of a constant or variant, such as `Status::Draft`, or that of a function without arguments |
/// | `#[model(index)]`, `#[model(unique)]` | an index over the column; a unique one refuses a value that another row has |
/// | `#[model(hidden)]` | never leaves the process, and callers can't filter or order by it; they may still send it, as they do a password |
/// | `#[model(protected)]` | is not shown where the instance is within another one |
/// | `#[model(read_only)]` | what callers send is dropped; the application alone writes it |
/// | `#[model(version)]` | counts the changes of an instance, from 1: who changes one may say which version is meant (`If-Match`), and is refused when another one is stored (412). `version(required)`: has to say it (428) |
/// | `#[validate(presence)]`, `#[validate(absence)]` | there is a value, or none |
/// | `#[validate(length(min = 2, max = 80))]` | the length of text or a list; also `length(is = 3)` |
/// | `#[validate(range(min = 1, max = 5))]` | the size of a number |
/// | `#[validate(inclusion("a", "b"))]`, `#[validate(exclusion("a"))]` | one of these values, or none of them |
/// | `#[validate(numericality)]`, `#[validate(numericality(int))]` | JSON is a number; JSON or a number is whole |
/// | `#[validate(format("^[a-z]+$"))]` | the form of text, as a regular expression; also `format(email)` and `format(url)` |
/// | `#[validate(uniqueness)]` | no other instance has the value, kept by an index: blank text is a value, no value is none |
/// | `#[validate(uniqueness(scoped_to(city)))]` | no other instance in the same city has it |
///
/// In `#[validate(...)]` these words, beside one or several rules, are about them:
///
/// | word | meaning |
/// |---|---|
/// | `message = "..."` | what the caller is told, after the property's name |
/// | `message(min = "...", max = "...")` | the same by kind of failure: `min`, `max`, `is`, `number`, `int`, `blank`, `null` |
/// | `code = "..."` | the code of a failure, in the place of the rule's name |
/// | `if = draft`, `unless = draft` | the rule is asked only then, or not then: a property with a truth value, or the path of a function such as `fn is_draft(&self) -> bool`. An index keeps no such rule of uniqueness |
/// | `allow_null = false` | an `Option` without a value breaks the rule; otherwise it passes |
/// | `allow_blank` | `""` and `[]` pass the rule; otherwise they break all but `uniqueness` |
///
/// What takes more than one property is a function with `#[hook(validate)]`, see `loopwright::hook::Validation`.
///
/// Defaults are stored when an instance is created or replaced. What is updated gets none, and an upsert that inserts only
/// those of properties that can't be without a value. Null is a value: it stays null.
///
/// A field of the type `Extra` keeps what callers send besides the declared properties.
///
/// `#[model(mixin)]` on a field of the type of a mixin takes in its properties, hooks, methods and scopes, and
/// `#[model(base)]` on one of another model's type extends that model: see the module `loopwright::mixins`.
///
/// The type of a field is one that implements `loopwright::Property`. Several words and rules may share one attribute.
/// serde's `rename` and `rename_all` are honoured. Doc comments become documentation.
///
/// # Fields that hold relations
///
/// `#[relation(belongs_to)]`, `#[relation(has_many)]` or `#[relation(has_one)]` on a field of the type `BelongsTo<T>`,
/// `HasMany<T>` or `HasOne<T>`. `key = field` names the field that holds the key: by default `<relation>_id` here for
/// `belongs_to`, and `<model>_id` on the target otherwise. It has the type of the id that it points to, or an `Option` of
/// it. `name = "..."` is the name in JSON, `path = "..."` the part of a path, if that is to differ.
///
/// `#[relation(has_many, through = Appointment)]` leads to the targets by way of instances of another model, which hold the
/// keys of both: `<model>_id` and `<target>_id` unless `key` and `key_through` name others. With
/// `#[relation(has_and_belongs_to_many)]` nobody has to write that model; its table is called after both.
///
/// `#[relation(belongs_to, polymorphic)]` on a field of the type `BelongsTo<AnyModel>` leads to an instance of any model: the
/// fields `<relation>_id` and `<relation>_type` hold its id and the name of its model. The way back is
/// `#[relation(has_many, polymorphic = imageable)]`, or `has_one`, or through another model, which then holds both fields;
/// there `inverse` says that it is the target's key that may belong to several models. `key` and `discriminator` name other
/// fields.
///
/// | word | meaning |
/// |---|---|
/// | `primary_key = code` | the field that the key refers to, instead of the id |
/// | `scope = recent` | a function `fn recent() -> Filter` that narrows and orders the targets, for routes, includes and Rust |
/// | `properties(name, city = shop_city)` | fields of the owner whose values every new target gets |
/// | `disable_include` | an include of the relation is passed over |
/// | `nest_remoting` | the relations of the target are served below this one: `/Books/1/pages/2/notes`, with rules such as `__get__pages__notes` |
///
/// `#[relation(references_many)]` on a field of the type `ReferencesMany<T>` leads to the targets whose ids this model lists in
/// a field of the type `Vec<...>`: by default `<target>_ids`, empty unless given. `prepend` puts new ones first.
///
/// `#[relation(embeds_one)]` and `#[relation(embeds_many)]` on a field of the type `EmbedsOne<T>` or `EmbedsMany<T>` keep the
/// targets within this model, as JSON in a column that is called as the field, unless `column = "..."` says otherwise. `T` is a model, which may be private and in no
/// data source: then this model's access rules decide. In JSON the property is called as the relation with `_` before it,
/// unless `property = "..."` says otherwise. `default = function` of an `embeds_one` makes what a new owner has,
/// `omit_default` of an `embeds_many` leaves the list away. `force_id` replaces ids that callers choose, `prepend` puts new
/// targets first, `validate = false` asks their rules only by way of the relation, and `persistent` stores new ones in their
/// own data source too; from then on the two are changed apart.
///
/// The fields hold what a query includes, or what `Repository::create_with_related` is to store with the instance.
///
/// `#[relation(belongs_to, on_delete = "...")]` says what happens to an instance whose target is deleted: `"restrict"`
/// refuses to delete the target, `"cascade"` deletes the instance too, `"set null"` forgets the key, which then is an
/// `Option`. The runtime does it, on every data source: see `loopwright::model::OnDelete`.
///
/// `#[relation(belongs_to, constraint)]` also makes a foreign key in the database: a row whose target is not there is
/// refused, and the database itself does what `on_delete` says (`"restrict"`, unless it is said), without hooks. SQL
/// databases keep foreign keys, where both models are in one; elsewhere the runtime does what is said on a delete, and a
/// key that leads nowhere is not refused, which `migrate plan` tells.
///
/// # Coming from LoopBack
///
/// What a model's JSON says, and where it is said here:
///
/// | key | here |
/// |---|---|
/// | `name`, `plural`, `http.path` | `#[model(name = "...", path = "...")]` |
/// | `description` | the doc comment |
/// | `properties` | the fields: `type` and `required` are the field's type, with `Option` for what may be absent; `defaultFn` is `default`, where LoopBack's `uuid` is `guid`, and `uuidv4` is `uuid` |
/// | `strict: false` | a field of the type `Extra` |
/// | `strict: true` | the default |
/// | `strict: "throw"`, `"validate"` | `#[model(strict = "...")]` |
/// | `idInjection` | nothing: each model has an id, and says which |
/// | `forceId`, `strictDelete` | `#[model(force_id)]`, `#[model(strict_delete)]` |
/// | `hidden`, `protected` | `#[model(hidden)]`, `#[model(protected)]` on the field |
/// | `relations`, `acls` | `#[relation(...)]` on a field, `#[acl(...)]`: `foreignKey` is `key`, `keyThrough` is `key_through`, `invert` is `inverse`, `options.disableInclude` is `disable_include`, `options.http.path` is `path`, `nestRemoting` is `nest_remoting` |
/// | `base`, `mixins` | `#[model(base)]`, `#[model(mixin)]` on a field that holds the other struct |
/// | `scope`, `scopes`, `methods`, hooks | functions in an impl block with `#[loopwright::methods]` |
/// | `persistUndefinedAsNull` | nothing: a table has null for what is absent, so reads always show it as null |
/// | `applyDefaultsOnReads` | nothing, for the same reason: reads show what is stored |
/// | `updateOnLoad` | nothing: hooks of `loaded` change what is found, as without it |
/// | `replaceOnPUT` | `#[model(replace_on_put)]` |
/// | `disableRemoteMethodByName`, `sharedMethods` | `#[model(disable(...))]` |
/// | `properties`, `attributes` within settings | `#[scope(default)]`, whose equal values are stored in every instance |
/// | `mysql.table`, `mongodb.collection`, … | `#[model(table = "...")]` |
/// | `mysql.columnName`, `dataType`, … of a property | `#[model(column = "...", column_type = "...")]`; `length` is `#[validate(length(max = ...))]`, and `nullable` is `Option` |
/// | `allowExtendedOperators` | `allow_extended_operators` in the configuration |
///
/// # Handles
///
/// Each field gets a constant by which queries name it: `CoffeeShop::OWNER_ID`, `CoffeeShop::REVIEWS`.
#[proc_macro_derive(Model, attributes(model, relation, acl, policy, validate))]
pub fn model(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive(input.into(), derive_model).into()
}

/// Turns a struct into a mixin: properties, hooks, methods and scopes that models take in.
///
/// The module `loopwright::mixins` shows it. The fields have the attributes of a model's properties, but for `id` and
/// `generated`; above the struct there are `#[model(index(...))]`, `#[model(unique(...))]` and `#[model(crate = ...)]`.
#[proc_macro_derive(Mixin, attributes(model, acl, policy, relation, validate))]
pub fn mixin(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive(input.into(), derive_mixin).into()
}

/// Turns a struct around one value into a key-value model: values of that type are kept under keys.
///
/// The trait `loopwright::KeyValueModel` shows one. The type of the value is one that implements `loopwright::Property`.
///
/// | attribute | meaning | default |
/// |---|---|---|
/// | `#[model(name = "...")]` | the model's name, with which its keys begin in the store | the struct's |
/// | `#[model(path = "...")]` | the path that the values are served below | the name's plural |
/// | `#[model(public = false)]` | not served over HTTP | served |
/// | `#[model(crate = ::renamed)]` | where the crate `loopwright` is found | `::loopwright` |
/// | `#[acl(...)]` | an access rule, as of `#[derive(Model)]` | |
///
/// A rule names kinds of access (`read` is `get` and `keys`, `write` is `set` and `expire`) or these methods themselves.
#[proc_macro_derive(KeyValueModel, attributes(model, acl, policy))]
pub fn key_value_model(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive(input.into(), derive_key_value).into()
}

/// Makes a type one that properties can have.
///
/// An enum without data is a text out of a list, a newtype is kept as what it wraps, and a struct as JSON. The trait
/// `loopwright::Property` shows each of them.
///
/// | attribute | where | meaning |
/// |---|---|---|
/// | `#[property(rename_all = "...")]` | the type | serde's rename rule for all variants or members |
/// | `#[property(crate = ::renamed)]` | the type | where the crate `loopwright` is found |
/// | `#[property(rename = "...")]` | a variant | its text; the variant's own name by default |
/// | `#[property(name = "...")]` | a member | its name in JSON; `camelCase` by default |
/// | `#[property(default = ...)]` | a member | `now`, `uuid`, a literal, or the path of a function |
///
/// serde's `rename` and `rename_all` are honoured.
#[proc_macro_derive(Property, attributes(property))]
pub fn property(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive(input.into(), derive_property).into()
}

/// Runs an async `main` on tokio's runtime with a thread for each core, as in the program at the start of the crate
/// `loopwright`.
///
/// A program that wants another runtime writes `#[tokio::main(...)]` instead.
#[proc_macro_attribute]
pub fn main(
    attr: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    entry::expand(&attr.into(), item.into()).into()
}

/// Makes functions of a model known to the application: `#[remote(...)]` serves one over HTTP, and `#[hook(...)]` has the
/// pipeline call it.
///
/// One impl block of a model has it, and the functions stay ordinary ones. `loopwright::remoting::Remotable` and
/// `loopwright::hook` show both at work.
///
/// # Remote methods
///
/// ```text
/// #[remote(get = "/status")]
/// async fn status(#[arg(query)] hour: u8) -> Result<Status>
/// ```
///
/// | in `#[remote(...)]` | meaning | default |
/// |---|---|---|
/// | `get = "/path"`, also `post`, `put`, `patch`, `delete`, `head` | where it is served, below the collection or the instance; several are possible | `POST /<name>` |
/// | `name = "..."` | the name in rules, paths and the document | the function's in `camelCase` |
/// | `access = read`, `write`, `execute` | what it does, for access rules | `read` for `get` and `head`, else `execute` |
/// | `returns = "..."` | the member of the answer that holds the result | the result is the answer |
/// | `status = 201` | the status of a success | 200, or 204 for `()` |
///
/// With `self`, `&self` or `&mut self` it is a method of one instance, below `/{id}`; what a method with `&mut self` has
/// changed is stored when it succeeds. An argument that is a reference is the context of the call, `&Context`. Every other
/// one is given by the caller, under its name in `camelCase`:
///
/// | in `#[arg(...)]` | meaning |
/// |---|---|
/// | nothing | the first of: the path, a member of the body, the query string, a header |
/// | `path`, `query`, `form`, `header` | in that place only; `form` is a member of the body |
/// | `body` | the whole body |
/// | `name = "..."` | another name |
/// | `default = 8` | what it is when the caller gives none: text, a number or a truth value |
///
/// A method called like one that every model has (`find`, `create`) takes its place, with its kind of access, and unless it says
/// where it is served, with its routes.
///
/// An argument that may be absent is an `Option`; an absent `bool` is false, and an absent `Vec` is empty.
///
/// # Scopes
///
/// `#[scope]` on `fn recent() -> Filter` serves a query by its name: `GET`, `POST` and `DELETE` at `/recent`, and
/// `GET /recent/count`. Its methods are called `__get__recent`, `__create__recent`, `__delete__recent` and
/// `__count__recent` in access rules; `#[scope(name = "...")]` gives it another name.
///
/// `#[scope(default)]` holds for every operation instead: its conditions besides the caller's, and what they compare for
/// equality is stored in every new instance; its limit, skip and fields instead of the caller's.
///
/// # Hooks
///
/// | attribute | on | called |
/// |---|---|---|
/// | `#[hook(access)]` | `async fn(cx: &mut Access<'_, Self>) -> Result<()>` | before instances are looked for |
/// | `#[hook(before_save)]`, `#[hook(persist)]`, `#[hook(after_save)]` | `async fn(cx: &mut Save<'_, Self>) -> Result<()>` | around storing |
/// | `#[hook(validate)]` | `async fn(cx: &mut Validation<'_, Self>) -> Result<()>` | when the rules have been asked about what is to be stored |
/// | `#[hook(loaded)]` | `async fn(cx: &mut Loaded<'_, Self>) -> Result<()>` | with every instance that is found |
/// | `#[hook(before_delete)]`, `#[hook(after_delete)]` | `async fn(cx: &mut Delete<'_, Self>) -> Result<()>` | around deleting |
///
/// Hooks of one kind are called in the order of their declaration.
///
/// # Remote hooks
///
/// `#[remote_hook(before(create), after(find), after_error(all))]` on `async fn(cx: &mut RemoteCall<'_, Self>) -> Result<()>`
/// has it called with the calls of these methods over HTTP. `all` are all of them, `all_static` those of the collection,
/// `all_instance` those of one instance. The module `loopwright::remoting::hook` tells more.
#[proc_macro_attribute]
pub fn methods(
    attr: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    methods::expand(&attr.into(), item.into()).into()
}

/// The expansion, and the mistakes beside it.
fn derive(input: TokenStream, expand: fn(&DeriveInput, &mut Errors) -> TokenStream) -> TokenStream {
    match syn::parse2(input) {
        Ok(input) => {
            let mut errors = Errors::default();
            let expansion = expand(&input, &mut errors);
            let errors = errors.into_tokens();
            quote!(#errors #expansion)
        }
        Err(error) => error.into_compile_error(),
    }
}

fn derive_model(input: &DeriveInput, errors: &mut Errors) -> TokenStream {
    let input = ModelInput::read(input, errors);
    let stand_in = StandIn::new(input.attr.krate.as_ref(), input.ident, input.generics);
    let checked = model::Model::new(input, errors).and_then(|model| check::model(model, errors));
    checked.map_or_else(
        || expand::model_stand_in(&stand_in),
        |checked| expand::model(&checked),
    )
}

fn derive_mixin(input: &DeriveInput, errors: &mut Errors) -> TokenStream {
    let input = ModelInput::read_mixin(input, errors);
    let stand_in = StandIn::new(input.attr.krate.as_ref(), input.ident, input.generics);
    let checked = model::Model::new(input, errors).and_then(|mixin| check::mixin(mixin, errors));
    checked.map_or_else(
        || expand::mixin_stand_in(&stand_in),
        |checked| expand::mixin(&checked),
    )
}

fn derive_key_value(input: &DeriveInput, errors: &mut Errors) -> TokenStream {
    let input = KeyValueInput::read(input, errors);
    let stand_in = StandIn::new(input.attr.krate.as_ref(), input.ident, input.generics);
    let checked = model::KeyValue::new(input).map(|model| check::key_value(model, errors));
    checked.map_or_else(
        || expand::key_value_stand_in(&stand_in),
        |checked| expand::key_value(&checked),
    )
}

fn derive_property(input: &DeriveInput, errors: &mut Errors) -> TokenStream {
    let input = PropertyInput::read(input, errors);
    let stand_in = StandIn::new(input.attr.krate.as_ref(), input.ident, input.generics);
    let checked =
        model::PropertyType::new(input).map(|property| check::property_type(property, errors));
    checked.map_or_else(
        || expand::property_stand_in(&stand_in),
        |checked| expand::property_type(&checked),
    )
}

//! What an auditor sees, and what a change of the rules sets off.

use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::model::{
    AclDef, ModelDef, PolicyDef, PrincipalDef, PropertyDef, RelationDef, RelationKind, RowAction,
};
use crate::remoting::access_matrix;
use AccessType::{Read, Write};
use PrincipalDef::{Authenticated, Everyone, Owner, Role};

const fn allow(principal: PrincipalDef<'static>) -> AclDef {
    AclDef::allow(principal)
}

const fn deny(principal: PrincipalDef<'static>) -> AclDef {
    AclDef::deny(principal)
}

static ID: [PropertyDef; 1] = [PropertyDef::of::<i64>("id", "id").id().generated()];

/// The matrix of an application whose one model has these rules.
fn matrix(acls: &[AclDef]) -> AccessMatrix {
    let def = ModelDef::new("Order", "Orders", "order", &ID);
    let def: &'static ModelDef = Box::leak(Box::new(def.acls(Box::leak(acls.into()))));
    AccessMatrix::new(
        access_matrix(&[def], "/api"),
        AccessLimit::of(def),
        Vec::new(),
    )
}

static NOTE: ModelDef = ModelDef::new(
    "Note",
    "Notes",
    "note",
    &[
        PropertyDef::of::<i64>("id", "id").id().generated(),
        PropertyDef::of::<i64>("shopId", "shop_id"),
    ],
)
.acls(&[AclDef::allow(PrincipalDef::Role("a|b"))]);

static SHOP: ModelDef = ModelDef::new("Shop", "Shops", "shop", &ID)
    .relations(&[RelationDef::new(
        RelationKind::HasMany,
        "notes",
        || &NOTE,
        "shop_id",
    )])
    .acls(&[AclDef::allow(PrincipalDef::Everyone).access(Read)]);

#[test]
fn a_cell_says_which_rule_of_which_model_decides() {
    let matrix = AccessMatrix::new(access_matrix(&[&SHOP], "/v1"), Vec::new(), Vec::new());
    let get = matrix.row("Shop", "__get__notes").unwrap();
    assert_eq!(get.routes, ["GET /v1/Shops/{id}/notes"]);
    let cell = |caller: &str| get.cells.iter().find(|cell| cell.caller == caller).unwrap();
    // The target lets nobody but a role of its own in.
    assert!(!cell("anonymous").allowed);
    assert_eq!(cell("anonymous").rule, None);
    assert_eq!(cell("anonymous").model.as_deref(), Some("Note"));
    assert!(cell("role:a|b").allowed);
    assert_eq!(
        cell("role:a|b").rule.as_deref(),
        Some("allow(read), to = everyone")
    );
    assert_eq!(cell("role:a|b").model, None);
    // A role that no rule names is logged in like others.
    let find = matrix.row("Shop", "find").unwrap();
    assert!(find.allows("role:nobody") && find.allows("anonymous"));
    assert!(!get.allows("role:nobody"));
    assert!(matrix.row("Note", "find").is_none(), "it is not listed");
}

#[test]
fn an_owner_is_one_where_the_path_names_an_instance() {
    let matrix = matrix(&[allow(Owner)]);
    let allows = |method| matrix.row("Order", method).unwrap().allows("owner");
    assert!(allows("findById") && allows("updateAttributes"));
    assert!(!allows("find") && !allows("create") && !allows("updateAll"));
}

#[test]
fn it_is_aligned_for_people_and_a_table_in_markdown() {
    let mut matrix = AccessMatrix::new(
        access_matrix(&[&SHOP], "/api"),
        Vec::new(),
        vec!["A note.".into()],
    );
    matrix
        .rows
        .retain(|row| row.method == "find" || row.method == "__get__notes");
    let text = "\
Shop
  method        anonymous  authenticated  owner  related  role:a|b  routes
  find          yes        yes            yes    yes      yes       GET /api/Shops
  __get__notes  -          -              -      -        yes       GET /api/Shops/{id}/notes

A note.
";
    assert_eq!(matrix.to_string(), text);
    let markdown = "\
## Shop

| method | anonymous | authenticated | owner | related | role:a\\|b | routes |
|---|---|---|---|---|---|---|
| find | yes | yes | yes | yes | yes | `GET /api/Shops` |
| __get__notes | – | – | – | – | yes | `GET /api/Shops/{id}/notes` |

- A note.";
    assert_eq!(matrix.to_markdown(), markdown);
}

/// What is wider in `after` than in `before`, and what is narrower.
fn changes(before: &[AclDef], after: &[AclDef]) -> AccessChanges {
    matrix(after).changes_since(&matrix(before))
}

#[test]
fn what_lets_more_callers_in_is_wider_and_the_contrary_narrower() {
    let read = [allow(Authenticated).access(Read)];
    let create = [read[0], allow(Authenticated).method("create")];
    let wider = changes(&read, &create);
    assert_eq!(
        wider.widened,
        ["Order.create: authenticated, owner, related by `allow(create), to = authenticated`"]
    );
    assert!(wider.narrowed.is_empty());
    let narrower = changes(&create, &read);
    assert!(narrower.widened.is_empty());
    assert_eq!(
        narrower.narrowed,
        ["Order.create: authenticated, owner, related"]
    );
    assert!(changes(&read, &read).is_empty());
}

#[test]
fn a_role_that_is_named_for_the_first_time_was_logged_in_before() {
    let all = [allow(Authenticated)];
    // What everybody who is logged in may do is nothing new to a member.
    assert!(changes(&all, &[all[0], allow(Role("admin"))]).is_empty());
    let changed = changes(&[], &[allow(Role("admin")).method("find")]);
    let by = "role:admin by `allow(find), to = role(\"admin\")`";
    assert_eq!(changed.widened, [format!("Order.find: {by}")]);
}

#[test]
fn a_refusal_that_is_gone_is_wider() {
    let all = allow(Authenticated);
    let banned = deny(Role("banned")).access(Write);
    let changed = changes(&[all, banned], &[all]);
    let create = "Order.create: role:banned by `allow(all), to = authenticated`";
    assert!(changed.widened.contains(&create.to_owned()), "{changed}");
    assert!(changed.narrowed.is_empty());
    assert_eq!(changes(&[all], &[all, banned]).widened, [""; 0]);
}

/// A file that is not there yet.
fn file() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("access.json");
    (folder, path)
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn the_file_is_written_once_and_when_it_is_accepted() {
    let (_folder, path) = file();
    let closed = matrix(&[allow(Role("admin"))]);
    let missing = closed.compared_with(&path, false, true).unwrap_err();
    assert!(missing.contains("is missing"), "{missing}");
    assert!(!path.exists(), "CI commits nothing");
    let said = closed.compared_with(&path, false, false).unwrap();
    assert!(said.contains("is new"), "{said}");
    let first = read(&path);
    assert!(
        first.contains(
            "    \"find\": {\"allowed\":[\"role:admin\"],\"denied\":[\"anonymous\",\"authenticated\","
        ),
        "{first}"
    );
    assert_eq!(closed.compared_with(&path, false, true).unwrap(), "");

    let open = matrix(&[allow(Everyone).access(Read), allow(Role("admin"))]);
    let complaint = open.compared_with(&path, false, false).unwrap_err();
    for part in [
        "Order.find: anonymous, authenticated, owner, related by `allow(read), to = everyone`",
        "Order.findById: anonymous",
        "LOOPWRIGHT_ACCEPT=1",
    ] {
        assert!(complaint.contains(part), "{part}: {complaint}");
    }
    assert!(!complaint.contains("Order.create:"), "{complaint}");
    assert_eq!(read(&path), first);
    open.compared_with(&path, true, false).unwrap();
    assert_ne!(read(&path), first);

    // Narrower passes, is said, and leaves the file alone.
    let wide = read(&path);
    let said = closed.compared_with(&path, false, true).unwrap();
    assert!(said.contains("Order.find: anonymous"), "{said}");
    assert_eq!(read(&path), wide);
}

#[test]
fn a_method_that_is_new_is_wider_if_somebody_may_call_it() {
    let (_folder, path) = file();
    fs::write(&path, "{}").unwrap();
    let complaint = matrix(&[allow(Role("admin")).method("find")])
        .compared_with(&path, false, false)
        .unwrap_err();
    assert!(
        complaint.contains("Order.find, which is new: role:admin"),
        "{complaint}"
    );
    assert_eq!(matrix(&[]).compared_with(&path, false, false).unwrap(), "");
    // What is gone is narrower.
    let gone = r#"{"Order": {"ship": {"allowed": ["anonymous"], "denied": []}}}"#;
    fs::write(&path, gone).unwrap();
    let said = matrix(&[]).compared_with(&path, false, false).unwrap();
    assert!(said.contains("Order.ship is gone"), "{said}");
}

#[test]
fn what_is_no_such_file_is_said() {
    let (folder, path) = file();
    fs::write(&path, "[]").unwrap();
    let complaint = matrix(&[]).compared_with(&path, false, false).unwrap_err();
    assert!(complaint.contains("LOOPWRIGHT_ACCEPT=1"), "{complaint}");
    let nowhere = folder.path().join("missing/access.json");
    let complaint = matrix(&[])
        .compared_with(&nowhere, false, false)
        .unwrap_err();
    assert!(complaint.contains("can't write"), "{complaint}");
}

static OPEN: [AclDef; 1] = [AclDef::allow(Everyone)];
static EVERY_ROW: [PolicyDef; 1] = [PolicyDef::new(RowAction::ALL, PrincipalDef::Everyone)];
static OWN_ROWS: [PolicyDef; 1] = [PolicyDef::new(&[RowAction::Read], PrincipalDef::Owner)];

/// The matrix of an open model with these limits.
fn limited(policies: &'static [PolicyDef], acls: &'static [AclDef]) -> AccessMatrix {
    let salary = PropertyDef::of::<Option<i64>>("salary", "salary").acls(acls);
    let properties: &'static [PropertyDef] = Box::leak(Box::new([ID[0], salary]));
    let def = ModelDef::new("Order", "Orders", "order", properties);
    let def = def.acls(&OPEN).policies(policies);
    let def: &'static ModelDef = Box::leak(Box::new(def));
    let rows = access_matrix(&[def], "/api");
    AccessMatrix::new(rows, AccessLimit::of(def), Vec::new())
}

#[test]
fn what_limits_rows_and_properties_may_not_go_unnoticed() {
    static HR: [AclDef; 1] = [AclDef::allow(Role("hr")).access(Read)];
    static HR_AND_OWNER: [AclDef; 2] = [
        AclDef::allow(Role("hr")).access(Read),
        AclDef::allow(Owner).access(Read),
    ];
    static BUT_GUESTS: [AclDef; 2] = [
        AclDef::allow(Role("hr")).access(Read),
        AclDef::deny(Role("guest")).access(Read),
    ];
    let text = limited(&OWN_ROWS, &HR_AND_OWNER).to_string();
    assert!(text.contains("  rows: read: owner\n"), "{text}");
    assert!(
        text.contains("  salary: read: owner, role(\"hr\")\n"),
        "{text}"
    );
    let changes = |now: &AccessMatrix, before: &AccessMatrix| now.changes_since(before);
    let (open, own) = (limited(&[], &[]), limited(&OWN_ROWS, &[]));
    assert!(changes(&own, &open).widened.is_empty());
    assert_eq!(changes(&own, &open).narrowed.len(), 1);
    assert_eq!(
        changes(&open, &own).widened,
        ["Order, rows: read: it is not limited any more"]
    );
    let every = limited(&EVERY_ROW, &[]);
    assert_eq!(
        changes(&every, &own).widened,
        ["Order, rows: read: everyone"]
    );
    let (hr, more) = (limited(&[], &HR), limited(&[], &HR_AND_OWNER));
    assert_eq!(changes(&more, &hr).widened, ["Order, salary: read: owner"]);
    assert!(changes(&hr, &more).widened.is_empty());
    assert_eq!(changes(&hr, &more).narrowed, ["Order, salary: read"]);
    let guests = limited(&[], &BUT_GUESTS);
    assert!(changes(&guests, &hr).widened.is_empty());
    assert_eq!(
        changes(&hr, &guests).widened,
        ["Order, salary: read: less is denied"]
    );
    assert!(changes(&guests, &guests).is_empty());
}

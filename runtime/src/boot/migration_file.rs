//! Migrations as Rust: a file for each, and the `mod.rs` that lists them.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::connectors::{Plan, Step};
use crate::{Error, Result};

/// What every `mod.rs` of ours begins with; another one is not written over.
const LIST_HEAD: &str =
    "//! The migrations, oldest first. `migrate create` writes this file anew each time.\n";

/// Writes `plan` as the migration `<version>_<name>` into `folder`, lists it, and says where it is.
///
/// # Errors
/// The name can't be a Rust module's, the folder can't be written to, or its `mod.rs` is not ours.
pub(super) fn write(folder: &Path, version: &str, name: &str, plan: &Plan) -> Result<PathBuf> {
    let is_fit = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if name.is_empty() || !name.bytes().all(is_fit) {
        return Err(Error::internal(format!(
            "`{name}` can't be a migration's name; write it with `a` to `z`, digits and `_`, such as `add_city`"
        )));
    }
    let module = format!("m{version}_{name}");
    let (file, list) = (folder.join(format!("{module}.rs")), folder.join("mod.rs"));
    let cannot = |error| {
        let message = format!(
            "the migration can't be written to the folder `{}`",
            folder.display()
        );
        Error::internal(message).with_source(error)
    };
    if list.exists()
        && !fs::read_to_string(&list)
            .map_err(cannot)?
            .starts_with(LIST_HEAD)
    {
        return Err(Error::internal(format!(
            "`{}` was not written by `migrate create`, or its first line was changed; choose another folder with `--dir`",
            list.display()
        )));
    }
    fs::create_dir_all(folder).map_err(cannot)?;
    fs::write(&file, migration(&module, plan)).map_err(cannot)?;
    let modules = modules(folder).map_err(cannot)?;
    fs::write(list, list_of(&modules)).map_err(cannot)?;
    Ok(file)
}

/// The names of the migrations in `folder`, oldest first.
fn modules(folder: &Path) -> std::io::Result<Vec<String>> {
    let mut modules = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let module = name.to_str().and_then(|name| name.strip_suffix(".rs"));
        modules.extend(module.filter(|name| is_version(name)).map(str::to_owned));
    }
    modules.sort();
    Ok(modules)
}

/// Is this `m20260131_235959_what_it_does`, rather than a module that migrations share?
fn is_version(name: &str) -> bool {
    let day = name
        .strip_prefix('m')
        .and_then(|rest| rest.split('_').next());
    day.is_some_and(|day| day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit()))
}

fn list_of(modules: &[String]) -> String {
    let mut text =
        format!("{LIST_HEAD}\nuse loopwright::connectors::sql::sea_orm_migration::prelude::*;\n\n");
    for module in modules {
        text += &format!("mod {module};\n");
    }
    text += "\n/// Applies the migrations: `App::migrations::<Migrator>()`.\npub struct Migrator;\n\n\
        impl MigratorTrait for Migrator {\n    fn migrations() -> Vec<Box<dyn MigrationTrait>> {\n        vec![\n            \
        // In the order in which they are applied.\n";
    for module in modules {
        text += &format!("            Box::new({module}::Migration),\n");
    }
    text += "        ]\n    }\n}\n";
    text
}

fn migration(module: &str, plan: &Plan) -> String {
    let mut text =
        "//! Written by `migrate create`; change what you like before it is applied.\n\n\
        use loopwright::connectors::sql::sea_orm_migration::prelude::*;\n\n\
        /// What is done, in this order.\nconst UP: &[&str] = &[\n"
            .to_owned();
    for step in &plan.steps {
        list(&mut text, "", step, &step.statements);
    }
    text += "];\n";
    let one_way = plan.steps.iter().find(|step| step.undo.is_none());
    if one_way.is_none() {
        text += "\n/// What undoes it.\nconst DOWN: &[&str] = &[\n";
        for step in plan.steps.iter().rev() {
            list(
                &mut text,
                "undo: ",
                step,
                step.undo.as_deref().unwrap_or_default(),
            );
        }
        text += "];\n";
    }
    let _ = write!(
        text,
        "\n/// The migration.\npub struct Migration;\n\nimpl MigrationName for Migration {{\n    fn name(&self) -> &str {{\n        \
         \"{module}\"\n    }}\n}}\n\n#[async_trait::async_trait]\nimpl MigrationTrait for Migration {{\n"
    );
    text += &method("up", "UP");
    text += "\n";
    match one_way {
        None => text += &method("down", "DOWN"),
        Some(step) => {
            let reason = format!("there is no way back from: {}", step.difference.action);
            let _ = write!(
                text,
                "    async fn down(&self, _manager: &SchemaManager) -> Result<(), DbErr> {{\n        \
                 Err(DbErr::Migration(\n            // No statement brings back what was there.\n            \
                 {reason:?}.to_owned(),\n        ))\n    }}\n"
            );
        }
    }
    text += "}\n";
    text
}

fn method(name: &str, statements: &str) -> String {
    format!(
        "    async fn {name}(&self, manager: &SchemaManager) -> Result<(), DbErr> {{\n        \
         let connection = manager.get_connection();\n        for statement in {statements} {{\n            \
         connection.execute_unprepared(statement).await?;\n        }}\n        Ok(())\n    }}\n"
    )
}

/// The statements as items of a list, below a comment that says what they do.
fn list(text: &mut String, before: &str, step: &Step, statements: &[String]) {
    let action = step.difference.action.replace(char::is_control, " ");
    *text += &format!("    // {before}{action}\n");
    for statement in statements {
        *text += &format!("    {},\n", literal(statement));
    }
}

/// A text as Rust: as it is where that can be read.
fn literal(text: &str) -> String {
    // A carriage return may not stand in a raw string.
    if text.contains('\r') || !text.contains(['"', '\\', '\n']) {
        return format!("{text:?}");
    }
    let mut fence = "#".to_owned();
    while text.contains(&format!("\"{fence}")) {
        fence.push('#');
    }
    format!("r{fence}\"{text}\"{fence}")
}

//! What the first start puts into the empty database.

use loopwright::builtin::{Role, RoleMapping, User};
use loopwright::prelude::*;

use crate::model::{Membership, Person, Project, Task};

/// Three people, who all have the password `secret`, two projects, and somebody who may do everything.
pub async fn load(app: Application) -> Result<()> {
    let people = app.repository::<Person>()?;
    if people.find().count().await? > 0 {
        return Ok(());
    }
    for name in ["Ann", "Bob", "Eve"] {
        let email = format!("{}@projects.example", name.to_lowercase());
        let person = Person {
            user: User::new(email, "secret"),
            name: name.into(),
        };
        people.create(person).await?;
    }
    let admin = app.repository::<Role>()?.create(role("admin")).await?;
    app.repository::<RoleMapping>()?
        .create(RoleMapping {
            principal_type: Some(RoleMapping::OF_USER.into()),
            principal_id: Some("3".into()),
            role_id: Some(admin.id),
            ..RoleMapping::default()
        })
        .await?;
    let projects = app.repository::<Project>()?;
    for (name, owner_id) in [("Garden", 1), ("Roof", 2)] {
        let project = Project {
            name: name.into(),
            owner_id,
            ..Project::default()
        };
        projects.create(project).await?;
    }
    let membership = Membership {
        project_id: 1,
        person_id: 2,
        ..Membership::default()
    };
    app.repository::<Membership>()?.create(membership).await?;
    let tasks = app.repository::<Task>()?;
    for (title, public, person_id) in [("Dig", true, 1), ("Plant", false, 1), ("Water", false, 2)] {
        let task = Task {
            title: title.into(),
            public,
            person_id,
            project_id: 1,
            ..Task::default()
        };
        tasks.create(task).await?;
    }
    Ok(())
}

fn role(name: &str) -> Role {
    Role {
        name: name.into(),
        ..Role::default()
    }
}

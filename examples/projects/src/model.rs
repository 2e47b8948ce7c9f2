//! The models, and who may do what with them.

use loopwright::builtin::{RoleQuery, User};
use loopwright::prelude::*;

/// Somebody who works. Everything that users do (register, log in, change their password) comes from `User`, with its rules.
#[derive(Model, Clone, Debug)]
pub struct Person {
    /// The e-mail address, the password and the rest.
    #[model(base)]
    pub user: User,
    /// What others call them.
    pub name: String,
}

/// What a team works on. Everybody sees the list; the owner decides.
#[derive(Model, Clone, Debug, Default)]
#[acl(allow(find, count), to = everyone)]
#[acl(allow(create), to = authenticated)]
#[acl(allow(find_by_id, __get__tasks, __create__tasks), to = role("team member"))]
#[acl(allow(all), to = owner)]
#[acl(allow(all), to = role("admin"))]
pub struct Project {
    /// Identifies the project.
    #[model(id, generated)]
    pub id: i64,
    /// What it is called.
    #[validate(length(min = 2, max = 80))]
    pub name: String,
    /// Whose it is: by this relation the word `owner` in the rules knows.
    pub owner_id: i64,

    /// Whose it is.
    #[relation(belongs_to)]
    pub owner: BelongsTo<Person>,
    /// What is to be done.
    #[relation(has_many)]
    pub tasks: HasMany<Task>,
}

/// Who works on which project. Only the program itself reads it.
#[derive(Model, Clone, Debug, Default)]
#[model(public = false)]
pub struct Membership {
    /// Identifies the membership.
    #[model(id, generated)]
    pub id: i64,
    /// The project.
    #[model(index)]
    pub project_id: i64,
    /// Who works on it.
    #[model(index)]
    pub person_id: i64,
}

/// Something to be done. Who is logged in may ask for tasks, and gets those that are public or their own: the policies
/// say which, for lists, counts, includes, changes and deletions alike.
#[derive(Model, Clone, Debug, Default)]
#[acl(allow(all), to = authenticated)]
#[policy(read, to = everyone, rows = Task::PUBLIC.eq(true))]
#[policy(all, to = owner)]
#[policy(all, to = role("admin"))]
pub struct Task {
    /// Identifies the task.
    #[model(id, generated)]
    pub id: i64,
    /// What is to be done.
    pub title: String,
    /// May everybody see it?
    #[model(default = false)]
    pub public: bool,
    /// The project that it is a part of.
    #[model(index)]
    pub project_id: i64,
    /// Who is to do it.
    pub person_id: i64,

    /// Who is to do it.
    #[relation(belongs_to)]
    pub person: BelongsTo<Person>,
    /// The project that it is a part of.
    #[relation(belongs_to)]
    pub project: BelongsTo<Project>,
}

/// Does the caller work on the project that the call is about?
pub async fn is_team_member(query: RoleQuery) -> Result<bool> {
    let person = query
        .caller()
        .user_id()
        .and_then(|id| id.parse::<i64>().ok());
    let project = query.id().and_then(|id| id.parse::<i64>().ok());
    let (Some(person), Some(project)) = (person, project) else {
        return Ok(false);
    };
    let works = Membership::PERSON_ID
        .eq(person)
        .and(Membership::PROJECT_ID.eq(project));
    Ok(query.repository::<Membership>()?.count(works).await? > 0)
}

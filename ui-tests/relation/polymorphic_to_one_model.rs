use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Picture {
    #[model(id)]
    id: i64,
    employee_id: Option<i64>,
    employee_type: Option<String>,
    #[relation(belongs_to, polymorphic)]
    employee: BelongsTo<Employee>,
}

#[derive(Model)]
#[acl(open)]
struct Employee {
    #[model(id)]
    id: i64,
}

fn main() {}

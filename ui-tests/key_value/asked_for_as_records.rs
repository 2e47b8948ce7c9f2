use loopwright::prelude::*;

#[derive(KeyValueModel)]
#[acl(open)]
struct Page(String);

fn pages(app: &Application) {
    let _ = app.repository::<Page>();
}

fn main() {}

use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Note {
    #[model(id)]
    id: i64,
    text: String,
}

#[loopwright::methods]
impl Default for Note {
    fn default() -> Self {
        Note {
            id: 0,
            text: String::new(),
        }
    }
}

fn main() {}

use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Note {
    #[model(id)]
    id: i64,
    text: String,
}

#[loopwright::methods]
impl Note {
    #[scope]
    fn by_text(text: String) -> Filter {
        Filter::matching(Note::TEXT.eq(text))
    }

    #[scope(defualt)]
    fn all() -> Filter {
        Filter::ALL
    }

    #[scope]
    fn none() -> Condition {
        Condition::NONE
    }
}

fn main() {}

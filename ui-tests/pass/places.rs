//! Models stand in private modules, in function bodies and beside each other.

use loopwright::prelude::*;

mod outer {
    use loopwright::prelude::*;
    use loopwright::query::Column;

    mod private {
        use loopwright::prelude::*;

        /// Seen from two modules up.
        #[derive(Model)]
        #[acl(open)]
        pub(in crate::places) struct Hidden {
            #[model(id)]
            pub(super) id: i64,
            pub(in crate::places) name: String,
        }
    }

    /// Points into a private module.
    #[derive(Model)]
    #[acl(open)]
    pub(super) struct Visible {
        #[model(id)]
        pub(super) id: i64,
        hidden_id: i64,
        #[relation(belongs_to)]
        hidden: BelongsTo<private::Hidden>,
    }

    pub(super) const fn name() -> &'static str {
        private::Hidden::DEF.name
    }

    pub(super) const fn title() -> Column<private::Hidden, String> {
        private::Hidden::NAME
    }
}

#[test]
fn in_modules() {
    assert_eq!(outer::name(), "Hidden");
    assert_eq!(outer::title().index(), 1);
    assert_eq!(outer::Visible::ID.index(), 0);
}

#[test]
fn in_a_function() {
    #[derive(Model)]
    #[acl(open)]
    struct Local {
        #[model(id)]
        id: Key,
        #[model(default = text)]
        text: String,
        #[relation(has_many, key = id)]
        locals: HasMany<Self>,
    }

    #[derive(Property, Clone)]
    struct Key(i64);

    fn text() -> String {
        "text".to_owned()
    }

    assert_eq!(Local::DEF.name, "Local");
    assert_eq!(Local::TEXT.index(), 1);
}

//! Relations to any model, to lists of ids, and to what is kept within its owner.

use super::*;

const PHOTO: (&str, &str) = (
    "src/models/photo.rs",
    "use loopwright::prelude::*;\n\n#[derive(Model)]\npub struct Photo {\n    #[model(id, generated)]\n    pub id: i64,\n    pub subject_id: i64,\n    pub subject_type: String,\n    #[relation(belongs_to, polymorphic)]\n    pub subject: BelongsTo<AnyModel>,\n}\n",
);

/// The key is of the type of the others' ids.
#[test]
fn to_any_model() {
    check(
        &[SHOP, REVIEW],
        &[
            "relation",
            "Review",
            "belongs-to",
            "AnyModel",
            "--name",
            "subject",
            "--optional",
        ],
        &expect![[r#"
            --- src/models/review.rs
            use loopwright::prelude::*;

            #[derive(Model)]
            #[acl(open)]
            pub struct Review {
                #[model(id, generated)]
                pub id: Uuid,
                pub rating: u8,
                pub shop_id: i64,
                #[model(index)]
                pub subject_id: Option<i64>,
                pub subject_type: Option<String>,

                #[relation(belongs_to, polymorphic)]
                pub subject: BelongsTo<AnyModel>,
            }
        "#]],
    );
    let message = refused(&SHOPS, &["relation", "Shop", "belongs-to", "AnyModel"]);
    assert!(message.contains("(`--name`) is missing"), "{message}");
    let message = refused(
        &[SHOP, REVIEW, PHOTO],
        &[
            "relation",
            "Photo",
            "belongs-to",
            "AnyModel",
            "--name",
            "other",
        ],
    );
    assert!(
        message.contains("`--key-type` which of them it leads to: Uuid, i64"),
        "{message}"
    );
    let changes = added(
        &[SHOP, REVIEW, PHOTO],
        &[
            "relation",
            "Photo",
            "belongs-to",
            "AnyModel",
            "--name",
            "other",
            "--key-type",
            "string",
        ],
    );
    let changes = changes.unwrap();
    let photo = changes.text("src/models/photo.rs").unwrap();
    assert!(photo.contains("pub other_id: String,"), "{photo}");
}

#[test]
fn back_from_any_model() {
    let files = [INDEX, SHOP, REVIEW, PHOTO];
    check(
        &files,
        &["relation", "Shop", "has-many", "Photo", "--polymorphic"],
        &expect![[r#"
            --- src/models/shop.rs
            use loopwright::prelude::*;

            use super::Review;

            use crate::models::photo::Photo;

            /// A shop,   oddly formatted.
            #[derive(Model, Clone, Debug, Default)]
            #[acl(allow(read), to = everyone)] // for now
            pub struct Shop {
                #[model(id, generated)]
                pub id:   i64, // counted
                /// On the sign.
                pub name: String, // not unique

                #[relation(has_many)]
                pub reviews: HasMany<Review>,
                #[relation(has_many, polymorphic = subject)]
                pub photos: HasMany<Photo>,
            }
        "#]],
    );
    let named = added(
        &files,
        &[
            "relation",
            "Shop",
            "has-one",
            "Photo",
            "--polymorphic=subject",
            "--name",
            "sign",
        ],
    )
    .unwrap();
    let shop = named.text("src/models/shop.rs").unwrap();
    assert!(
        shop.contains("#[relation(has_one, polymorphic = subject)]\n    pub sign: HasOne<Photo>,"),
        "{shop}"
    );
    let through = added(
        &files,
        &[
            "relation",
            "Shop",
            "has-many",
            "Review",
            "--name",
            "seen",
            "--through",
            "Photo",
            "--polymorphic",
        ],
    )
    .unwrap();
    let shop = through.text("src/models/shop.rs").unwrap();
    assert!(
        shop.contains("#[relation(has_many, through = Photo, polymorphic = subject)]"),
        "{shop}"
    );
    let photo = through.text("src/models/photo.rs").unwrap();
    assert!(
        photo.contains("pub review_id: Uuid,") && !photo.contains("shop_id"),
        "{photo}"
    );

    let message = refused(
        &files,
        &[
            "relation",
            "Shop",
            "has-many",
            "Photo",
            "--polymorphic=subjct",
        ],
    );
    assert!(message.contains("did you mean `subject`?"), "{message}");
    let message = refused(
        &files,
        &["relation", "Shop", "has-one", "Review", "--polymorphic"],
    );
    assert!(
        message.contains(
            "`loopwright add relation Review belongs-to AnyModel --name subject` adds one"
        ),
        "{message}"
    );
    for wrong in [
        vec!["relation", "Shop", "belongs-to", "Review", "--polymorphic"],
        vec!["relation", "Shop", "has-many", "AnyModel"],
        vec![
            "relation",
            "Shop",
            "has-many",
            "Photo",
            "--key-type",
            "string",
        ],
    ] {
        assert!(
            matches!(added(&files, &wrong), Err(Error::Usage(_))),
            "{wrong:?}"
        );
    }
}

#[test]
fn a_list_of_ids() {
    check(
        &SHOPS,
        &[
            "relation",
            "Shop",
            "references-many",
            "Review",
            "--name",
            "best",
        ],
        &expect![[r#"
            --- src/models/shop.rs
            use loopwright::prelude::*;

            use super::Review;

            /// A shop,   oddly formatted.
            #[derive(Model, Clone, Debug, Default)]
            #[acl(allow(read), to = everyone)] // for now
            pub struct Shop {
                #[model(id, generated)]
                pub id:   i64, // counted
                /// On the sign.
                pub name: String, // not unique
                pub review_ids: Vec<Uuid>,

                #[relation(has_many)]
                pub reviews: HasMany<Review>,
                #[relation(references_many)]
                pub best: ReferencesMany<Review>,
            }
        "#]],
    );
    let changes = added(
        &SHOPS,
        &[
            "relation",
            "Shop",
            "references-many",
            "Review",
            "--name",
            "best",
            "--key",
            "best_ids",
        ],
    )
    .unwrap();
    let shop = changes.text("src/models/shop.rs").unwrap();
    assert!(
        shop.contains("#[relation(references_many, key = best_ids)]")
            && shop.contains("pub best_ids: Vec<Uuid>,"),
        "{shop}"
    );
}

#[test]
fn what_is_kept_within_its_owner() {
    check(
        &SHOPS,
        &[
            "relation",
            "Shop",
            "embeds-many",
            "Review",
            "--name",
            "quotes",
        ],
        &expect![[r#"
            --- src/models/shop.rs
            use loopwright::prelude::*;

            use super::Review;

            /// A shop,   oddly formatted.
            #[derive(Model, Clone, Debug, Default)]
            #[acl(allow(read), to = everyone)] // for now
            pub struct Shop {
                #[model(id, generated)]
                pub id:   i64, // counted
                /// On the sign.
                pub name: String, // not unique

                #[relation(has_many)]
                pub reviews: HasMany<Review>,
                #[relation(embeds_many)]
                pub quotes: EmbedsMany<Review>,
            }
        "#]],
    );
    let changes = added(&SHOPS, &["relation", "Shop", "embedsOne", "Review"]).unwrap();
    let shop = changes.text("src/models/shop.rs").unwrap();
    assert!(
        shop.contains("#[relation(embeds_one)]\n    pub review: EmbedsOne<Review>,"),
        "{shop}"
    );
    for wrong in [
        vec!["relation", "Shop", "embeds-one", "Shop"],
        vec!["relation", "Shop", "embeds-one", "Review", "--key", "x"],
        vec![
            "relation",
            "Shop",
            "embeds-one",
            "Review",
            "--through",
            "Review",
        ],
    ] {
        assert!(
            matches!(added(&SHOPS, &wrong), Err(Error::Usage(_))),
            "{wrong:?}"
        );
    }
}

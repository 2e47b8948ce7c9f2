/// A coffee shop.
///
/// People review it.
#[derive(Model)]
#[model(name = "Cafe", path = "cafes", table = "coffee_shops", crate = ::renamed)]
#[model(unique(country, name), index(stars, desc(opened), name = "by_stars"))]
#[acl(allow(read, __get__opinions), to = everyone)]
#[acl(allow(write, execute), to = owner)]
#[acl(deny(all), to = unauthenticated)]
#[acl(allow(all), to = role("admin"))]
struct CoffeeShop {
    /// Identifies the shop.
    #[model(id, generated)]
    id: ShopId,
    #[model(name = "title", column = "caption", index)]
    #[validate(presence, length(min = 2, max = 80), format("^[^!]+$"), uniqueness(scoped_to(stars)))]
    name: String,
    #[validate(range(min = -0.5, max = 5), exclusion(0), message(min = "too few"), unless = Self::is_new)]
    stars: Option<f64>,
    #[validate(length(is = 2), inclusion("de", "ch"))]
    country: String,
    #[model(default = now, hidden)]
    opened: DateTime<Utc>,
    #[model(default = uuid, unique)]
    token: Uuid,
    #[model(default = -1)]
    rank: i32,
    #[model(default = codes::next)]
    #[validate(absence)]
    r#type: Option<String>,
    owner_id: Option<i64>,
    chief: ShopId,
    #[relation(belongs_to, constraint, on_delete = "set null")]
    owner: BelongsTo<Customer>,
    #[relation(belongs_to, key = chief)]
    parent: BelongsTo<Self>,
    /// What people say.
    #[relation(has_many, key = shop, name = "opinions")]
    reviews: HasMany<Review>,
    #[relation(has_one)]
    licence: HasOne<Licence>,
}

// expands to

#[allow(deprecated)]
const _: () = {
    use ::renamed::__private as __lw;
    #[allow(unused_imports)]
    use __lw::NoMethods as _;
    static __LW_DEF: __lw::ModelDef = __lw::ModelDef::new(
            "Cafe",
            "cafes",
            "coffee_shops",
            &[
                <ShopId as __lw::Property>::PROPERTY
                    .named("id", "id")
                    .docs("Identifies the shop.")
                    .id()
                    .generated(),
                <String as __lw::Property>::PROPERTY
                    .named("title", "name")
                    .column("caption")
                    .index(__lw::IndexDef::Plain)
                    .rules(
                        &[
                            __lw::RuleDef::new(__lw::Rule::Presence),
                            __lw::RuleDef::new(__lw::Rule::Length {
                                min: __lw::Some(2),
                                max: __lw::Some(80),
                                is: __lw::None,
                            }),
                            __lw::RuleDef::new(
                                __lw::Rule::Format(__lw::Format::Pattern("^[^!]+$")),
                            ),
                            __lw::RuleDef::new(__lw::Rule::Uniqueness {
                                scoped_to: &[2usize],
                            }),
                        ],
                    ),
                <Option<f64> as __lw::Property>::PROPERTY
                    .named("stars", "stars")
                    .rules(
                        &[
                            __lw::RuleDef::new(__lw::Rule::Range {
                                    min: __lw::Some(-0.5),
                                    max: __lw::Some(5.0),
                                })
                                .messages(&[("min", "too few")])
                                .unless(
                                    __lw::Guard::Function(|__lw_record, __lw_place| __lw::guard::<
                                        CoffeeShop,
                                    >(__lw_record, __lw_place, CoffeeShop::is_new)),
                                ),
                            __lw::RuleDef::new(
                                    __lw::Rule::Exclusion(&[__lw::Literal::Integer(0)]),
                                )
                                .messages(&[("min", "too few")])
                                .unless(
                                    __lw::Guard::Function(|__lw_record, __lw_place| __lw::guard::<
                                        CoffeeShop,
                                    >(__lw_record, __lw_place, CoffeeShop::is_new)),
                                ),
                        ],
                    ),
                <String as __lw::Property>::PROPERTY
                    .named("country", "country")
                    .rules(
                        &[
                            __lw::RuleDef::new(__lw::Rule::Length {
                                min: __lw::None,
                                max: __lw::None,
                                is: __lw::Some(2),
                            }),
                            __lw::RuleDef::new(
                                __lw::Rule::Inclusion(
                                    &[__lw::Literal::String("de"), __lw::Literal::String("ch")],
                                ),
                            ),
                        ],
                    ),
                <DateTime<Utc> as __lw::Property>::PROPERTY
                    .named("opened", "opened")
                    .default(__lw::DefaultDef::Now)
                    .hidden(),
                <Uuid as __lw::Property>::PROPERTY
                    .named("token", "token")
                    .default(__lw::DefaultDef::Uuid)
                    .index(__lw::IndexDef::Unique),
                <i32 as __lw::Property>::PROPERTY
                    .named("rank", "rank")
                    .default(__lw::DefaultDef::Literal(__lw::Literal::Integer(-1))),
                <Option<String> as __lw::Property>::PROPERTY
                    .named("type", "type")
                    .default(
                        __lw::DefaultDef::Function(|| __lw::default_value::<
                            Option<String>,
                            _,
                        >(codes::next())),
                    )
                    .rules(&[__lw::RuleDef::new(__lw::Rule::Absence)]),
                <Option<i64> as __lw::Property>::PROPERTY.named("ownerId", "owner_id"),
                <ShopId as __lw::Property>::PROPERTY.named("chief", "chief"),
            ],
        )
        .docs("A coffee shop.\n\nPeople review it.")
        .indexes(
            &[
                __lw::CompositeIndexDef::new(
                    __lw::IndexDef::Unique,
                    &[
                        __lw::IndexKey::ascending(3usize),
                        __lw::IndexKey::ascending(1usize),
                    ],
                ),
                __lw::CompositeIndexDef::new(
                        __lw::IndexDef::Plain,
                        &[
                            __lw::IndexKey::ascending(2usize),
                            __lw::IndexKey::descending(4usize),
                        ],
                    )
                    .name("by_stars"),
                __lw::CompositeIndexDef::new(
                    __lw::IndexDef::Unique,
                    &[
                        __lw::IndexKey::ascending(2usize),
                        __lw::IndexKey::ascending(1usize),
                    ],
                ),
            ],
        )
        .relations(
            &[
                __lw::RelationDef::new(
                        __lw::RelationKind::BelongsTo,
                        "owner",
                        <BelongsTo<Customer> as __lw::RelationField>::TARGET,
                        "owner_id",
                    )
                    .constraint()
                    .on_delete(__lw::OnDelete::SetNull),
                __lw::RelationDef::new(
                    __lw::RelationKind::BelongsTo,
                    "parent",
                    <BelongsTo<CoffeeShop> as __lw::RelationField>::TARGET,
                    "chief",
                ),
                __lw::RelationDef::new(
                        __lw::RelationKind::HasMany,
                        "opinions",
                        <HasMany<Review> as __lw::RelationField>::TARGET,
                        "shop",
                    )
                    .docs("What people say."),
                __lw::RelationDef::new(
                    __lw::RelationKind::HasOne,
                    "licence",
                    <HasOne<Licence> as __lw::RelationField>::TARGET,
                    "coffee_shop_id",
                ),
            ],
        )
        .acls(
            &[
                __lw::AclDef::allow(__lw::PrincipalDef::Everyone)
                    .access(__lw::AccessType::Read),
                __lw::AclDef::allow(__lw::PrincipalDef::Everyone)
                    .method("__get__opinions"),
                __lw::AclDef::allow(__lw::PrincipalDef::Owner)
                    .access(__lw::AccessType::Write),
                __lw::AclDef::allow(__lw::PrincipalDef::Owner)
                    .access(__lw::AccessType::Execute),
                __lw::AclDef::deny(__lw::PrincipalDef::Unauthenticated),
                __lw::AclDef::allow(__lw::PrincipalDef::Role("admin")),
            ],
        )
        .methods(CoffeeShop::__LW_METHODS);
    #[automatically_derived]
    impl __lw::Model for CoffeeShop {
        type Id = ShopId;
        const DEF: &'static __lw::ModelDef = &__LW_DEF;
        fn id(&self) -> Self::Id {
            <ShopId as ::core::clone::Clone>::clone(&self.id)
        }
        fn from_record(
            record: &mut __lw::Record,
        ) -> __lw::Result<Self, __lw::PropertyError> {
            __lw::Ok(Self {
                id: <ShopId as __lw::Property>::take_from(record, 0usize)?,
                name: <String as __lw::Property>::take_from(record, 1usize)?,
                stars: <Option<f64> as __lw::Property>::take_from(record, 2usize)?,
                country: <String as __lw::Property>::take_from(record, 3usize)?,
                opened: <DateTime<Utc> as __lw::Property>::take_from(record, 4usize)?,
                token: <Uuid as __lw::Property>::take_from(record, 5usize)?,
                rank: <i32 as __lw::Property>::take_from(record, 6usize)?,
                r#type: <Option<String> as __lw::Property>::take_from(record, 7usize)?,
                owner_id: <Option<i64> as __lw::Property>::take_from(record, 8usize)?,
                chief: <ShopId as __lw::Property>::take_from(record, 9usize)?,
                owner: <BelongsTo<
                    Customer,
                > as __lw::RelationField>::take_from(record, 0usize)?,
                parent: <BelongsTo<
                    CoffeeShop,
                > as __lw::RelationField>::take_from(record, 1usize)?,
                reviews: <HasMany<
                    Review,
                > as __lw::RelationField>::take_from(record, 2usize)?,
                licence: <HasOne<
                    Licence,
                > as __lw::RelationField>::take_from(record, 3usize)?,
            })
        }
        fn into_record(self) -> __lw::Record {
            let mut record = __lw::Record::new(&__LW_DEF);
            <ShopId as __lw::Property>::put_into(&mut record, 0usize, self.id);
            <String as __lw::Property>::put_into(&mut record, 1usize, self.name);
            <Option<f64> as __lw::Property>::put_into(&mut record, 2usize, self.stars);
            <String as __lw::Property>::put_into(&mut record, 3usize, self.country);
            <DateTime<
                Utc,
            > as __lw::Property>::put_into(&mut record, 4usize, self.opened);
            <Uuid as __lw::Property>::put_into(&mut record, 5usize, self.token);
            <i32 as __lw::Property>::put_into(&mut record, 6usize, self.rank);
            <Option<
                String,
            > as __lw::Property>::put_into(&mut record, 7usize, self.r#type);
            <Option<
                i64,
            > as __lw::Property>::put_into(&mut record, 8usize, self.owner_id);
            <ShopId as __lw::Property>::put_into(&mut record, 9usize, self.chief);
            record
        }
        fn put_related(
            &mut self,
            record: &mut __lw::Record,
            place: __lw::Place,
        ) -> __lw::Result<(), __lw::Error> {
            <BelongsTo<
                Customer,
            > as __lw::RelationField>::move_into(
                &mut self.owner,
                record,
                place.relations + 0usize,
            )?;
            <BelongsTo<
                CoffeeShop,
            > as __lw::RelationField>::move_into(
                &mut self.parent,
                record,
                place.relations + 1usize,
            )?;
            <HasMany<
                Review,
            > as __lw::RelationField>::move_into(
                &mut self.reviews,
                record,
                place.relations + 2usize,
            )?;
            <HasOne<
                Licence,
            > as __lw::RelationField>::move_into(
                &mut self.licence,
                record,
                place.relations + 3usize,
            )?;
            __lw::Ok(())
        }
    }
    #[automatically_derived]
    #[allow(dead_code)]
    impl CoffeeShop {
        ///Identifies the shop.
        const ID: __lw::Column<Self, ShopId> = __lw::Column::new(0usize);
        ///The property `name`.
        const NAME: __lw::Column<Self, String> = __lw::Column::new(1usize);
        ///The property `stars`.
        const STARS: __lw::Column<Self, Option<f64>> = __lw::Column::new(2usize);
        ///The property `country`.
        const COUNTRY: __lw::Column<Self, String> = __lw::Column::new(3usize);
        ///The property `opened`.
        const OPENED: __lw::Column<Self, DateTime<Utc>> = __lw::Column::new(4usize);
        ///The property `token`.
        const TOKEN: __lw::Column<Self, Uuid> = __lw::Column::new(5usize);
        ///The property `rank`.
        const RANK: __lw::Column<Self, i32> = __lw::Column::new(6usize);
        ///The property `type`.
        const TYPE: __lw::Column<Self, Option<String>> = __lw::Column::new(7usize);
        ///The property `owner_id`.
        const OWNER_ID: __lw::Column<Self, Option<i64>> = __lw::Column::new(8usize);
        ///The property `chief`.
        const CHIEF: __lw::Column<Self, ShopId> = __lw::Column::new(9usize);
        ///The relation `owner`.
        const OWNER: __lw::Relation<Self, BelongsTo<Customer>> = __lw::Relation::new(
            0usize,
        );
        ///The relation `parent`.
        const PARENT: __lw::Relation<Self, BelongsTo<CoffeeShop>> = __lw::Relation::new(
            1usize,
        );
        ///What people say.
        const REVIEWS: __lw::Relation<Self, HasMany<Review>> = __lw::Relation::new(
            2usize,
        );
        ///The relation `licence`.
        const LICENCE: __lw::Relation<Self, HasOne<Licence>> = __lw::Relation::new(
            3usize,
        );
    }
    const _: () = __lw::check::id(&__LW_DEF);
    const _: () = __lw::check::default(&__LW_DEF.properties[4usize]);
    const _: () = __lw::check::default(&__LW_DEF.properties[5usize]);
    const _: () = __lw::check::default(&__LW_DEF.properties[6usize]);
    const _: () = __lw::check::rule(&__LW_DEF.properties[1usize], 0usize);
    const _: () = __lw::check::rule(&__LW_DEF.properties[1usize], 1usize);
    const _: () = __lw::check::rule(&__LW_DEF.properties[1usize], 2usize);
    const _: () = __lw::check::rule(&__LW_DEF.properties[1usize], 3usize);
    const _: () = __lw::check::rule(&__LW_DEF.properties[2usize], 0usize);
    const _: () = __lw::check::rule(&__LW_DEF.properties[2usize], 1usize);
    const _: () = __lw::check::rule(&__LW_DEF.properties[3usize], 0usize);
    const _: () = __lw::check::rule(&__LW_DEF.properties[3usize], 1usize);
    const _: () = __lw::check::rule(&__LW_DEF.properties[7usize], 0usize);
    const _: () = __lw::check::indexed(&__LW_DEF.properties[3usize]);
    const _: () = __lw::check::indexed(&__LW_DEF.properties[1usize]);
    const _: () = __lw::check::indexed(&__LW_DEF.properties[2usize]);
    const _: () = __lw::check::indexed(&__LW_DEF.properties[4usize]);
    const _: () = __lw::check::indexed(&__LW_DEF.properties[2usize]);
    const _: () = __lw::check::indexed(&__LW_DEF.properties[1usize]);
    const _: () = {
        __lw::check::relation_kind(
            &__LW_DEF,
            0usize,
            <BelongsTo<Customer> as __lw::RelationField>::KIND,
        );
        __lw::check::relation(
            &__LW_DEF,
            0usize,
            <BelongsTo<Customer> as __lw::RelationField>::TARGET_DEF,
        );
        __lw::check::on_delete(
            &__LW_DEF,
            0usize,
            <BelongsTo<Customer> as __lw::RelationField>::TARGET_DEF,
        );
    };
    const _: () = {
        __lw::check::relation_kind(
            &__LW_DEF,
            1usize,
            <BelongsTo<CoffeeShop> as __lw::RelationField>::KIND,
        );
        __lw::check::relation(
            &__LW_DEF,
            1usize,
            <BelongsTo<CoffeeShop> as __lw::RelationField>::TARGET_DEF,
        );
    };
    const _: () = {
        __lw::check::relation_kind(
            &__LW_DEF,
            2usize,
            <HasMany<Review> as __lw::RelationField>::KIND,
        );
        __lw::check::relation(
            &__LW_DEF,
            2usize,
            <HasMany<Review> as __lw::RelationField>::TARGET_DEF,
        );
    };
    const _: () = {
        __lw::check::relation_kind(
            &__LW_DEF,
            3usize,
            <HasOne<Licence> as __lw::RelationField>::KIND,
        );
        __lw::check::relation(
            &__LW_DEF,
            3usize,
            <HasOne<Licence> as __lw::RelationField>::TARGET_DEF,
        );
    };
    const _: () = __lw::check::acl_method(&__LW_DEF, "__get__opinions");
    const _: () = __lw::check::owner(
        &__LW_DEF,
        &[
            <BelongsTo<Customer> as __lw::RelationField>::TARGET_DEF,
            <BelongsTo<CoffeeShop> as __lw::RelationField>::TARGET_DEF,
        ],
    );
};

/// With relations that say more than their kind.
#[derive(Model)]
#[acl(open)]
pub struct Physician {
    #[model(id)]
    id: i64,
    code: String,
    subject_id: i64,
    subject_type: String,
    #[relation(belongs_to, polymorphic)]
    subject: BelongsTo<AnyModel>,
    #[relation(has_many, through = records::Appointment)]
    patients: HasMany<Patient>,
    #[relation(has_and_belongs_to_many)]
    wards: HasMany<Ward>,
    #[relation(has_many, polymorphic = holder, through = PictureLink, inverse, key_through = owner_id)]
    holders: HasMany<Employee>,
    #[relation(has_many, primary_key = code, scope = recent, properties(code, id = doctor), path = "notes-of", nest_remoting)]
    notes: HasMany<Note>,
    #[relation(has_one, polymorphic = imageable, discriminator = kind, disable_include)]
    picture: HasOne<Picture>,
}

// expands to

#[allow(deprecated)]
const _: () = {
    use ::loopwright::__private as __lw;
    #[allow(unused_imports)]
    use __lw::NoMethods as _;
    static __LW_DEF: __lw::ModelDef = __lw::ModelDef::new(
            "Physician",
            "Physicians",
            "physician",
            &[
                <i64 as __lw::Property>::PROPERTY.named("id", "id").id(),
                <String as __lw::Property>::PROPERTY.named("code", "code"),
                <i64 as __lw::Property>::PROPERTY.named("subjectId", "subject_id"),
                <String as __lw::Property>::PROPERTY.named("subjectType", "subject_type"),
            ],
        )
        .docs("With relations that say more than their kind.")
        .relations(
            &[
                __lw::RelationDef::to_any("subject", "subject_id", "subject_type"),
                __lw::RelationDef::new(
                        __lw::RelationKind::HasMany,
                        "patients",
                        <HasMany<Patient> as __lw::RelationField>::TARGET,
                        "physician_id",
                    )
                    .through(
                        __lw::Through::new(
                            || <records::Appointment as __lw::Model>::DEF,
                            "patient_id",
                        ),
                    ),
                __lw::RelationDef::new(
                        __lw::RelationKind::HasMany,
                        "wards",
                        <HasMany<Ward> as __lw::RelationField>::TARGET,
                        "physician_id",
                    )
                    .through(__lw::Through::made()),
                __lw::RelationDef::new(
                        __lw::RelationKind::HasMany,
                        "holders",
                        <HasMany<Employee> as __lw::RelationField>::TARGET,
                        "physician_id",
                    )
                    .polymorphic("holder_type")
                    .through(
                        __lw::Through::new(
                                || <PictureLink as __lw::Model>::DEF,
                                "owner_id",
                            )
                            .inverse(),
                    ),
                __lw::RelationDef::new(
                        __lw::RelationKind::HasMany,
                        "notes",
                        <HasMany<Note> as __lw::RelationField>::TARGET,
                        "physician_id",
                    )
                    .primary_key("code")
                    .path("notes-of")
                    .properties(&[("code", "code"), ("id", "doctor")])
                    .nest_remoting()
                    .scope(
                        __lw::ScopeDef::new(
                            "notes",
                            |__lw_place| __lw::put_scope(__lw_place, recent()),
                        ),
                    ),
                __lw::RelationDef::new(
                        __lw::RelationKind::HasOne,
                        "picture",
                        <HasOne<Picture> as __lw::RelationField>::TARGET,
                        "imageable_id",
                    )
                    .polymorphic("kind")
                    .disable_include(),
            ],
        )
        .acls(&[__lw::AclDef::allow(__lw::PrincipalDef::Everyone)])
        .methods(Physician::__LW_METHODS);
    #[automatically_derived]
    impl __lw::Model for Physician {
        type Id = i64;
        const DEF: &'static __lw::ModelDef = &__LW_DEF;
        fn id(&self) -> Self::Id {
            <i64 as ::core::clone::Clone>::clone(&self.id)
        }
        fn from_record(
            record: &mut __lw::Record,
        ) -> __lw::Result<Self, __lw::PropertyError> {
            __lw::Ok(Self {
                id: <i64 as __lw::Property>::take_from(record, 0usize)?,
                code: <String as __lw::Property>::take_from(record, 1usize)?,
                subject_id: <i64 as __lw::Property>::take_from(record, 2usize)?,
                subject_type: <String as __lw::Property>::take_from(record, 3usize)?,
                subject: <BelongsTo<
                    AnyModel,
                > as __lw::RelationField>::take_from(record, 0usize)?,
                patients: <HasMany<
                    Patient,
                > as __lw::RelationField>::take_from(record, 1usize)?,
                wards: <HasMany<
                    Ward,
                > as __lw::RelationField>::take_from(record, 2usize)?,
                holders: <HasMany<
                    Employee,
                > as __lw::RelationField>::take_from(record, 3usize)?,
                notes: <HasMany<
                    Note,
                > as __lw::RelationField>::take_from(record, 4usize)?,
                picture: <HasOne<
                    Picture,
                > as __lw::RelationField>::take_from(record, 5usize)?,
            })
        }
        fn into_record(self) -> __lw::Record {
            let mut record = __lw::Record::new(&__LW_DEF);
            <i64 as __lw::Property>::put_into(&mut record, 0usize, self.id);
            <String as __lw::Property>::put_into(&mut record, 1usize, self.code);
            <i64 as __lw::Property>::put_into(&mut record, 2usize, self.subject_id);
            <String as __lw::Property>::put_into(&mut record, 3usize, self.subject_type);
            record
        }
        fn put_related(
            &mut self,
            record: &mut __lw::Record,
            place: __lw::Place,
        ) -> __lw::Result<(), __lw::Error> {
            <BelongsTo<
                AnyModel,
            > as __lw::RelationField>::move_into(
                &mut self.subject,
                record,
                place.relations + 0usize,
            )?;
            <HasMany<
                Patient,
            > as __lw::RelationField>::move_into(
                &mut self.patients,
                record,
                place.relations + 1usize,
            )?;
            <HasMany<
                Ward,
            > as __lw::RelationField>::move_into(
                &mut self.wards,
                record,
                place.relations + 2usize,
            )?;
            <HasMany<
                Employee,
            > as __lw::RelationField>::move_into(
                &mut self.holders,
                record,
                place.relations + 3usize,
            )?;
            <HasMany<
                Note,
            > as __lw::RelationField>::move_into(
                &mut self.notes,
                record,
                place.relations + 4usize,
            )?;
            <HasOne<
                Picture,
            > as __lw::RelationField>::move_into(
                &mut self.picture,
                record,
                place.relations + 5usize,
            )?;
            __lw::Ok(())
        }
    }
    #[automatically_derived]
    #[allow(dead_code)]
    impl Physician {
        ///The property `id`.
        const ID: __lw::Column<Self, i64> = __lw::Column::new(0usize);
        ///The property `code`.
        const CODE: __lw::Column<Self, String> = __lw::Column::new(1usize);
        ///The property `subject_id`.
        const SUBJECT_ID: __lw::Column<Self, i64> = __lw::Column::new(2usize);
        ///The property `subject_type`.
        const SUBJECT_TYPE: __lw::Column<Self, String> = __lw::Column::new(3usize);
        ///The relation `subject`.
        const SUBJECT: __lw::Relation<Self, BelongsTo<AnyModel>> = __lw::Relation::new(
            0usize,
        );
        ///The relation `patients`.
        const PATIENTS: __lw::Relation<Self, HasMany<Patient>> = __lw::Relation::new(
            1usize,
        );
        ///The relation `wards`.
        const WARDS: __lw::Relation<Self, HasMany<Ward>> = __lw::Relation::new(2usize);
        ///The relation `holders`.
        const HOLDERS: __lw::Relation<Self, HasMany<Employee>> = __lw::Relation::new(
            3usize,
        );
        ///The relation `notes`.
        const NOTES: __lw::Relation<Self, HasMany<Note>> = __lw::Relation::new(4usize);
        ///The relation `picture`.
        const PICTURE: __lw::Relation<Self, HasOne<Picture>> = __lw::Relation::new(
            5usize,
        );
    }
    const _: () = __lw::check::id(&__LW_DEF);
    const _: () = {
        __lw::check::relation_kind(
            &__LW_DEF,
            0usize,
            <BelongsTo<AnyModel> as __lw::RelationField>::KIND,
        );
        __lw::check::relation(
            &__LW_DEF,
            0usize,
            <BelongsTo<AnyModel> as __lw::RelationField>::TARGET_DEF,
        );
    };
    const _: () = {
        __lw::check::relation_kind(
            &__LW_DEF,
            1usize,
            <HasMany<Patient> as __lw::RelationField>::KIND,
        );
        __lw::check::relation(
            &__LW_DEF,
            1usize,
            <HasMany<Patient> as __lw::RelationField>::TARGET_DEF,
        );
        __lw::check::through(
            &__LW_DEF,
            1usize,
            <HasMany<Patient> as __lw::RelationField>::TARGET_DEF,
            <records::Appointment as __lw::Model>::DEF,
        );
    };
    const _: () = {
        __lw::check::relation_kind(
            &__LW_DEF,
            2usize,
            <HasMany<Ward> as __lw::RelationField>::KIND,
        );
        __lw::check::relation(
            &__LW_DEF,
            2usize,
            <HasMany<Ward> as __lw::RelationField>::TARGET_DEF,
        );
    };
    const _: () = {
        __lw::check::relation_kind(
            &__LW_DEF,
            3usize,
            <HasMany<Employee> as __lw::RelationField>::KIND,
        );
        __lw::check::relation(
            &__LW_DEF,
            3usize,
            <HasMany<Employee> as __lw::RelationField>::TARGET_DEF,
        );
        __lw::check::through(
            &__LW_DEF,
            3usize,
            <HasMany<Employee> as __lw::RelationField>::TARGET_DEF,
            <PictureLink as __lw::Model>::DEF,
        );
    };
    const _: () = {
        __lw::check::relation_kind(
            &__LW_DEF,
            4usize,
            <HasMany<Note> as __lw::RelationField>::KIND,
        );
        __lw::check::relation(
            &__LW_DEF,
            4usize,
            <HasMany<Note> as __lw::RelationField>::TARGET_DEF,
        );
        __lw::check::copied(
            &__LW_DEF,
            4usize,
            <HasMany<Note> as __lw::RelationField>::TARGET_DEF,
            0usize,
        );
        __lw::check::copied(
            &__LW_DEF,
            4usize,
            <HasMany<Note> as __lw::RelationField>::TARGET_DEF,
            1usize,
        );
    };
    const _: () = {
        __lw::check::relation_kind(
            &__LW_DEF,
            5usize,
            <HasOne<Picture> as __lw::RelationField>::KIND,
        );
        __lw::check::relation(
            &__LW_DEF,
            5usize,
            <HasOne<Picture> as __lw::RelationField>::TARGET_DEF,
        );
    };
};

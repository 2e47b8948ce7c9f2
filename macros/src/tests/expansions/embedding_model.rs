/// Somebody who holds others within, and a list of more.
#[derive(Model)]
#[acl(open)]
struct Customer {
    #[model(id)]
    id: i64,
    account_ids: Vec<i64>,
    /// The accounts.
    #[relation(references_many, prepend)]
    accounts: ReferencesMany<Account>,
    /// Where bills go.
    #[relation(embeds_one, default = somewhere, validate = false)]
    billing_address: EmbedsOne<Address>,
    #[relation(embeds_many, property = "mails", column = "mail_list", force_id, persistent)]
    emails: EmbedsMany<EmailAddress>,
}

// expands to

#[allow(deprecated)]
const _: () = {
    use ::loopwright::__private as __lw;
    #[allow(unused_imports)]
    use __lw::NoMethods as _;
    static __LW_DEF: __lw::ModelDef = __lw::ModelDef::new(
            "Customer",
            "Customers",
            "customer",
            &[
                <i64 as __lw::Property>::PROPERTY.named("id", "id").id(),
                <Vec<i64> as __lw::Property>::PROPERTY
                    .named("accountIds", "account_ids")
                    .default(__lw::DefaultDef::EmptyList),
                <EmbedsOne<Address> as __lw::RelationField>::PROPERTY
                    .named("_billingAddress", "billing_address")
                    .docs("Where bills go.")
                    .default(
                        __lw::DefaultDef::Function(|| __lw::default_value::<
                            EmbedsOne<Address>,
                            _,
                        >(somewhere())),
                    ),
                <EmbedsMany<EmailAddress> as __lw::RelationField>::PROPERTY
                    .named("mails", "emails")
                    .column("mail_list")
                    .default(__lw::DefaultDef::EmptyList),
            ],
        )
        .docs("Somebody who holds others within, and a list of more.")
        .relations(
            &[
                __lw::RelationDef::new(
                        __lw::RelationKind::ReferencesMany,
                        "accounts",
                        <ReferencesMany<Account> as __lw::RelationField>::TARGET,
                        "account_ids",
                    )
                    .docs("The accounts.")
                    .prepend(),
                __lw::RelationDef::new(
                        __lw::RelationKind::EmbedsOne,
                        "billingAddress",
                        <EmbedsOne<Address> as __lw::RelationField>::TARGET,
                        "billing_address",
                    )
                    .docs("Where bills go.")
                    .without_validation(),
                __lw::RelationDef::new(
                        __lw::RelationKind::EmbedsMany,
                        "emails",
                        <EmbedsMany<EmailAddress> as __lw::RelationField>::TARGET,
                        "emails",
                    )
                    .force_id()
                    .persistent(),
            ],
        )
        .acls(&[__lw::AclDef::allow(__lw::PrincipalDef::Everyone)])
        .methods(Customer::__LW_METHODS);
    #[automatically_derived]
    impl __lw::Model for Customer {
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
                account_ids: <Vec<i64> as __lw::Property>::take_from(record, 1usize)?,
                billing_address: <EmbedsOne<
                    Address,
                > as __lw::RelationField>::take_from(record, 2usize)?,
                emails: <EmbedsMany<
                    EmailAddress,
                > as __lw::RelationField>::take_from(record, 3usize)?,
                accounts: <ReferencesMany<
                    Account,
                > as __lw::RelationField>::take_from(record, 0usize)?,
            })
        }
        fn into_record(self) -> __lw::Record {
            let mut record = __lw::Record::new(&__LW_DEF);
            <i64 as __lw::Property>::put_into(&mut record, 0usize, self.id);
            <Vec<
                i64,
            > as __lw::Property>::put_into(&mut record, 1usize, self.account_ids);
            <EmbedsOne<
                Address,
            > as __lw::RelationField>::put_into(
                &mut record,
                2usize,
                self.billing_address,
            );
            <EmbedsMany<
                EmailAddress,
            > as __lw::RelationField>::put_into(&mut record, 3usize, self.emails);
            record
        }
        fn put_related(
            &mut self,
            record: &mut __lw::Record,
            place: __lw::Place,
        ) -> __lw::Result<(), __lw::Error> {
            <ReferencesMany<
                Account,
            > as __lw::RelationField>::move_into(
                &mut self.accounts,
                record,
                place.relations + 0usize,
            )?;
            __lw::Ok(())
        }
    }
    #[automatically_derived]
    #[allow(dead_code)]
    impl Customer {
        ///The property `id`.
        const ID: __lw::Column<Self, i64> = __lw::Column::new(0usize);
        ///The property `account_ids`.
        const ACCOUNT_IDS: __lw::Column<Self, Vec<i64>> = __lw::Column::new(1usize);
        ///The accounts.
        const ACCOUNTS: __lw::Relation<Self, ReferencesMany<Account>> = __lw::Relation::new(
            0usize,
        );
        ///Where bills go.
        const BILLING_ADDRESS: __lw::Relation<Self, EmbedsOne<Address>> = __lw::Relation::new(
            1usize,
        );
        ///The relation `emails`.
        const EMAILS: __lw::Relation<Self, EmbedsMany<EmailAddress>> = __lw::Relation::new(
            2usize,
        );
    }
    const _: () = __lw::check::id(&__LW_DEF);
    const _: () = {
        __lw::check::relation_kind(
            &__LW_DEF,
            0usize,
            <ReferencesMany<Account> as __lw::RelationField>::KIND,
        );
        __lw::check::relation(
            &__LW_DEF,
            0usize,
            <ReferencesMany<Account> as __lw::RelationField>::TARGET_DEF,
        );
    };
    const _: () = {
        __lw::check::relation_kind(
            &__LW_DEF,
            1usize,
            <EmbedsOne<Address> as __lw::RelationField>::KIND,
        );
        __lw::check::relation(
            &__LW_DEF,
            1usize,
            <EmbedsOne<Address> as __lw::RelationField>::TARGET_DEF,
        );
    };
    const _: () = {
        __lw::check::relation_kind(
            &__LW_DEF,
            2usize,
            <EmbedsMany<EmailAddress> as __lw::RelationField>::KIND,
        );
        __lw::check::relation(
            &__LW_DEF,
            2usize,
            <EmbedsMany<EmailAddress> as __lw::RelationField>::TARGET_DEF,
        );
    };
};

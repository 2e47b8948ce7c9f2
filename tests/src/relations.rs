//! Models with every kind of relation.

use loopwright::prelude::*;

/// A doctor, who sees patients by way of appointments.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Physician {
    /// Identifies the physician.
    #[model(id, generated)]
    pub id: i64,
    /// The physician's name.
    pub name: String,
    /// Whom the physician sees.
    #[relation(has_many, through = Appointment)]
    pub patients: HasMany<Patient>,
    /// When.
    #[relation(has_many)]
    pub appointments: HasMany<Appointment>,
    /// Those of them who are children, the youngest first.
    #[relation(has_many, through = Appointment, scope = children)]
    pub children: HasMany<Patient>,
}

fn children() -> Filter {
    Filter {
        order: vec![Patient::AGE.asc()],
        ..Filter::matching(Patient::AGE.lt(12))
    }
}

/// Somebody who is ill.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Patient {
    /// Identifies the patient.
    #[model(id, generated)]
    pub id: i64,
    /// The patient's name.
    #[validate(presence)]
    pub name: String,
    /// How old.
    pub age: Option<i32>,
    /// Whom the patient sees.
    #[relation(has_many, through = Appointment)]
    pub physicians: HasMany<Physician>,
}

/// A patient sees a physician.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Appointment {
    /// Identifies the appointment.
    #[model(id, generated)]
    pub id: i64,
    /// When.
    pub date: Option<String>,
    /// The patient.
    pub patient_id: Option<i64>,
    /// The physician.
    pub physician_id: Option<i64>,
    /// The patient.
    #[relation(belongs_to)]
    pub patient: BelongsTo<Patient>,
    /// The physician.
    #[relation(belongs_to)]
    pub physician: BelongsTo<Physician>,
}

/// Somebody who follows others.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Follower {
    /// Identifies somebody.
    #[model(id, generated)]
    pub id: i64,
    /// The name.
    pub name: String,
    /// Those who follow.
    #[relation(has_many, through = Follow, key = followee_id, key_through = follower_id)]
    pub followers: HasMany<Follower>,
    /// Those who are followed.
    #[relation(has_many, through = Follow, key = follower_id, key_through = followee_id)]
    pub following: HasMany<Follower>,
}

/// Somebody follows somebody.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Follow {
    /// Identifies it.
    #[model(id, generated)]
    pub id: i64,
    /// Who follows.
    pub follower_id: i64,
    /// Who is followed.
    pub followee_id: i64,
}

/// Something that is put together.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Assembly {
    /// Identifies the assembly.
    #[model(id, generated)]
    pub id: i64,
    /// Its name.
    pub name: String,
    /// What it is made of.
    #[relation(has_and_belongs_to_many)]
    pub parts: HasMany<Part>,
}

/// A part of something.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Part {
    /// Identifies the part.
    #[model(id)]
    pub number: String,
    /// What it is a part of.
    #[relation(has_and_belongs_to_many)]
    pub assemblies: HasMany<Assembly>,
}

/// A picture of somebody or something.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Picture {
    /// Identifies the picture.
    #[model(id, generated)]
    pub id: i64,
    /// Its name.
    pub name: Option<String>,
    /// What it shows.
    pub imageable_id: Option<i64>,
    /// What that is.
    pub imageable_type: Option<String>,
    /// What it shows.
    #[relation(belongs_to, polymorphic)]
    pub imageable: BelongsTo<AnyModel>,
    /// The authors in whose portfolios it is.
    #[relation(
        has_many,
        polymorphic = holder,
        through = PictureLink,
        inverse,
        path = "in-portfolios-of"
    )]
    pub employees: HasMany<Employee>,
}

/// Somebody who is photographed.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Employee {
    /// Identifies the employee.
    #[model(id, generated)]
    pub id: i64,
    /// The name.
    pub name: String,
    /// Pictures of the employee.
    #[relation(has_many, polymorphic = imageable)]
    pub pictures: HasMany<Picture>,
    /// What the employee shows.
    #[relation(has_many, polymorphic = holder, through = PictureLink)]
    pub portfolio: HasMany<Picture>,
}

/// Something that is photographed.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Product {
    /// Identifies the product.
    #[model(id, generated)]
    pub id: i64,
    /// The name.
    pub name: String,
    /// The picture of it.
    #[relation(has_one, polymorphic = imageable)]
    pub picture: HasOne<Picture>,
}

/// A picture that somebody shows.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct PictureLink {
    /// Identifies it.
    #[model(id, generated)]
    pub id: i64,
    /// Who shows it.
    pub holder_id: Option<i64>,
    /// What that is.
    pub holder_type: Option<String>,
    /// What is shown.
    pub picture_id: Option<i64>,
}

/// A class of goods, which goods name by its code.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Category {
    /// Identifies the category.
    #[model(id, generated)]
    pub id: i64,
    /// Its code.
    #[model(unique)]
    pub code: String,
    /// Who is responsible.
    pub keeper: Option<String>,
    /// All of it.
    #[relation(has_many, key = category_code, primary_key = code)]
    pub goods: HasMany<Good>,
    /// What can be sold, the dearest first.
    #[relation(
        has_many,
        key = category_code,
        primary_key = code,
        scope = in_stock,
        properties(keeper = seller),
        path = "for-sale"
    )]
    pub sales: HasMany<Good>,
    /// What no include shows.
    #[relation(has_many, key = category_code, primary_key = code, disable_include)]
    pub hidden: HasMany<Good>,
}

fn in_stock() -> Filter {
    Filter {
        order: vec![Good::PRICE.desc()],
        ..Filter::matching(Good::STOCK.gt(0))
    }
}

/// Something to sell.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Good {
    /// Identifies it.
    #[model(id, generated)]
    pub id: i64,
    /// The name.
    pub name: Option<String>,
    /// What it costs.
    pub price: Option<i32>,
    /// How many there are.
    pub stock: Option<i32>,
    /// Who sells it.
    pub seller: Option<String>,
    /// The code of its category.
    pub category_code: Option<String>,
    /// Its category.
    #[relation(belongs_to, key = category_code, primary_key = code)]
    pub category: BelongsTo<Category>,
}

/// A book, whose pages are reached with what stands on them.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
#[acl(deny(__delete__pages__notes), to = everyone)]
pub struct Book {
    /// Identifies the book.
    #[model(id, generated)]
    pub id: i64,
    /// Its name.
    pub name: Option<String>,
    /// Its pages.
    #[relation(has_many, nest_remoting)]
    pub pages: HasMany<Page>,
    /// Its cover.
    #[relation(has_one, key = cover_of, path = "front", nest_remoting)]
    pub cover: HasOne<Page>,
}

/// A page of a book.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Page {
    /// Identifies the page.
    #[model(id, generated)]
    pub id: i64,
    /// What it says.
    pub text: Option<String>,
    /// The book that it is in.
    pub book_id: Option<i64>,
    /// The book that it is the cover of.
    pub cover_of: Option<i64>,
    /// The book that it is in.
    #[relation(belongs_to)]
    pub book: BelongsTo<Book>,
    /// What readers have written on it.
    #[relation(has_many)]
    pub notes: HasMany<Note>,
}

/// What a reader has written on a page.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Note {
    /// Identifies the note.
    #[model(id, generated)]
    pub id: i64,
    /// What it says.
    #[validate(presence)]
    pub text: String,
    /// The page that it is on.
    pub page_id: Option<i64>,
}

/// Every model of this file.
pub type All = (
    Physician,
    Patient,
    Appointment,
    Follower,
    Follow,
    Assembly,
    Part,
    Picture,
    Employee,
    Product,
    PictureLink,
    Category,
    Good,
    Book,
    Page,
    Note,
);

//! Something to look at, stored at the first start.

use loopwright::prelude::*;

use crate::model::{Address, Appointment, Contact, Nurse, Patient, Photo, Physician, Ward};

/// Stores two physicians, two patients and a ward with its nurses, unless there are physicians already.
pub async fn load(app: Application) -> Result<()> {
    let physicians = app.repository::<Physician>()?;
    if physicians.count(Condition::ALL).await? > 0 {
        return Ok(());
    }
    let named = |name: &str| Physician {
        name: name.into(),
        ..Physician::default()
    };
    // With what belongs to her, or not at all.
    let ann = physicians.create_with_related(Physician {
        portrait: Some(photo("https://clinic.example/ann.jpg")).into(),
        ..named("Ann")
    });
    let (ann, bob) = (ann.await?, physicians.create(named("Bob")).await?);
    let patients = app.repository::<Patient>()?;
    let zoe = patients.create(Patient {
        name: "Zoe".into(),
        address: Address {
            street: "Main Street 5".into(),
            city: "Vancouver".into(),
            ..Address::default()
        }
        .into(),
        contacts: vec![Contact {
            id: 1,
            name: "Yan".into(),
            phone: "555-0199".into(),
        }]
        .into(),
        ..Patient::default()
    });
    let zoe = zoe.await?;
    let of_ann = physicians.related(&ann, Physician::PATIENTS).await?;
    let next_week = Utc::now() + std::time::Duration::from_secs(7 * 24 * 60 * 60);
    let appointment = Patch::new().set(Appointment::AT, Some(next_week));
    of_ann.link_with::<Appointment>(zoe.id, appointment).await?;
    let of_bob = physicians.related(&bob, Physician::PATIENTS).await?;
    of_bob.link(zoe.id).await?;

    let wards = app.repository::<Ward>()?;
    let nurse = |name: &str| Nurse {
        name: name.into(),
        ..Nurse::default()
    };
    let ward = wards.create_with_related(Ward {
        name: "East".into(),
        nurses: vec![nurse("Eve"), nurse("Ute")].into(),
        photos: vec![photo("https://clinic.example/east.jpg")].into(),
        ..Ward::default()
    });
    let ward = ward.await?;
    let on_duty = wards.related(&ward, Ward::ON_DUTY).await?;
    for nurse in ward.nurses.get().iter().rev() {
        on_duty.link(nurse.id).await?;
    }
    Ok(())
}

fn photo(url: &str) -> Photo {
    Photo {
        url: url.into(),
        ..Photo::default()
    }
}

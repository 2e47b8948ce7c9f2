//! Projects for databases with servers, against real ones.

use std::fs;

use serde_json::json;

use crate::project::{Running, build, generate};
use crate::server::Server;
use crate::support::{TestResult, done};

/// What differs between the projects is what they are configured with, and which features of loopwright they ask for: one program
/// with the features of all of them runs in the folder of each.
#[tokio::test]
async fn each_database_keeps_what_it_is_given() -> TestResult {
    let kinds = ["postgres", "mysql", "mongodb"];
    let mut folders = Vec::new();
    for kind in kinds {
        let name = format!("kept-{kind}");
        let folder = generate(&name, &["kept", "--template", "notes", "--database", kind])?;
        for arguments in [
            "add model Author --property name:string! --property born:day --property tags:string[] --access open",
            "add relation Note belongs-to Author --optional",
            "add relation Author has-many Note",
            "add relation Author has-and-belongs-to-many Note --name likes",
        ] {
            let arguments: Vec<_> = arguments.split(' ').collect();
            done(&folder, &arguments)?;
        }
        folders.push(folder);
    }
    let first = folders.first().ok_or("no project")?;
    for folder in &folders {
        for file in [
            "src/main.rs",
            "src/lib.rs",
            "src/models/author.rs",
            "src/models/note.rs",
        ] {
            assert_eq!(
                fs::read_to_string(folder.join(file))?,
                fs::read_to_string(first.join(file))?
            );
        }
    }
    let features = kinds.map(|kind| format!("loopwright/{kind}")).join(",");
    let program = build(first, &["--features", &features])?;
    for (kind, folder) in kinds.iter().zip(&folders) {
        let Some(server) = Server::start(kind)? else {
            continue;
        };
        // At the second start everything is there, the tables too.
        for start in [0, 1] {
            let running =
                Running::start(&program, folder, &[("DATABASE_URL", &server.url)]).await?;
            let ann = json!({ "name": "Ann 👩", "born": "1990-02-28", "tags": ["tea", "rain"] });
            let ann = running.post("/api/Authors", &ann).await?;
            assert_eq!(ann["born"], "1990-02-28", "{kind}");
            let note = running
                .post(
                    &format!("/api/Authors/{}/notes", ann["id"]),
                    &json!({ "title": "Milk" }),
                )
                .await?;
            assert_eq!(note["authorId"], ann["id"], "{kind}");
            let authors = running
                .get("/api/Authors?filter=%7B%22where%22:%7B%22tags%22:%22rain%22%7D,%22include%22:%22notes%22,%22order%22:%22id%22%7D")
                .await?;
            let authors = authors.as_array().ok_or("no list")?;
            assert_eq!(authors.len(), start + 1, "{kind}: {authors:?}");
            let last = authors.last().ok_or("nobody")?;
            assert_eq!(last["name"], "Ann 👩", "{kind}");
            assert_eq!(last["notes"][0]["title"], "Milk", "{kind}");
            let untitled = reqwest::Client::new()
                .post(format!("{}/api/Notes", running.url))
                .json(&json!({ "content": "?" }));
            assert_eq!(untitled.send().await?.status(), 422, "{kind}");
        }
    }
    Ok(())
}

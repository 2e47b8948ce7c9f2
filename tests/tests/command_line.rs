//! The commands of an application's own program, as a person or a script calls them.

use std::path::Path;
use std::process::{Command, Output};

use loopwright_tests::example::Example;
use loopwright_tests::{check_document, run};

type TestResult<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// What the example `coffee-shop` says to these arguments, in a folder.
async fn say(folder: &Path, arguments: &[&str]) -> TestResult<(Option<i32>, String, String)> {
    let mut command = Command::new(Example::build("coffee-shop").await?);
    command.args(arguments).current_dir(folder);
    for name in ["HOST", "PORT", "DATABASE_URL", "NODE_ENV", "LOOPWRIGHT_ENV"] {
        command.env_remove(name);
    }
    let Output {
        status,
        stdout,
        stderr,
    } = run(command).await?;
    Ok((
        status.code(),
        String::from_utf8(stdout)?,
        String::from_utf8(stderr)?,
    ))
}

#[tokio::test]
async fn an_application_says_what_it_has() -> TestResult {
    let folder = tempfile::tempdir()?;
    let said = async |arguments: &[&str]| {
        let (code, out, err) = say(folder.path(), arguments).await?;
        assert_eq!(code, Some(0), "{arguments:?}: {err}");
        Ok::<_, Box<dyn std::error::Error>>(out)
    };
    let models = said(&["models"]).await?;
    let shop = models.lines().find(|line| line.starts_with("CoffeeShop "));
    let shop = shop.ok_or("no shop")?;
    assert!(
        shop.contains(" in db ") && shop.contains(" /api/CoffeeShops "),
        "{shop}"
    );
    let routes = said(&["routes"]).await?;
    let routes: Vec<_> = routes
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .collect();
    assert!(
        routes.contains(&vec!["GET", "/api/CoffeeShops/{id}", "CoffeeShop.findById"]),
        "{routes:?}"
    );
    let check = said(&["config", "check"]).await?;
    assert!(
        check.contains("is in order") && check.contains("127.0.0.1:3000"),
        "{check}"
    );
    let version = said(&["version"]).await?;
    assert!(
        version
            .trim_end()
            .ends_with(concat!("loopwright ", env!("CARGO_PKG_VERSION"))),
        "{version}"
    );
    let completions = said(&["completions", "bash"]).await?;
    assert!(completions.contains("coffee-shop") && completions.contains("migrate"));
    let document: serde_json::Value = serde_json::from_str(&said(&["openapi"]).await?)?;
    assert!(document["paths"]["/api/CoffeeShops"].is_object());
    let yaml = said(&["openapi", "--format", "yaml"]).await?;
    assert!(yaml.starts_with("openapi: 3.1.0\n") && yaml.contains("\n  /api/CoffeeShops:\n"));
    swagger(&said(&["openapi", "--swagger2"]).await?).await?;
    let yaml = said(&["openapi", "--swagger2", "--format", "yaml"]).await?;
    assert!(yaml.starts_with("swagger: '2.0'\n") && yaml.contains("\n  /CoffeeShops:\n"));
    let help = said(&["--help"]).await?;
    for word in [
        "serve",
        "routes",
        "completions",
        "Exit codes",
        "loopwright.local.toml",
    ] {
        assert!(help.contains(word), "{word}\n{help}");
    }
    // None of it has made a data source.
    assert_eq!(std::fs::read_dir(folder.path())?.count(), 0);
    Ok(())
}

/// The document in Swagger 2.0, as validators by others read it.
async fn swagger(text: &str) -> TestResult {
    check_document(text).await?;
    let document: serde_json::Value = serde_json::from_str(text)?;
    assert_eq!(
        (&document["swagger"], &document["basePath"]),
        (&"2.0".into(), &"/api".into())
    );
    let find = &document["paths"]["/CoffeeShops"]["get"];
    assert_eq!(find["operationId"], "CoffeeShop.find");
    let filter = &find["parameters"][0];
    let is = [
        &filter["name"],
        &filter["in"],
        &filter["type"],
        &filter["format"],
    ];
    assert_eq!(is, ["filter", "query", "string", "JSON"]);
    let create = &document["paths"]["/CoffeeShops"]["post"];
    let data = create["parameters"]
        .as_array()
        .and_then(|all| all.last())
        .ok_or("no body")?;
    assert_eq!(
        (&data["name"], &data["in"]),
        (&"data".into(), &"body".into())
    );
    let new = data["schema"].pointer("/allOf/0/$ref").ok_or("no schema")?;
    assert_eq!(new, "#/definitions/NewCoffeeShop");
    let properties = &document["definitions"]["CoffeeShop"]["properties"];
    assert_eq!(properties["id"]["type"], "integer");
    let city = &properties["city"];
    assert_eq!(
        (&city["type"], &city["x-nullable"]),
        (&"string".into(), &true.into())
    );
    // What only filters are made of is text.
    assert!(document["definitions"].get("CoffeeShopWhere").is_none());
    // Everyone may find; for what is not for everyone there are two ways to say who it is.
    assert_eq!(find["security"], serde_json::json!([]));
    assert_eq!(create["security"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        document["securityDefinitions"]["accessToken"]["name"],
        "Authorization"
    );
    Ok(())
}

#[tokio::test]
async fn mistakes_end_it_with_their_place() -> TestResult {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("loopwright.toml");
    for (text, arguments, code, expected) in [
        (
            "prot = 80\n",
            &["config", "check"][..],
            1,
            "loopwright.toml:1: there is no key `prot`; did you mean `port`?",
        ),
        (
            "\n\nport = \"many\"\n",
            &["serve"],
            1,
            "loopwright.toml:3: `port`: ",
        ),
        (
            "[rest]\nxml = true\n\n[rest]\n",
            &["config", "check"],
            1,
            "duplicate key",
        ),
        (
            "[models.Shop]\npublic = 1\n",
            &["config", "check"],
            1,
            "models.Shop",
        ),
        (
            "[models.CoffeeShop]\ndata_source = \"lost\"\n",
            &["config", "check"],
            1,
            "models.CoffeeShop.data_source: there is no data source \"lost\"",
        ),
        (
            "phases = [\"routes\", \"initial\"]\n",
            &["config", "check"],
            1,
            "Ordering conflict",
        ),
        ("", &["sreve"], 2, "unrecognized subcommand 'sreve'"),
    ] {
        std::fs::write(&file, text)?;
        let (found, out, err) = say(folder.path(), arguments).await?;
        assert_eq!(found, Some(code), "{text}: {out}{err}");
        assert!(err.contains(expected), "{text}: {err}");
    }
    // A file that can't be read is not taken for one that is not there.
    std::fs::remove_file(&file)?;
    std::fs::create_dir(&file)?;
    let (code, _, err) = say(folder.path(), &["config", "check"]).await?;
    assert_eq!(code, Some(1), "{err}");
    Ok(())
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() -> TestResult {
    let folder = tempfile::tempdir()?;
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0))?;
    let port = taken.local_addr()?.port();
    std::fs::write(
        folder.path().join("loopwright.toml"),
        format!("port = {port}\n"),
    )?;
    let (code, _, err) = say(folder.path(), &[]).await?;
    assert_eq!(code, Some(1), "{err}");
    assert!(
        err.contains(&format!("can't listen on 127.0.0.1:{port}")),
        "{err}"
    );
    Ok(())
}

//! The command `acl` of an application, and the file that its access matrix is held against.

use std::error::Error;
use std::process::{Command, Output};

use serde_json::Value as Json;

type TestResult = Result<(), Box<dyn Error>>;

/// The program, whose data source nobody answers.
fn program(arguments: &[&str], environment: &[(&str, &str)]) -> Result<Output, Box<dyn Error>> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_guarded-app"));
    command.args(arguments);
    for variable in ["CI", "DATABASE_URL", "LOOPWRIGHT_ACCEPT"] {
        command.env_remove(variable);
    }
    command.envs(environment.iter().copied());
    command.current_dir(std::env::temp_dir());
    Ok(command.output()?)
}

/// What the program prints, if it succeeds.
fn said(arguments: &[&str], environment: &[(&str, &str)]) -> Result<String, Box<dyn Error>> {
    let output = program(arguments, environment)?;
    let complaint = String::from_utf8(output.stderr)?;
    assert!(output.status.success(), "{arguments:?}: {complaint}");
    Ok(String::from_utf8(output.stdout)?)
}

/// What the program complains about.
fn complained(arguments: &[&str]) -> Result<String, Box<dyn Error>> {
    let output = program(arguments, &[])?;
    let complaint = String::from_utf8(output.stderr)?;
    assert!(!output.status.success(), "{arguments:?}: {complaint}");
    Ok(complaint)
}

#[test]
fn the_matrix_is_printed_without_a_data_source() -> TestResult {
    let text = said(&["acl"], &[])?;
    for line in [
        "  create              -          yes            yes    yes      yes         yes     POST /api/Orders\n",
        "  findById            -          -              yes    -        yes         -       GET /api/Orders/{id}\n",
        "  deleteById          -          -              -      -        -           -       DELETE /api/Orders/{id}\n",
        "Not served: AccessToken, Role, RoleMapping.\n",
    ] {
        assert!(text.contains(line), "{line}{text}");
    }
    assert!(!text.contains("the model ACL"), "{text}");
    let text = said(&["acl"], &[("LW_TEST_RULES", "rows")])?;
    assert!(text.contains("(the model ACL)"), "{text}");
    assert!(text.contains("who has these roles: clerk."), "{text}");

    let markdown = said(&["acl", "--format", "markdown"], &[])?;
    let line = "| find | – | – | – | – | yes | yes | `GET /api/Orders` |\n";
    assert!(markdown.contains(line), "{markdown}");

    let json: Json = serde_json::from_str(&said(&["acl", "--format", "json"], &[])?)?;
    let rows = json["rows"].as_array().ok_or("no rows")?;
    let mut rows = rows.iter();
    let row = rows.find(|row| row["model"] == "Order" && row["method"] == "__get__customer");
    let row = row.ok_or("no row")?;
    let cells = row["cells"].as_array().ok_or("no cells")?;
    // The clerk may do everything with orders; whose customer it is, the customer's rules say.
    let clerk = cells.iter().find(|cell| cell["caller"] == "role:clerk");
    let clerk = clerk.ok_or("no cell")?;
    assert_eq!(clerk["allowed"], false);
    assert_eq!(clerk["rule"], "deny(all), to = everyone");
    assert_eq!(clerk["model"], "Customer");
    Ok(())
}

#[test]
fn a_decision_is_explained() -> TestResult {
    let explain = |request: &str, more: &[&str]| {
        let all = [&["acl", "--explain", request], more].concat();
        said(&all, &[])
    };
    let text = explain("POST /api/Orders", &["--as", "user:5"])?;
    let expected = "\
POST /api/Orders calls Order.create (WRITE)

Order.create: allowed (no instance is named, so nobody is its owner)
> allow(create), to = authenticated  decides
  allow(write), to = owner           not about this caller
  allow(all), to = role(\"clerk\")     not about this caller

allowed
";
    assert_eq!(text, expected);

    // Of a relation's method, the rules of the target too.
    let text = explain("get /api/Customers/7/orders?filter[limit]=1", &["--owner"])?;
    let expected = "\
GET /api/Customers/{id}/orders calls Customer.__get__orders (READ)

Customer.__get__orders: denied (about the instance {id})
> deny(all), to = everyone  decides

Order.find: allowed (about instances whose owner is {id})
  allow(find), to = user(\"5\")     not about this caller
> allow(read), to = owner         decides
  allow(all), to = role(\"clerk\")  not about this caller

refused by the rules of Customer, with status 403
";
    assert_eq!(text, expected);

    let delete = "DELETE /api/Orders/7";
    for (who, status) in [("anonymous", "401"), ("role:clerk,user:5", "401")] {
        let text = explain(delete, &["--as", who])?;
        assert!(
            text.contains("> deny(deleteById), to = everyone  decides"),
            "{text}"
        );
        assert!(text.contains(&format!("with status {status}")), "{text}");
    }
    let text = explain("GET /api/Orders", &["--as", "app:shop"])?;
    assert!(text.contains("> no rule is about this caller"), "{text}");
    let rows = [("LW_TEST_RULES", "rows")];
    let text = said(&["acl", "--explain", "GET /api/Products"], &rows)?;
    assert!(
        text.contains("\nallowed\n") && text.contains("(the model ACL)"),
        "{text}"
    );
    let orders = ["acl", "--explain", "GET /api/Orders", "--as", "role:clark"];
    let text = said(&orders, &rows)?;
    for note in [
        "No rule here names the role clark.",
        "Who has the role clerk, the program itself decides.",
    ] {
        assert!(text.contains(note), "{note}: {text}");
    }
    Ok(())
}

#[test]
fn what_can_not_be_explained_is_said() -> TestResult {
    for (arguments, expected) in [
        (
            &["--explain", "GET /api/Cars"][..],
            "no method answers `GET /api/Cars`",
        ),
        (&["--explain", "GET /Orders"], "no method answers"),
        (&["--explain", "Order.find"], "'GET /api/Orders'"),
        (
            &["--explain", "GET /api/Orders", "--as", "clerk"],
            "`role:<name>`",
        ),
        (
            &[
                "--explain",
                "GET /api/Orders",
                "--as",
                "anonymous",
                "--owner",
            ],
            "give `--as anonymous` alone",
        ),
        (&["--as", "user:5"], "--explain"),
        (&["--format", "yaml"], "markdown"),
    ] {
        let complaint = complained(&[&["acl"], arguments].concat())?;
        assert!(complaint.contains(expected), "{arguments:?}: {complaint}");
    }
    Ok(())
}

/// One test of a user's after the other, as the rules change.
#[test]
fn what_is_open_is_agreed_to() -> TestResult {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("access.json");
    let path = file.to_str().ok_or("no text")?;
    let run = |rules: &str, more: &[(&str, &str)]| {
        let environment = [("LW_TEST_SNAPSHOT", path), ("LW_TEST_RULES", rules)];
        let output = program(&[], &[&environment, more].concat())?;
        let said = String::from_utf8(output.stderr)?;
        Ok::<_, Box<dyn Error>>((output.status.success(), said))
    };
    let ci = [("CI", "true")];
    let accept = [("LOOPWRIGHT_ACCEPT", "1")];

    let (passed, said) = run("", &ci)?;
    assert!(!passed && said.contains("is missing"), "{said}");
    let (passed, said) = run("", &[])?;
    assert!(passed && said.contains("commit it"), "{said}");
    assert_eq!(run("", &ci)?, (true, String::new()));
    let agreed = std::fs::read_to_string(&file)?;

    let (passed, said) = run("wider", &ci)?;
    let widening = "Product.create: role:clerk by `allow(create), to = role(\"clerk\")`";
    assert!(!passed && said.contains(widening), "{said}");
    assert!(!said.contains("Product.find"), "{said}");
    assert_eq!(std::fs::read_to_string(&file)?, agreed);

    let (passed, said) = run("narrower", &ci)?;
    let narrowing = "Product.count: anonymous, authenticated, owner, related";
    assert!(passed && said.contains(narrowing), "{said}");
    assert_eq!(std::fs::read_to_string(&file)?, agreed);

    assert_eq!(run("wider", &accept)?, (true, String::new()));
    assert_eq!(run("wider", &ci)?, (true, String::new()));
    Ok(())
}

//! Connections to servers are encrypted where the URL asks for it, and made with those alone whom it trusts.

use std::net::TcpListener;
use std::process::Command;
use std::time::Duration;

use loopwright::Config;
use loopwright::boot::DataSourceConfig;
use loopwright::connectors::sql::SqlConnector;
use loopwright::prelude::*;
use loopwright_tests::models::{All, Customer, customer};
use loopwright_tests::private_server;
use serde_json::Value as Json;
use tempfile::TempDir;

type TestResult<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Two authorities, and a certificate for 127.0.0.1 from the first, with a key that the servers' users may read:
/// PostgreSQL insists on being the only one, MongoDB wants both in one file.
const CERTIFICATES: &str = r#"
set -eu
cd "$1"
for authority in ca other; do
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$authority" -keyout $authority.key -out $authority.pem
done
openssl req -newkey rsa:2048 -nodes -subj /CN=127.0.0.1 -keyout server.key -out server.csr
printf 'subjectAltName=IP:127.0.0.1\n' >server.ext
openssl x509 -req -in server.csr -days 2 -CA ca.pem -CAkey ca.key -CAcreateserial -extfile server.ext -out server.pem
cp server.key postgres.key
cat server.key server.pem >both.pem
chmod 755 .
chmod 644 server.key both.pem
chmod 600 postgres.key
if [ "$(id -u)" = 0 ]; then chown postgres postgres.key; fi
"#;

struct Certificates(TempDir);

impl Certificates {
    async fn new() -> TestResult<Option<Self>> {
        if loopwright_tests::tool("openssl").is_none() {
            return Ok(None);
        }
        let certificates = Certificates(tempfile::tempdir()?);
        let mut bash = Command::new("bash");
        bash.args(["-c", CERTIFICATES, "bash", &certificates.path("")]);
        let made = loopwright_tests::run(bash).await?;
        let errors = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "{errors}");
        Ok(Some(certificates))
    }

    fn path(&self, file: &str) -> String {
        self.0.path().join(file).display().to_string()
    }
}

fn app(url: &str) -> App {
    let mut source = DataSourceConfig::new(url);
    source.connect_timeout = Some(Duration::from_secs(5));
    source.acquire_timeout = Some(Duration::from_secs(5));
    let mut config = Config::default();
    config.data_sources.insert("db".into(), source);
    App::new().config(config).models::<All>()
}

/// The first row of the answer to `sql`.
async fn row(url: &str, sql: &'static str) -> TestResult<Json> {
    let application = app(url).build().await?;
    let connector = application.connector::<SqlConnector>("db")?;
    let rows = connector.query(sql, []).await?;
    Ok(rows.into_iter().next().ok_or("no row")?.into())
}

async fn is_refused(url: &str) -> TestResult {
    let error = app(url).build().await.err().ok_or("it has started")?;
    let error = error.to_string();
    assert!(error.contains("check the server's certificate"), "{error}");
    Ok(())
}

#[tokio::test]
async fn postgres() -> TestResult {
    let Some(certificates) = Certificates::new().await? else {
        return Ok(());
    };
    let certificate = format!("ssl_cert_file={}", certificates.path("server.pem"));
    let key = format!("ssl_key_file={}", certificates.path("postgres.key"));
    let options = ["-c", "ssl=on", "-c", &certificate, "-c", &key];
    let Some(server) = private_server("postgres", &options) else {
        return Ok(());
    };
    let ca = certificates.path("ca.pem");
    for demand in [
        "require".to_owned(),
        format!("verify-full&sslrootcert={ca}"),
    ] {
        let url = format!("{}?sslmode={demand}", server.url);
        let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        assert_eq!(row(&url, sql).await?["ssl"], true);
    }
    let other = certificates.path("other.pem");
    is_refused(&format!(
        "{}?sslmode=verify-ca&sslrootcert={other}",
        server.url
    ))
    .await
}

#[tokio::test]
async fn mysql() -> TestResult {
    let Some(certificates) = Certificates::new().await? else {
        return Ok(());
    };
    let certificate = format!("--ssl-cert={}", certificates.path("server.pem"));
    let key = format!("--ssl-key={}", certificates.path("server.key"));
    let Some(server) = private_server("mysql", &[&certificate, &key]) else {
        return Ok(());
    };
    let ca = certificates.path("ca.pem");
    for demand in [
        "REQUIRED".to_owned(),
        format!("VERIFY_IDENTITY&ssl-ca={ca}"),
    ] {
        let url = format!("{}?ssl-mode={demand}", server.url);
        let cipher = row(&url, "SHOW STATUS LIKE 'Ssl_cipher'").await?;
        assert!(
            cipher["Value"]
                .as_str()
                .is_some_and(|name| !name.is_empty()),
            "{cipher}"
        );
    }
    let other = certificates.path("other.pem");
    is_refused(&format!("{}?ssl-mode=VERIFY_CA&ssl-ca={other}", server.url)).await
}

#[tokio::test]
async fn mongodb() -> TestResult {
    let Some(certificates) = Certificates::new().await? else {
        return Ok(());
    };
    let both = certificates.path("both.pem");
    // The test's own question, whether the server answers, is not encrypted.
    let options = ["--tlsMode", "preferTLS", "--tlsCertificateKeyFile", &both];
    let Some(server) = private_server("mongodb-alone", &options) else {
        return Ok(());
    };
    let url = |authority| {
        format!(
            "{}shop?tls=true&tlsCAFile={}",
            server.url,
            certificates.path(authority)
        )
    };
    let application = app(&url("ca.pem")).build().await?;
    let customers = application.repository::<Customer>()?;
    assert_eq!(customers.create(customer("Zoe")).await?.name, "Zoe");
    let error = app(&url("other.pem"))
        .build()
        .await
        .err()
        .ok_or("it has started")?;
    assert!(error.to_string().contains("\"db\""), "{error}");
    Ok(())
}

/// Anything by anything.
#[derive(KeyValueModel, Debug, PartialEq)]
#[acl(open)]
struct Cache(Json);

const URL: &str = "LW_TEST_ENCRYPTED_REDIS_URL";

/// Keeps a value in the Redis that it is told of.
#[tokio::test]
#[ignore = "the child of the test below, which tells it whom to trust"]
async fn redis_in_another_process() -> TestResult {
    let Ok(url) = std::env::var(URL) else {
        return Ok(());
    };
    let app = App::new()
        .config(Config::default())
        .data_source("db", "memory:");
    let app = app
        .data_source("cache", &url)
        .models::<(Cache,)>()
        .attach::<Cache>("cache");
    let app = app.build().await?;
    let cache = app.key_value::<Cache>()?;
    cache.set("a", Cache(Json::from(1))).await?;
    assert_eq!(cache.get("a").await?, Some(Cache(Json::from(1))));
    Ok(())
}

/// Redis' URL has no place for an authority: those that the operating system knows are trusted, or `SSL_CERT_FILE`.
#[tokio::test]
async fn redis() -> TestResult {
    let Some(certificates) = Certificates::new().await? else {
        return Ok(());
    };
    let port = TcpListener::bind(("127.0.0.1", 0))?
        .local_addr()?
        .port()
        .to_string();
    let files = ["server.pem", "server.key", "ca.pem"].map(|file| certificates.path(file));
    let options = [
        "--tls-port",
        &port,
        "--tls-auth-clients",
        "no",
        "--tls-cert-file",
        &files[0],
        "--tls-key-file",
        &files[1],
        "--tls-ca-cert-file",
        &files[2],
    ];
    let Some(_server) = private_server("redis", &options) else {
        return Ok(());
    };
    for (authority, trusted) in [("ca.pem", true), ("other.pem", false)] {
        let mut child = Command::new(std::env::current_exe()?);
        child
            .args([
                "--exact",
                "redis_in_another_process",
                "--ignored",
                "--nocapture",
            ])
            .env("SSL_CERT_FILE", certificates.path(authority))
            .env(URL, format!("rediss://127.0.0.1:{port}/0"));
        let output = loopwright_tests::run(child).await?;
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains("1 test"), "{said}");
        assert_eq!(output.status.success(), trusted, "{said}");
    }
    Ok(())
}

//! E-mail: to a server, into files, or into memory (contract *connectors.md* §6).
//!
//! ```toml
//! [mail]
//! url = "smtp://user:password@mail.example:587"
//! from = "Shop <shop@example.com>"
//! ```
//!
//! ```
//! use loopwright::mail::{Email, MailConfig};
//! use loopwright::prelude::*;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> loopwright::Result<()> {
//! let app = App::new()
//!     .data_source("db", "memory:")
//!     .mail(MailConfig::new("memory:", "Shop <shop@example.com>"))
//!     .build()
//!     .await?;
//! let mailer = app.mailer()?;
//! mailer.send(Email::new("ann@example.com", "Welcome").text("Come in.")).await?;
//! assert_eq!(mailer.kept()[0].subject, "Welcome");
//! # Ok(())
//! # }
//! ```

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// How e-mail is sent.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct MailConfig {
    /// Where it goes: `smtp://user:password@host:587?tls=required`, `smtps://user:password@host`, `file:letters` (a folder,
    /// with a file for each), or `memory:` to keep it for tests. The first three take the cargo feature `email`.
    pub url: String,
    /// Who sends it: `Shop <shop@example.com>`.
    pub from: String,
}

impl MailConfig {
    /// E-mail of `from` goes to `url`.
    pub fn new(url: impl Into<String>, from: impl Into<String>) -> Self {
        MailConfig {
            url: url.into(),
            from: from.into(),
        }
    }
}

// The URL holds a password.
impl fmt::Debug for MailConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailConfig")
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

/// A letter: LoopBack's model `Email`.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Email {
    /// Whom it is for: one address, or several with commas between, each as it is or as in `Ann <ann@example.com>`.
    pub to: String,
    /// Who sends it, if that is not whom the configuration says.
    pub from: Option<String>,
    /// What it is about.
    pub subject: String,
    /// Its plain text.
    pub text: String,
    /// The same as HTML.
    pub html: Option<String>,
}

// What letters say is for who gets them: most hold a link that is a secret.
impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Email")
            .field("to", &self.to)
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

impl Email {
    /// An empty letter to `to` about `subject`.
    pub fn new(to: impl Into<String>, subject: impl Into<String>) -> Self {
        Email {
            to: to.into(),
            subject: subject.into(),
            ..Email::default()
        }
    }

    /// The letter with this text.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    /// The letter with its text as HTML, too.
    #[must_use]
    pub fn html(mut self, html: impl Into<String>) -> Self {
        self.html = Some(html.into());
        self
    }

    /// The letter from somebody else than the configuration says.
    #[must_use]
    pub fn from(mut self, from: impl Into<String>) -> Self {
        self.from = Some(from.into());
        self
    }
}

/// What sends e-mail, from [`Application::mailer`](crate::Application::mailer).
pub struct Mailer {
    from: String,
    way: Way,
}

enum Way {
    Memory(Mutex<Vec<Email>>),
    #[cfg(feature = "email")]
    Files(lettre::AsyncFileTransport<lettre::Tokio1Executor>),
    #[cfg(feature = "email")]
    Smtp(lettre::AsyncSmtpTransport<lettre::Tokio1Executor>),
}

impl Mailer {
    /// What sends e-mail as `config` says.
    ///
    /// # Errors
    /// The URL can't be used.
    pub(crate) fn new(config: &MailConfig) -> Result<Self> {
        let url = config.url.as_str();
        let way = if url == "memory:" {
            Way::Memory(Mutex::default())
        } else {
            Mailer::to(url)?
        };
        let from = config.from.clone();
        Ok(Mailer { from, way })
    }

    #[cfg(feature = "email")]
    fn to(url: &str) -> Result<Way> {
        if let Some(folder) = url.strip_prefix("file:") {
            let folder = folder.strip_prefix("//").unwrap_or(folder);
            std::fs::create_dir_all(folder).map_err(|error| {
                Error::internal("the folder of `mail.url` can't be made").with_source(error)
            })?;
            return Ok(Way::Files(lettre::AsyncFileTransport::new(folder)));
        }
        let server = lettre::AsyncSmtpTransport::<lettre::Tokio1Executor>::from_url(url);
        let server = server.map_err(|error| {
            let message = "`mail.url` can't be used; it is like `smtp://user:password@host:587?tls=required`, \
                           `file:letters` or `memory:`";
            Error::internal(message).with_source(error)
        })?;
        Ok(Way::Smtp(server.build()))
    }

    #[cfg(not(feature = "email"))]
    fn to(_: &str) -> Result<Way> {
        Err(Error::internal(
            "`mail.url` is none that this program was built for; write `memory:`, or add the cargo feature `email` to its \
             `loopwright` dependency",
        ))
    }

    /// Sends the letter.
    ///
    /// # Errors
    /// An address or the subject can't be one, or the server does not take it.
    pub async fn send(&self, email: Email) -> Result<()> {
        match &self.way {
            Way::Memory(letters) => {
                let from = Some(email.from.clone().unwrap_or_else(|| self.from.clone()));
                lock(letters).push(Email { from, ..email });
                Ok(())
            }
            #[cfg(feature = "email")]
            Way::Files(files) => {
                use lettre::AsyncTransport as _;
                let sent = files.send(self.message(email)?).await;
                sent.map(drop).map_err(unsent)
            }
            #[cfg(feature = "email")]
            Way::Smtp(server) => {
                use lettre::AsyncTransport as _;
                let sent = server.send(self.message(email)?).await;
                sent.map(drop).map_err(unsent)
            }
        }
    }

    /// The letters that have been sent to `memory:`; none that went elsewhere.
    pub fn kept(&self) -> Vec<Email> {
        match &self.way {
            Way::Memory(letters) => lock(letters).clone(),
            #[cfg(feature = "email")]
            Way::Files(_) | Way::Smtp(_) => Vec::new(),
        }
    }

    #[cfg(feature = "email")]
    fn message(&self, email: Email) -> Result<lettre::Message> {
        use lettre::message::{Mailbox, Mailboxes, MultiPart, SinglePart};

        let Email {
            to,
            from,
            subject,
            text,
            html,
        } = email;
        let unreadable = |error: lettre::address::AddressError| {
            Error::internal("an address of an e-mail is none").with_source(error)
        };
        let from: Mailbox = from
            .unwrap_or_else(|| self.from.clone())
            .parse()
            .map_err(unreadable)?;
        let to: Mailboxes = to.parse().map_err(unreadable)?;
        let mut message = lettre::Message::builder().from(from).subject(subject);
        for mailbox in to {
            message = message.to(mailbox);
        }
        let message = match html {
            Some(html) => message.multipart(MultiPart::alternative_plain_html(text, html)),
            None => message.singlepart(SinglePart::plain(text)),
        };
        message.map_err(|error| Error::internal("the e-mail can't be written").with_source(error))
    }
}

#[cfg(feature = "email")]
fn unsent(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(503, "The e-mail can't be sent now; try again later")
        .with_code("MAIL_UNAVAILABLE")
        .with_source(error)
}

fn lock(letters: &Mutex<Vec<Email>>) -> MutexGuard<'_, Vec<Email>> {
    letters.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer")
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

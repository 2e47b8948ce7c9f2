//! Questions to who sits at a terminal.

use std::fmt::Display;
use std::io::{IsTerminal, Write};

use inquire::{Confirm, InquireError, Select, Text};

use crate::error::{Error, Result};

/// Asks for what the arguments leave open.
///
/// Without a terminal nothing is asked: what has a default gets it, and what has none is an error that names the argument.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask {
    asks: bool,
}

impl Ask {
    /// Asks unless `yes` says that defaults will do, or nobody is there.
    pub(crate) fn new(yes: bool) -> Self {
        let there = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        Ask {
            asks: there && !yes,
        }
    }

    /// Is somebody there to be asked?
    pub(crate) fn asks(self) -> bool {
        self.asks
    }

    /// What was given, or is answered, or the default, as `read` understands it. An answer that it does not understand is
    /// asked for again; an empty answer to a question without a default, too.
    pub(crate) fn text<T>(
        self,
        given: Option<&str>,
        question: &str,
        argument: &str,
        default: Option<&str>,
        read: impl Fn(&str) -> Result<T>,
    ) -> Result<T> {
        if let Some(given) = given {
            return read(given);
        }
        if !self.asks {
            return match default {
                Some(default) => read(default),
                None => Err(missing(argument)),
            };
        }
        loop {
            let mut text = Text::new(question);
            text.default = default;
            let answer = text.prompt().map_err(unanswered)?;
            match read(answer.trim()) {
                Ok(value) => return Ok(value),
                // Nobody may be reading; the question comes again all the same.
                Err(error) => drop(writeln!(std::io::stderr(), "{error}")),
            }
        }
    }

    /// What was given, or is answered, if anything is.
    pub(crate) fn optional(self, given: Option<&str>, question: &str) -> Result<Option<String>> {
        if given.is_some() || !self.asks {
            return Ok(given.map(ToOwned::to_owned));
        }
        let answer = Text::new(question).prompt().map_err(unanswered)?;
        let answer = answer.trim();
        Ok((!answer.is_empty()).then(|| answer.to_owned()))
    }

    /// What was given, or is chosen; the first option is the default where `argument` may be left out.
    pub(crate) fn choice<T: Display>(
        self,
        given: Option<T>,
        question: &str,
        argument: Argument<'_>,
        options: Vec<T>,
    ) -> Result<T> {
        if let Some(given) = given {
            return Ok(given);
        }
        if self.asks && !options.is_empty() {
            return Select::new(question, options).prompt().map_err(unanswered);
        }
        match (argument, options.into_iter().next()) {
            (Argument::Optional, Some(first)) => Ok(first),
            (Argument::Optional, None) => Err(missing(question)),
            (Argument::Required(name), _) => Err(missing(name)),
        }
    }

    /// What was said, or is answered; no unless said.
    pub(crate) fn confirm(self, said: bool, question: &str) -> Result<bool> {
        if said || !self.asks {
            return Ok(said);
        }
        let confirm = Confirm::new(question).with_default(false);
        confirm.prompt().map_err(unanswered)
    }
}

/// May an argument be left out where nobody is asked?
#[derive(Debug, Clone, Copy)]
pub(crate) enum Argument<'a> {
    /// It has a default.
    Optional,
    /// It must be given, and is called so.
    Required(&'a str),
}

fn missing(argument: &str) -> Error {
    Error::usage(format!(
        "{argument} is missing, and there is no terminal to ask at; give it as an argument (`--help` lists them)"
    ))
}

fn unanswered(error: InquireError) -> Error {
    match error {
        InquireError::OperationCanceled | InquireError::OperationInterrupted => Error::Cancelled,
        error => Error::undone(format!(
            "the terminal can't be asked: {error}; give what is missing as arguments (`--help` lists them)"
        )),
    }
}

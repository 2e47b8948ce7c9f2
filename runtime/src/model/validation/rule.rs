//! Validation rules as data.

use serde_json::Value as Json;

use super::super::{Mixin, Place, Record, Value};

/// A rule of a property, with the words that it is broken with and the circumstances that it holds in.
#[derive(Debug, Clone, Copy)]
pub struct RuleDef {
    /// What is asked of the value.
    pub rule: Rule,
    /// The code of a failure in the place of the rule's own.
    pub code: Option<&'static str>,
    /// Messages in the place of the rule's own: the kind of failure (`min`, `blank`; `""` is the one without a kind), and
    /// what to say.
    pub messages: &'static [(&'static str, &'static str)],
    /// The rule is asked only then.
    pub condition: Option<Guard>,
    /// The rule is not asked then.
    pub exception: Option<Guard>,
    /// Does an `Option` without a value pass?
    pub allow_null: bool,
    /// Does a blank value pass, such as `""`?
    pub allow_blank: bool,
}

/// What is asked of a property's value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// Not blank: neither null nor `""` nor `[]`.
    Presence,
    /// Blank.
    Absence,
    /// The number of characters or items.
    Length {
        /// At least this many.
        min: Option<usize>,
        /// At most this many.
        max: Option<usize>,
        /// Exactly this many.
        is: Option<usize>,
    },
    /// A number between two bounds, both included.
    Range {
        /// At least this.
        min: Option<f64>,
        /// At most this.
        max: Option<f64>,
    },
    /// A number, as far as the type leaves that open.
    Numericality {
        /// A whole one.
        integer: bool,
    },
    /// One of these values.
    Inclusion(&'static [Literal]),
    /// None of these values.
    Exclusion(&'static [Literal]),
    /// Text of a certain form.
    Format(Format),
    /// No other instance has the value.
    Uniqueness {
        /// The positions of the properties that the other instance would have in common, too.
        scoped_to: &'static [usize],
    },
}

/// The form of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A regular expression finds a match in it.
    Pattern(&'static str),
    /// An e-mail address, without a display name. Nobody asks whether it can be reached.
    Email,
    /// An absolute URL with a host.
    Url,
}

/// The circumstances in which a rule is asked.
#[derive(Debug, Clone, Copy)]
pub enum Guard {
    /// The truth value of the property at this position.
    Property(usize),
    /// The answer of a function about the instance, which begins at a place in the record: none when it is not yet one.
    Function(fn(&Record, Place) -> Option<bool>),
}

/// A constant inside a description.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Literal {
    /// `true` or `false`
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// A number.
    Float(f64),
    /// Text.
    String(&'static str),
}

impl RuleDef {
    /// The rule with its own words, that an `Option` without a value passes and a blank value breaks.
    pub const fn new(rule: Rule) -> Self {
        RuleDef {
            rule,
            code: None,
            messages: &[],
            condition: None,
            exception: None,
            allow_null: true,
            allow_blank: false,
        }
    }

    /// The rule with another code.
    #[must_use]
    pub const fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// The rule with other messages, each after the kind of failure that it is for.
    #[must_use]
    pub const fn messages(mut self, messages: &'static [(&'static str, &'static str)]) -> Self {
        self.messages = messages;
        self
    }

    /// The rule as one that is asked only in some circumstances.
    #[must_use]
    pub const fn only_if(mut self, guard: Guard) -> Self {
        self.condition = Some(guard);
        self
    }

    /// The rule as one that is not asked in some circumstances.
    #[must_use]
    pub const fn unless(mut self, guard: Guard) -> Self {
        self.exception = Some(guard);
        self
    }

    /// The rule as one that an `Option` without a value breaks.
    #[must_use]
    pub const fn refuse_null(mut self) -> Self {
        self.allow_null = false;
        self
    }

    /// The rule as one that a blank value passes.
    #[must_use]
    pub const fn allow_blank(mut self) -> Self {
        self.allow_blank = true;
        self
    }

    /// Is the rule asked whatever the instance is like?
    pub const fn is_unconditional(&self) -> bool {
        self.condition.is_none() && self.exception.is_none()
    }

    /// Is the rule asked about `record`, in which what the rule knows as its model begins at `place`?
    pub(super) fn applies(&self, record: &Record, place: Place) -> bool {
        let holds = |guard: &Guard| guard.holds(record, place);
        // Who can't be asked is in no one's way: the rule is asked all the same.
        self.condition.as_ref().and_then(holds) != Some(false)
            && self.exception.as_ref().and_then(holds) != Some(true)
    }

    /// What the rule's failures of this kind say, unless they say what they usually do.
    pub(super) fn message(&self, kind: &str) -> Option<&'static str> {
        let mut messages = self.messages.iter();
        messages
            .find(|(known, _)| *known == kind)
            .map(|(_, message)| *message)
    }
}

impl Guard {
    fn holds(&self, record: &Record, place: Place) -> Option<bool> {
        match self {
            // An absent property leaves the question open, null is no (contract models.md §9.1).
            Guard::Property(index) => record
                .get(place.properties + *index)
                .map(|value| *value == Value::Boolean(true)),
            Guard::Function(function) => function(record, place),
        }
    }
}

impl Rule {
    /// The code that failures begin with.
    pub const fn code(&self) -> &'static str {
        match self {
            Rule::Presence => "presence",
            Rule::Absence => "absence",
            Rule::Length { .. } => "length",
            Rule::Range { .. } => "range",
            Rule::Numericality { .. } => "numericality",
            Rule::Inclusion(_) => "inclusion",
            Rule::Exclusion(_) => "exclusion",
            Rule::Format(_) => "format",
            Rule::Uniqueness { .. } => "uniqueness",
        }
    }
}

impl Literal {
    /// The constant as JSON.
    pub fn to_json(self) -> Json {
        match self {
            Literal::Boolean(flag) => flag.into(),
            Literal::Integer(number) => number.into(),
            Literal::Float(number) => number.into(),
            Literal::String(text) => text.into(),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "compared with a float")]
    pub(super) fn equals(self, value: &Value) -> bool {
        match (self, value) {
            (Literal::Boolean(literal), Value::Boolean(flag)) => literal == *flag,
            (Literal::Integer(literal), Value::Integer(number)) => literal == *number,
            (Literal::Integer(literal), Value::Float(number)) => literal as f64 == *number,
            (Literal::Float(literal), Value::Float(number)) => literal == *number,
            (Literal::String(literal), value) => literal == value.to_text(),
            (literal, Value::Decimal(number)) => {
                literal.to_json().to_string().parse() == Ok(*number)
            }
            _ => false,
        }
    }
}

/// What a function of the model's own says about the instance that a record is, if it is one. Written by
/// `#[derive(Model)]`.
#[doc(hidden)]
pub fn guard<M: Mixin>(record: &Record, place: Place, function: fn(&M) -> bool) -> Option<bool> {
    let mut record = record.clone();
    if let Some(def) = M::MIXIN.base {
        def.fill_blank_id(&mut record, place);
    }
    M::from_part(&mut record, place).ok().as_ref().map(function)
}

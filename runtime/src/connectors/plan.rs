//! What would make a data source's tables what the models say, step by step.

use std::fmt;

use crate::model::ModelDef;

/// What a plan may do beyond adding and widening.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlanOptions {
    /// Takes the steps too that may lose data, or that the data source may refuse for what the tables hold.
    pub allow_lossy: bool,
    /// Drops the columns, indexes and foreign keys of the models' tables that no model has.
    pub drop: bool,
    /// Drops these tables, unless a model has them. Others are never dropped: they may be another program's.
    pub drop_tables: Vec<String>,
}

/// What would make a data source's tables what the models say.
///
/// Its [`Display`](fmt::Display) is the SQL with comments that say what each step does, costs and risks.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Plan {
    /// The models that the plan is for.
    pub models: Vec<&'static ModelDef>,
    /// What it may do.
    pub options: PlanOptions,
    /// Does either all of it happen or nothing? Otherwise each statement stands for itself.
    pub atomic: bool,
    /// What is to be done, in this order.
    pub steps: Vec<Step>,
    /// What is not done unless [`PlanOptions::allow_lossy`] is set, or not at all.
    pub held_back: Vec<Difference>,
    /// What no model has and is not dropped. It is no drift: other programs may use it.
    pub left_alone: Vec<Difference>,
}

/// A difference and what ends it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Step {
    /// What is different.
    pub difference: Difference,
    /// The statements, as they are run.
    pub statements: Vec<String>,
    /// The statements that undo the step; none if it loses data that no statement brings back.
    pub undo: Option<Vec<String>>,
}

/// Something that a table and its model do not agree about.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Difference {
    /// The model, where there is one.
    pub model: Option<&'static ModelDef>,
    /// What is to be done about it: `add the column "city" to "shop"`.
    pub action: String,
    /// How data may be lost, or why the data source may refuse.
    pub lossy: Option<String>,
    /// What else to know: long locks, duplicates, a rename that this may be.
    pub notes: Vec<String>,
}

impl Plan {
    /// Do the tables have all that the models say?
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.held_back.is_empty()
    }

    /// The differences between the models and their tables.
    pub fn differences(&self) -> impl Iterator<Item = &Difference> {
        let steps = self.steps.iter().map(|step| &step.difference);
        steps.chain(&self.held_back)
    }

    /// The statements, as they are run.
    pub fn statements(&self) -> impl Iterator<Item = &str> {
        let statements = self.steps.iter().flat_map(|step| &step.statements);
        statements.map(String::as_str)
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            comment(f, &step.difference, "")?;
            for statement in &step.statements {
                writeln!(f, "{statement};")?;
            }
            writeln!(f)?;
        }
        for difference in &self.held_back {
            comment(f, difference, "held back: ")?;
            writeln!(f)?;
        }
        for difference in &self.left_alone {
            comment(f, difference, "left alone: ")?;
        }
        Ok(())
    }
}

/// The difference as comments. A name may hold line breaks, and nothing after one would be a comment.
fn comment(f: &mut fmt::Formatter<'_>, difference: &Difference, before: &str) -> fmt::Result {
    let line = |text: &str| text.replace(char::is_control, " ");
    writeln!(f, "-- {before}{}", line(&difference.action))?;
    if let Some(lossy) = &difference.lossy {
        writeln!(f, "-- lossy: {}", line(lossy))?;
    }
    for note in &difference.notes {
        writeln!(f, "-- note: {}", line(note))?;
    }
    Ok(())
}

//! What is printed for tables and samples that are hard to name.

mod samples;
mod tables;

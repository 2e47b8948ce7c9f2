//! What users of the derives meet: every compile error with its exact words, and code that must compile.
//!
//! All of it is in `tests/`; the fixtures that must not compile are in the folders beside `src/`.

//! libFuzzer, or files, for the target `condition`.
#![cfg_attr(fuzzing, no_main)]

loopwright_fuzz::program!(condition);

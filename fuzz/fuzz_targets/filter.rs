//! libFuzzer, or files, for the target `filter`.
#![cfg_attr(fuzzing, no_main)]

loopwright_fuzz::program!(filter);

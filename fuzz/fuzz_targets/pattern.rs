//! libFuzzer, or files, for the target `pattern`.
#![cfg_attr(fuzzing, no_main)]

loopwright_fuzz::program!(pattern);

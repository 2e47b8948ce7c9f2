//! libFuzzer, or files, for the target `configuration`.
#![cfg_attr(fuzzing, no_main)]

loopwright_fuzz::program!(configuration);

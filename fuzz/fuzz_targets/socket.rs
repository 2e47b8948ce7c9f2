//! libFuzzer, or files, for the target `socket`.
#![cfg_attr(fuzzing, no_main)]

loopwright_fuzz::program!(socket);

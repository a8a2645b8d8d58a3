//! Grend on a phone: the shell that hosts its screens, and what ties it to Android.

pub mod shell;

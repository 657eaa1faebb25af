//! Rebuilds the binary when a feature, clause or profile is added or changed.

fn main() {
    println!("cargo::rerun-if-changed=../../features");
}

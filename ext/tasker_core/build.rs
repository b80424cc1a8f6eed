//! Links against the Ruby that runs the build.

fn main() {
    rb_sys_build::rb_config().print_cargo_args();
}

# frozen_string_literal: true

# Lines of src/ that the Rust tests run; those of the tests themselves do not count. What rustdoc's examples run is not counted, which
# stable Rust cannot do.
LINES_AT_LEAST = 90 # percent

desc "Measure which lines of src/ the Rust tests run; coverage/html has them all"
task :coverage do
  sh "bin/setup --coverage"
  with_rust_databases do |environment|
    sh(environment, "cargo llvm-cov --no-report nextest --package tasker-core --all-features")
  end
  only = "--ignore-filename-regex '/(tests|benches|examples|ext)/'"
  sh "cargo llvm-cov report --package tasker-core --html --output-dir coverage #{only}"
  sh "cargo llvm-cov report --package tasker-core --fail-under-lines #{LINES_AT_LEAST} #{only}"
end

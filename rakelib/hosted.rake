# frozen_string_literal: true

namespace :hosted do
  desc "Record the conversations and the document of operations anew, and make the types of other languages from it"
  task :record do
    with_rust_databases do |environment|
      sh(environment.merge("TASKER_CORE_RECORD" => "1"),
         "cargo nextest run --package tasker-core --all-features --test hosted recorded_on_request document_of_operations")
    end
    Rake::Task["hosted:types"].invoke
  end

  desc "Make the types of other languages from tests/hosted/operations.json"
  task(:types) { sh "python3 ext/python/tools/generate.py" }
end

namespace :spec do
  desc "Build the Python package and run its tests on every driver"
  task :hosts do
    sh "bin/support/python"
    with_database("tasker_core_python", fresh: true) do |environment|
      Dir.chdir("ext/python") do
        sh "cargo fmt --check && cargo clippy --quiet -- --deny warnings"
        sh({ "TASKER_CORE_PYTHON_DATABASE_URL" => environment["DATABASE_URL"] }, "../../tmp/python/bin/pytest", "--quiet")
      end
    end
  end
end

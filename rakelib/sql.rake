# frozen_string_literal: true

namespace :sql do
  desc "Write the text of each statement into tests/statements, to be pasted into psql"
  task :record do
    with_rust_databases do |environment|
      sh(environment.merge("TASKER_CORE_RECORD" => "1"), "cargo nextest run --package tasker-core --all-features --test statements")
    end
  end
end

# frozen_string_literal: true

namespace :hosted do
  desc "Record the conversations and the document of operations anew"
  task :record do
    with_rust_databases do |environment|
      sh(environment.merge("TASKER_CORE_RECORD" => "1"),
         "cargo nextest run --package tasker-core --all-features --test hosted recorded_on_request document_of_operations")
    end
  end
end

# frozen_string_literal: true

require "digest"

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
  task :types do
    sh "python3 ext/python/tools/generate.py"
    sh "node js/tools/generate.mjs"
  end
end

# The types of other languages, each file with the digest of what it was made from: whether they are stale needs neither Python nor Node.
module HostedTypes
  SOURCE = "tests/hosted/operations.json"
  FILES = %w[ext/python/python/tasker_core/types.py ext/python/python/tasker_core/_operations.py
             js/src/generated/types.ts js/src/generated/operations.ts js/src/generated/instants.ts].freeze

  # @return [Array<String>] the files that were made from another source
  def self.stale
    digest = Digest::SHA256.file(SOURCE).hexdigest
    FILES.reject { |file| File.read(file, 1024).include?("sha256 of its source: #{digest}") }
  end
end

namespace :lint do
  desc "Refuse types of other languages that were made from other operations"
  task :hosted do
    stale = HostedTypes.stale
    abort "stale: #{stale.join(", ")}; run `rake hosted:types`" if stale.any?
  end
end

namespace :spec do
  desc "Build the packages of other languages and run their tests on every driver"
  task hosts: %w[spec:python spec:node]

  desc "Build the Python package and run its tests on every driver"
  task :python do
    sh "bin/support/python"
    with_database("tasker_core_python", fresh: true) do |environment|
      Dir.chdir("ext/python") do
        sh "cargo fmt --check && cargo clippy --quiet -- --deny warnings"
        sh({ "TASKER_CORE_PYTHON_DATABASE_URL" => environment["DATABASE_URL"] }, "../../tmp/python/bin/pytest", "--quiet")
      end
    end
  end

  desc "Build the npm package and run its tests on every driver, natively and in WebAssembly"
  task :node do
    sh "bin/support/node"
    %w[node wasm].each do |crate|
      Dir.chdir("ext/#{crate}") { sh "cargo fmt --all --check && cargo clippy --quiet --workspace -- --deny warnings" }
    end
    with_database("tasker_core_node_documents", fresh: true) do |documents|
      with_database("tasker_core_node", fresh: true) do |environment|
        databases = { "TASKER_CORE_NODE_DATABASE_URL" => environment["DATABASE_URL"],
                      "TASKER_CORE_NODE_DOCUMENTS_DATABASE_URL" => documents["DATABASE_URL"] }
        sh databases, "npm run --silent --prefix js/tests test"
      end
    end
  end
end

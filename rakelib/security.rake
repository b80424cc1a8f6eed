# frozen_string_literal: true

desc "Check licences, second versions, sources and known vulnerabilities of the crates (deny.toml)"
task security: "security:offline" do
  sh "cargo deny --workspace check advisories"
end

namespace :security do
  desc "The same but for vulnerabilities, which are looked up in a database that must be fetched"
  task :offline do
    sh "bin/setup --security"
    sh "cargo deny --workspace check licenses bans sources"
  end
end

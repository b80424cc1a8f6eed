# frozen_string_literal: true

require_relative "support/tested_versions"

namespace :matrix do
  desc "Write what `bin/test --matrix` has recorded into docs/tested.md and README.md"
  task(:record) { TestedVersions.renew }
end

# frozen_string_literal: true

RSpec.configure do |config|
  config.disable_monkey_patching!
  config.order = :random
  Kernel.srand config.seed

  config.expect_with(:rspec) do |expectations|
    expectations.include_chain_clauses_in_custom_matcher_descriptions = true
    expectations.max_formatted_output_length = 4_000
  end

  # What a formatter has written is there when the process is killed.
  config.before(:suite) { RSpec.configuration.formatters.each { |formatter| formatter.output.sync = true } }

  # As in the engine's own suite: what it stubs must stay defined, with the same parameters.
  config.mock_with(:rspec) { |mocks| mocks.verify_partial_doubles = true }
end

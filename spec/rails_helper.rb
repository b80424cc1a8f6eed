# frozen_string_literal: true

# Boots the dummy application in the test environment. DATABASE_URL names a database that spec/dummy/bin/prepare has prepared.
require_relative "spec_helper"

abort "DATABASE_URL is not set: expected that of a prepared database, got nothing." unless ENV["DATABASE_URL"]

# In a parallel run every process but the first has a database with its number (parallel_tests sets it).
ENV["DATABASE_URL"] = ENV["DATABASE_URL"].sub(%r{/[^/?]+(?=\?|\z)}) { |path| path + ENV["TEST_ENV_NUMBER"].to_s }

ENV["RAILS_ENV"] = "test"
# Rows of specs need not survive a crash of the server. Between large and small tasks the planner's statistics are off by so much that
# PostgreSQL compiles the plans of small questions, for a second each.
ENV["PGOPTIONS"] ||= "-c synchronous_commit=off -c jit=off"

require_relative "dummy/config/environment"
require "rspec/rails"
require_relative "dummy/lib/shape_workflow"
Dir[File.join(__dir__, "support/**/*.rb")].each { |file| require file }

TaskerCore::Extension.require!

RSpec.configure do |config|
  config.use_transactional_fixtures = false
  config.include ActiveSupport::Testing::TimeHelpers
  config.include TransactionalTests, :transactional
  config.include WorkflowRows
  config.include SameAnswers
  config.include Callbacks
  config.include ChildProcess
  config.include WorkflowRuns
  config.include Observing
  config.include Statements
  config.include RepairSwitches
  config.extend RepairSwitches::Groups
  config.include Waiting
  config.include Sessions

  # A look at the system's load holds for half a minute. It is not to be over in the middle of an example that counts what a run asks.
  config.before { TaskerCore::Frames::SystemLoad.forget }

  # The engine's view walks all edges that there are, whatever it is asked about.
  config.after(:context) do
    Tasker::WorkflowStepEdge.delete_all if self.class.superclass == RSpec::Core::ExampleGroup
  end

  config.before(:suite) do
    raise "the specs compare with the gem on: expected TASKER_CORE to be unset or on" unless TaskerCore.active?

    # What is compared with the engine is compared with its faults.
    TaskerCore.configuration.repairs.all = false
    EngineTables.clear
    WorkflowRows.prepare
    GcStress.begin if GcStress.wanted.positive?
  end

  config.after(:suite) { GcStress.end }
end

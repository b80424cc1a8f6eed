# frozen_string_literal: true

require_relative "../rails_helper"

# What an application may set for its sessions in database.yml. Statements are planned and values are written in another way then; a
# workflow must not notice, and no setting is the gem's to change.
RSpec.describe "Settings of the application's sessions" do
  settings = [
    { "plan_cache_mode" => "force_custom_plan" }, { "plan_cache_mode" => "force_generic_plan" }, { "datestyle" => "SQL, DMY" },
    { "timezone" => "Asia/Kathmandu" }, { "array_nulls" => "off" }, { "extra_float_digits" => "-15" }, { "bytea_output" => "escape" },
    { "standard_conforming_strings" => "on" }
  ]

  def pool = Tasker::ApplicationRecord.connection_pool

  # Runs the block with new sessions, here and on the threads of the engine.
  def with_sessions(variables, &)
    usual = pool.db_config.configuration_hash
    allow(pool.db_config).to receive(:configuration_hash).and_return(usual.merge(variables:))
    end_sessions(pool)
    on_new_threads(&)
  ensure
    allow(pool.db_config).to receive(:configuration_hash).and_call_original
    end_sessions(pool)
  end

  # With sessions that nobody holds any more afterwards.
  def on_new_threads
    threads = Concurrent.new_io_executor
    allow(Concurrent).to receive(:global_io_executor).and_return(threads)
    yield
  ensure
    threads.shutdown
    threads.wait_for_termination(10)
    pool.reap
  end

  # @return [Hash] every setting of a session
  def settings_of(connection) = connection.select_rows("SELECT name, setting FROM pg_settings").to_h

  # One of two branches fails for good; results, errors and instants are written and read.
  def rows
    workflow = ShapeWorkflow.new(Shapes.failing)
    run_of(workflow, listen: :nowhere).fetch(:rows)
  end

  let!(:usual) { on_new_threads { rows } }

  [*settings, settings.reduce(:merge)].each do |variables|
    describe variables.map { |name, value| "#{name} = #{value}" }.join(", ") do
      it "make no difference to a workflow, with the gem off and on" do
        with_sessions(variables) { expect { expect(rows).to eq(usual) }.to answer_alike }
      end

      it "are what they were in every session, and so are all others" do
        with_sessions(variables) do
          before = settings_of(Tasker::ApplicationRecord.connection)
          variables.each { |name, value| expect(before.transform_keys(&:downcase)).to include(name => value) }
          rows
          expect(pool.connections.size).to be > 1
          pool.connections.each { |connection| expect(settings_of(connection)).to eq(before) }
        end
      end
    end
  end
end

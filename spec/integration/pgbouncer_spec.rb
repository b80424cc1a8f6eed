# frozen_string_literal: true

require_relative "../rails_helper"
require_relative "../support/rust_workers"

# Rails' own conditions for a transaction pooler hold: no prepared statements, no session settings by the client.
RSpec.describe "Behind PgBouncer in transaction mode" do
  # Without PGOPTIONS: they are session settings.
  def behind_pgbouncer
    PgBouncer.run { |url| yield({ "DATABASE_URL" => url, "PGOPTIONS" => "", "TEST_ENV_NUMBER" => nil }) }
  end

  it "uses another session for each transaction, so that the specs below have one to notice" do
    behind_pgbouncer do |env|
      sessions = run_in_dummy(<<~RUBY, env:).answer
        require "concurrent"
        pid = -> { Tasker::ApplicationRecord.uncached { Tasker::ApplicationRecord.connection.select_value("SELECT pg_backend_pid()") } }
        open = Concurrent::CyclicBarrier.new(#{PgBouncer::SESSIONS})
        holder = -> { Tasker::ApplicationRecord.transaction { pid.call && open.wait } }
        Array.new(#{PgBouncer::SESSIONS}) { Thread.new(&holder) }.each(&:join)
        puts JSON.generate(Array.new(12) { pid.call }.uniq.size)
      RUBY
      expect(sessions).to eq(PgBouncer::SESSIONS)
    end
  end

  { "the same rows, events and log lines as the engine for each shape of the demo" => "spec/parity/demo_shapes_spec.rb",
    "tasks whose failed steps are retried until they complete" => "spec/fixes/retries_spec.rb" }.each do |result, file|
    it "leaves #{result}" do
      behind_pgbouncer do |env|
        child = try_child("rspec", file, gemfile: ENV.fetch("BUNDLE_GEMFILE"), env:)
        expect([child.status.exitstatus, child.output]).to match([0, /^[1-9]\d* examples?, 0 failures$/])
      end
    end
  end

  # Its own statements are prepared, and its lock is a session's.
  it "refuses Rust workers in one sentence, whether they recover or not" do
    RustWorkers.build
    sentence = "a worker: expected sessions of the server's own, got those of a pooler that hands them to others after each transaction: " \
               "connect it past the pooler\n"
    PgBouncer.run do |url|
      expect([{}, { grace: 30 }].map { |script| RustWorkers.refusal(url, **script) }).to eq([[1, sentence]] * 2)
    end
  end

  it "refuses recovery in one sentence" do
    behind_pgbouncer do |env|
      message = run_in_dummy(<<~RUBY, env: env.merge("TASKER_CORE_RECOVERY" => "on")).answer
        message = begin
          TaskerCore::Recovery.sweep
        rescue TaskerCore::ConfigurationError => error
          error.message
        end
        puts JSON.generate(message.to_s)
      RUBY
      expect(message).to match(/\Aconfig.recovery: expected a session of the server's own .* got one of a pooler/)
    end
  end
end

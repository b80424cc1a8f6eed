# frozen_string_literal: true

# Microseconds of a small question through the gem and of the same statement through the bare connection: host.rb ROUNDS CALLS, in a
# Rails application on DATABASE_URL.

require_relative "../../spec/dummy/config/environment"
require "json"

rounds, calls = ARGV.map { |argument| Integer(argument, 10) }
ActiveRecord::Base.logger = nil
connection = ActiveRecord::Base.connection
core = -> { Tasker::Functions::FunctionBasedStepReadinessStatus.for_steps(7, [71, 72, 73, 74]) }

statement = nil
ActiveSupport::Notifications.subscribed(->(*, payload) { statement = payload.slice(:sql, :binds) unless payload[:name] == "SCHEMA" },
                                        "sql.active_record", &core)
bare = -> { connection.exec_query(statement.fetch(:sql), "bare", statement.fetch(:binds), prepare: true) }

CLOCKS = { "" => Process::CLOCK_MONOTONIC, "_cpu" => Process::CLOCK_PROCESS_CPUTIME_ID }.freeze
# Microseconds a call of each side, and those of them that the process was on a processor.
taken = Hash.new { |hash, side| hash[side] = [] }
# Until statements are prepared and code is compiled.
(40 * calls).times { [bare, core].each(&:call) }
rounds.times do
  { bare:, core: }.each do |side, call|
    began = CLOCKS.transform_values { |clock| Process.clock_gettime(clock) }
    calls.times { call.call }
    took = CLOCKS.to_h { |kind, clock| [kind, Process.clock_gettime(clock) - began[kind]] }
    took.each { |kind, seconds| taken["#{side}#{kind}"] << (seconds / calls * 1_000_000) }
  end
end
puts JSON.generate("Ruby, ActiveRecord" => taken)

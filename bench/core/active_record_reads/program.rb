# frozen_string_literal: true

# The cases of examples/bench/models.rs by ActiveRecord, in rounds: milliseconds a call, as JSON on the last line.

rounds, tiny = ARGV
since = Time.at(0).utc
first = Tasker::Task.where(initiator: "bench").minimum(:task_id)
context = { "order" => 7, "lines" => [1, 2, 3] }
scoped = -> { Tasker::Task.in_namespace("bench models").by_current_state("error").created_since(since) }
reads = {
  "build" => [1_000, -> { scoped.call.to_sql }],
  "scoped" => [100, -> { scoped.call.to_a }],
  "create" => [100, -> { Tasker::Task.create!(named_task_id: 1001, context:, identity_hash: SecureRandom.uuid) }],
  "find" => [200, -> { Tasker::Task.find(first) }],
  "eager" => [10, -> { Tasker::Task.order(:task_id).limit(100).includes(:workflow_steps, :task_transitions).to_a }]
}
ms = reads.transform_values { [] }
(0..Integer(rounds)).each do |round|
  reads.each do |name, (calls, read)|
    calls = 2 if tiny == "true"
    from = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    # In a transaction that is rolled back, as the program in Rust does it.
    Tasker::Task.transaction do
      Tasker::Task.uncached { calls.times { read.call } }
      raise ActiveRecord::Rollback
    end
    ms[name] << ((Process.clock_gettime(Process::CLOCK_MONOTONIC) - from) * 1000 / calls) unless round.zero?
  end
end
raise "expected 20 failed tasks, got #{scoped.call.to_a.size}" unless scoped.call.to_a.size == 20

puts ms.to_json

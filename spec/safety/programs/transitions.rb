# frozen_string_literal: true

# Moves tasks and steps in circles, MOVES times, and prints as JSON what the process holds before and after: bytes in memory and live
# objects. STEPS says how many of a hundred moves are a step's; DEFINITIONS names a task and a step to make others like. Runs inside the
# booted dummy application.

MOVES = Integer(ENV.fetch("MOVES"))
STEPS = Integer(ENV.fetch("STEPS"))
WARM_UP = 6_000
CIRCLE = %w[in_progress error pending].freeze
# Owners are made anew after so many moves, so that their histories stay short.
MOVES_OF_EACH = 30

TASK, STEP = ENV.fetch("DEFINITIONS").split(",").map { |id| Integer(id) }

def new_tasks(count)
  return [] if count.zero?

  row = { **Tasker::Task.find(TASK).attributes.symbolize_keys.slice(:named_task_id, :context), requested_at: Time.current }
  Tasker::Task.insert_all!(Array.new(count) { { **row, identity_hash: SecureRandom.uuid } }).rows.flatten.map { |id| Tasker::Task.find(id) }
end

def new_steps(count)
  row = Tasker::WorkflowStep.find(STEP).attributes.symbolize_keys.slice(:task_id, :named_step_id, :attempts, :inputs, :results)
  Tasker::WorkflowStep.insert_all!(Array.new(count) { row }).rows.flatten.map { |id| Tasker::WorkflowStep.find(id) }
end

def move(count)
  steps = count * STEPS / 100
  owners = [*new_tasks((count - steps) / MOVES_OF_EACH), *new_steps(steps / MOVES_OF_EACH)]
  owners.each { |owner| MOVES_OF_EACH.times { |index| owner.state_machine.transition_to!(CIRCLE[index % 3]) } }
  owners.size * MOVES_OF_EACH
end

def held
  4.times { GC.start }
  { bytes: File.read("/proc/self/statm").split[1].to_i * Etc.sysconf(Etc::SC_PAGESIZE), objects: GC.stat(:heap_live_slots) }
end

move(WARM_UP)
before = held
TaskerCore.reset_stats
moved = 0
moved += move(6_000) while moved < MOVES
answered = TaskerCore.stats.values_at("TaskStateMachine#transition_to!", "StepStateMachine#transition_to!")
puts JSON.generate(before:, after: held, moved:, rust: answered.sum { |counts| counts[:rust] }, engine: answered.sum { |counts|
  counts[:engine]
})

# frozen_string_literal: true

# Moves tasks and steps in circles, 100,000 times, and prints as JSON what the process holds before and after: bytes in memory and live
# objects. Runs inside the booted dummy application; DEFINITIONS names a task and a step to make others like.

WARM_UP = 6_000
MOVES = 100_000
CIRCLE = %w[in_progress error pending].freeze
# Owners are made anew after so many moves, so that their histories stay short.
MOVES_OF_EACH = 30

TASK, STEP = ENV.fetch("DEFINITIONS").split(",").map { |id| Integer(id) }

def new_tasks(count)
  row = { **Tasker::Task.find(TASK).attributes.symbolize_keys.slice(:named_task_id, :context), requested_at: Time.current }
  Tasker::Task.insert_all!(Array.new(count) { { **row, identity_hash: SecureRandom.uuid } }).rows.flatten.map { |id| Tasker::Task.find(id) }
end

def new_steps(count)
  row = Tasker::WorkflowStep.find(STEP).attributes.symbolize_keys.slice(:task_id, :named_step_id, :attempts, :inputs, :results)
  Tasker::WorkflowStep.insert_all!(Array.new(count) { row }).rows.flatten.map { |id| Tasker::WorkflowStep.find(id) }
end

# Whoever hears of a step's move loads the step, so that these take long: there are fewer of them.
def move(count)
  owners = [*new_tasks(count * 24 / 25 / MOVES_OF_EACH), *new_steps(count / 25 / MOVES_OF_EACH)]
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

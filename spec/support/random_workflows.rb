# frozen_string_literal: true

require_relative "workflow_rows"

# Tasks with random graphs, states and column values, the ones included that the engine itself never writes: NULLs, blank and unknown
# states, histories without a flag, duplicate edges and parents in other tasks.
class RandomWorkflows
  include WorkflowRows

  STATES = [*WorkflowRows::STATES, "pending", "complete", "complete", "error", "", "skipped"].freeze
  private_constant :STATES

  # @param random [Random]
  def initialize(random)
    @random = random
  end

  # @return [Array<Tasker::Task>]
  def create(tasks: 3, steps: 0..12)
    made = Array.new(tasks) { make_random_task(@random.rand(steps)) }
    link_across(made.flat_map { |_, steps| steps })
    made.map(&:first)
  end

  private

  def make_random_task(size)
    task = make_task(*random_history)
    steps = Array.new(size) { |index| make_random_step(task, format("step_%02d", index)) }
    steps.each_with_index do |step, index|
      steps.first(index).sample(@random.rand(0..3), random: @random).each { |parent| make_edge(parent, step) }
    end
    [task, steps]
  end

  def make_random_step(task, name)
    step = make_step(task, name, **random_columns)
    states = random_history
    make_history(step, *states, flagged: @random.rand(12).zero? ? nil : states.size - 1, created_at: random_instant)
    step
  end

  def random_columns
    { attempts: pick(nil, 0, 0, 1, 2, 3, 5, 43), retry_limit: pick(nil, 0, 1, 3, 3, 5), retryable: chance?(5, 6),
      in_process: chance?(1, 8), processed: chance?(1, 4), last_attempted_at: pick(nil, random_instant),
      backoff_request_seconds: pick(nil, nil, nil, 0, 1, 30, 3600) }
  end

  def random_history
    Array.new(@random.rand(0..3)) { STATES.sample(random: @random) }
  end

  # Around the present, so that some backoffs are over and some are not; to the microsecond.
  def random_instant
    Time.current - @random.rand(-5.0..90.0)
  end

  def link_across(steps)
    return if steps.size < 2

    (steps.size / 6).times { make_edge(*steps.sample(2, random: @random).sort_by(&:id)) }
    Tasker::WorkflowStepEdge.where(to_step_id: steps.map(&:id)).sample(2, random: @random).each do |edge|
      make_edge(edge.from_step_id, edge.to_step_id)
    end
  end

  def pick(*values) = values.sample(random: @random)

  def chance?(times, of) = @random.rand(of) < times
end

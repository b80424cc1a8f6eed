# frozen_string_literal: true

# Fibers of a scheduler, each with a connection of its own, that race each other over steps and run a workflow each. Prints as JSON how the
# races ended, and what became of the workflows. Runs inside the booted dummy application; STEPS names the steps.

require "async"
require_relative "../../dummy/lib/shape_workflow"

ActiveSupport::IsolatedExecutionState.isolation_level = :fiber

FIBERS = 8

# @return [Array<Object>] what the block has returned in each fiber
def in_fibers
  Sync { |task| Array.new(FIBERS) { |index| task.async { yield index } }.map(&:wait) }
end

def move(id)
  Tasker::WorkflowStep.find(id).state_machine.transition_to!("in_progress")
rescue Statesman::TransitionFailedError, Statesman::TransitionConflictError => e
  e.class.name
end

steps = ENV.fetch("STEPS").split(",").map { |id| Integer(id) }
races = in_fibers { Tasker::ApplicationRecord.connection_pool.with_connection { steps.map { |id| move(id) } } }
workflow = ShapeWorkflow.new(Shapes.diamond)
states = in_fibers do |index|
  task = workflow.create({ "batch" => index })
  workflow.run(task)
  Tasker::Task.find(task.task_id).status
end
connections = Tasker::ApplicationRecord.connection_pool.stat[:connections]
puts JSON.generate(races: races.transpose, states:, connections:, engine: TaskerCore.stats.values.sum { |counts| counts[:engine] })

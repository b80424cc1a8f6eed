# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe TaskerCore::Engine::Registry do
  # Every engine method with more than one patch, in the order in which they are applied. Another one belongs here only if one patch cannot
  # do it.
  wrapped_twice = {
    "Coordinator.setup_telemetry_subscriber" => %w[Fixes::Telemetry::Setup Fixes::Metrics::Setup],
    "InstanceMethods#handle" => %w[
      Frames::TaskHandler WorkflowRun::EngineMethods::TaskHandler Claims::TaskHandler Fixes::RaceLoser::TaskHandler
    ],
    "InstanceMethods#start_task" => %w[Claims::TaskHandler Fixes::RaceLoser::TaskHandler],
    "StepExecutor#complete_error_step_execution" => %w[
      Backing::StepExecutor Recovery::RetriedEndings::Executor Fixes::StrandedSteps::Executor
    ],
    "StepExecutor#complete_step_execution" => %w[
      Backing::StepExecutor Recovery::RetriedEndings::Executor Fixes::StrandedSteps::Executor
    ],
    "StepExecutor#execute_single_step" => %w[
      Frames::Executor WorkflowRun::EngineMethods::StepExecutor Claims::StepExecutor Fixes::RaceLoser::Executor
    ],
    "StepExecutor#execute_steps" => %w[Frames::Rounds::Executor Claims::StepExecutor],
    "StepExecutor#transition_step_to_in_progress!" => %w[
      WorkflowRun::EngineMethods::StepExecutor Claims::StepExecutor Fixes::RaceLoser::Executor Fixes::StrandedSteps::Executor
    ],
    "StepStateMachine#transition_to!" => %w[Engine::StateMachine Fixes::StaleTransitions::Machine],
    "TaskFinalizer#complete_task" => %w[Backing::TaskFinalizer Fixes::TaskCompletion::Finalizer],
    "TaskRunnerJob#perform" => %w[Fixes::JobAtWork::Job Recovery::EngineHooks::Job],
    "TaskStateMachine#transition_to!" => %w[Engine::StateMachine Fixes::StaleTransitions::Machine],
    "WorkflowCoordinator#finalize_task_with_logging" => %w[Frames::Coordinator Fixes::Retries::Coordinator],
    "WorkflowCoordinator#find_viable_steps_with_monitoring" => %w[Frames::Rounds::Coordinator Fixes::Retries::Coordinator]
  }

  before { described_class.load_models }

  # @return [Array<Module>] the classes of the engine, and their singleton classes, on which a patch stands
  def patched_owners
    ObjectSpace.each_object(Module).select do |owner|
      TaskerCore::MethodPatcher.originals_of(owner).any? && owner.inspect.match?(/\A(#<Class:)?Tasker::/)
    end
  end

  def names(patches) = patches.map { |patch| patch.name.delete_prefix("TaskerCore::") }

  # @return [Array<Module>] the patches that stand on a method, found by following what each has replaced
  def chain(owner, name)
    originals = TaskerCore::MethodPatcher.originals_of(owner).select { |_, methods| methods.key?(name) }
    current = TaskerCore::MethodPatcher.definition(owner, name)
    originals.to_a.reverse_each do |patch, methods|
      expect(current.source_location).to eq(patch.instance_method(name).source_location)
      current = methods.fetch(name)
    end
    originals.keys
  end

  it "states for each method which patches stand on it, in their order" do
    installed = described_class.entries.flat_map do |entry|
      owner = entry.owner
      methods = TaskerCore::MethodPatcher.originals_of(owner).values.flat_map(&:keys).uniq
      methods.map { |name| ["#{entry.prefix}#{name}", chain(owner, name)] }
    end
    expect(installed.to_h).to eq(described_class.patches)
  end

  it "is the only list: no other class of the engine is patched" do
    expect(patched_owners - described_class.entries.map(&:owner)).to be_empty
  end

  it "has one entry for each class and side" do
    expect(described_class.entries.map { |entry| [entry.class_name, entry.side] }.tally.values).to all(eq(1))
  end

  it "puts more than one patch only on the methods that this spec names" do
    expect(described_class.patches.select { |_, patches| patches.size > 1 }.transform_values { |patches| names(patches) })
      .to eq(wrapped_twice)
  end
end

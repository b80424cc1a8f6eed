# frozen_string_literal: true

require_relative "../rails_helper"
require_relative "../support/rust_workers"

# Rails and Rust processes that share tasks and are killed in turn. `rake spec:kills` has eight of them run 1,000 tasks.
RSpec.describe "Rails and Rust workers that are killed", repairs: RepairSwitches::DEFAULT, watch: true do
  include_context "with killed processes"

  # Processes of each kind, tasks, seconds between two kills, and kills at the most.
  each, tasks, pause, kills = ENV.fetch("TASKER_CORE_MIXED_KILLS", "2,40,0.5,6").split(",").map(&:to_f)
  rust = %w[b d]
  statement = "insert into spec_executions values ($1, $2, clock_timestamp());" \
              "update spec_executions set ended = clock_timestamp() where step = $1 and process = $2"
  let(:tasks) { tasks }
  let(:pause) { pause }
  let(:kills) { kills }
  let(:least) { 4 }
  let!(:workflow) { MixedWorkflow.new("mixed_killed", steps.transform_values { work }, rust:, steps:, retry_limit: 100) }

  before(:context) { RustWorkers.build }

  # @return [Array(Integer, Proc, Symbol)] a process, how it is killed, and what makes another of its kind
  define_method(:rust_process) do
    worker = RustWorkers.start(workflow, rust, grace: 1, statement:)
    [worker.pid, -> { worker.kill }, :rust_process]
  end

  # @return [Array(Integer, Proc, Symbol)]
  def rails_process
    pid = fork_job_worker { TaskerCore::Recovery.start }
    [pid, -> { kill(pid) }, :rails_process]
  end

  # The process that was made first is killed, so that both kinds are killed in turn.
  # @return [Hash{Integer => Time}] when each process was gone
  define_method(:run_and_kill) do |ids|
    processes = Array.new(each.to_i) { [rails_process, rust_process] }.flatten(1)
    kill_until_complete(ids) do |killed|
      pid, kill, another = processes.shift
      kill.call
      killed[pid] = server_time
      processes << send(another)
    end
  ensure
    processes.each { |_, kill, _| kill.call }
  end

  it "completes #{tasks.to_i} tasks in #{2 * each.to_i} processes, runs no step again that is complete, and strands nothing" do
    ids, killed = expect_complete_tasks { |made| run_and_kill(made) }
    completed = Tasker::WorkflowStepTransition.where(to_state: "complete").pluck(:workflow_step_id, :created_at).to_h
    repeated = executions.select do |step, runs|
      late = completed.key?(step) && runs.last[2] > completed[step]
      late || overlap?(runs, killed)
    end
    expect(repeated.keys).to be_empty
    of_rust = Tasker::WorkflowStep.where(task_id: ids).joins(:named_step).where(tasker_named_steps: { name: rust })
    expect(of_rust.pluck(:results).map { |results| results["by"] }.tally).to eq("rust" => 2 * ids.size)
  end
end

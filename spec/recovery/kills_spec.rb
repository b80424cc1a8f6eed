# frozen_string_literal: true

require_relative "../rails_helper"

# Processes that share a queue and are killed at random, again and again. `rake spec:kills` has eight of them run 500 tasks.
RSpec.describe TaskerCore::Recovery, repairs: RepairSwitches::DEFAULT, watch: true do
  include_context "with killed processes"

  processes, tasks, pause, kills = ENV.fetch("TASKER_CORE_KILLS", "3,16,0.4,6").split(",").map(&:to_f)
  let(:tasks) { tasks }
  let(:pause) { pause }
  let(:kills) { kills }
  let(:least) { 3 }
  let!(:workflow) { ScriptedWorkflow.new("killed", steps.transform_values { work }, steps:, retry_limit: 100) }

  # @return [Hash{Integer => Time}] when each process was killed
  define_method(:run_and_kill) do |ids|
    pids = Array.new(processes.to_i) { fork_job_worker }
    kill_until_complete(ids) do |killed|
      victim = pids.delete(pids.sample)
      killed[victim] = kill(victim)
      pids << fork_job_worker
    end
  ensure
    pids.each { |pid| kill(pid) }
  end

  it "has #{processes.to_i} of them complete #{tasks.to_i} tasks, run nothing twice at the same time, and complete no step twice" do
    _, killed = expect_complete_tasks { |ids| run_and_kill(ids) }
    expect(executions.select { |_, runs| overlap?(runs, killed) }.keys).to be_empty
  end
end

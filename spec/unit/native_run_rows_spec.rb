# frozen_string_literal: true

require_relative "../rails_helper"

# The rows that a run of the extension brings with its claims, and its offers.
RSpec.describe TaskerCore::Native::StepExecution do
  include_context "with tasks of native runs"

  # What a survey says of the task and of its steps.
  def survey(task)
    known = [nil, [], [], false, []]
    answer = TaskerCore::Native::QueryRunner.run(TaskerCore::Native::Conversation.task_survey("a spec", task.id, nil, known), "Spec")
    (_, *of_task), steps = answer
    [of_task, steps.index_by(&:first)]
  end

  def records_of(execution)
    [[execution.step_id, "in_progress", *execution.row], execution.parents]
  end

  it "gives the rows of the task, of claimed steps and of their parents as a survey does", :aggregate_failures do
    task.update!(context: { "batch" => 2 })
    make_edge(steps[0], steps[1])
    run = NativeRun.new(task, slots: 2, records: true)
    seen = []
    run.outcome do |executions|
      of_task, of_steps = survey(task)
      executions.each do |execution|
        own, parents = records_of(execution)
        expect(own).to eq(of_steps.fetch(execution.step_id))
        edges = Tasker::WorkflowStepEdge.where(to_step_id: execution.step_id).order(:id)
        expect(parents).to eq(edges.map { |edge| of_steps.fetch(edge.from_step_id) })
      end
      expect(executions.filter_map(&:task_row).uniq).to eq(seen.empty? ? [of_task] : [])
      expect(executions.map(&:inputs)).to all(be_nil)
      seen.concat(executions)
      executions.map { |execution| run.finish(execution, "complete", { processed: true, results: { of: execution.name }, attempts: 1 }) }
    end
    expect(seen.map { |execution| execution.parents.size }).to eq([0, 2, 1, 2])
    expect(seen.map(&:was).uniq).to eq(["pending"])
  end

  it "gives the rows of what is claimed with the end of another step as a survey does" do
    task = chain("a", "b", "c")
    run = NativeRun.new(task, records: true)
    expect(run.run.ready).to eq([])
    seen = run.outcome do |(execution)|
      _, of_steps = survey(task)
      own, parents = records_of(execution)
      expect([own, *parents]).to eq(of_steps.values_at(*[execution.step_id, execution.step_id - 1].first(parents.size + 1)))
      expect(execution.task_row).to be_nil if execution.name == "b"
      expect(execution.task_row.last[8]).to eq('["new"]') if execution.name == "c"
      expect([run.run.waves, run.run.ready]).to eq(["_abc".index(execution.name), [[execution.step_id, execution.name]]])
      Tasker::Task.where(task_id: task.id).update_all(tags: ["new"]) if execution.name == "b"
      [run.finish(execution, "complete", { processed: true, results: { of: execution.name }, attempts: 1 })]
    end
    expect(seen).to eq(outcome: :complete)
    expect(run.statements.grep("finish and claim").size).to eq(3)
  end

  describe "with listeners to what precedes a claim" do
    it "offers steps, which are claimed one by one" do
      run = NativeRun.new(task, slots: 3, listeners: %w[step.execution_requested], records: true)
      names = []
      outcome = run.outcome do |offers|
        expect(offers.map { |offer| Tasker::WorkflowStep.find(offer.step_id).status }).to all(eq("pending"))
        expect(offers.map(&:task_row)).to eq(offers.map { names.empty? ? survey(task).first : nil })
        names << offers.map(&:name)
        offers.map { |offer| run.finish(run.claim(offer)) }
      end
      expect([outcome, names]).to eq([{ outcome: :complete }, [%w[a], %w[b c], %w[d]]])
      expect(run.statements.tally).to include("look" => 3, "look and claim" => 4)
    end

    it "leaves pending what is not claimed, and offers it again" do
      run = NativeRun.new(chain("a"), listeners: %w[step.execution_requested])
      offered = 0
      outcome = run.outcome do |(offer)|
        next [offer.unclaimed] if (offered += 1) < 3

        [run.finish(run.claim(offer))]
      end
      expect([outcome, offered]).to eq([{ outcome: :complete }, 3])
    end

    it "claims nothing that another worker has claimed since" do
      task = chain("a")
      run = NativeRun.new(task, listeners: %w[step.execution_requested])
      outcome = run.outcome do |(offer)|
        make_history(Tasker::WorkflowStep.find(offer.step_id), "in_progress")
        expect(run.claim(offer)).to be_nil
        [offer.lost]
      end
      expect(outcome).to include(outcome: :pending, pause: :processing)
    end
  end
end

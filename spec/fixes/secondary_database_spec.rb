# frozen_string_literal: true

require_relative "../rails_helper"

# A process of its own, whose tasks are in one database and whose other database nobody uses.
RSpec.describe TaskerCore::Fixes::SecondaryDatabase do
  # A workflow, run until it ends or the engine has looked for steps as often as would do for four workflows.
  run = <<~RUBY
    require Rails.root.join("lib/shape_workflow")
    require Rails.root.join("../support/sessions")
    TaskerCore.configuration.repairs.all = false
    workflow = ShapeWorkflow.new(Shapes.diamond.with(name: "apart"))
    looks = 0
    Tasker::Events::Publisher.instance.subscribe("workflow.viable_steps_discovered") { (looks += 1) > 24 and throw :endless }
    run = lambda do
      looks = 0
      task = workflow.create
      endless = catch(:endless) { workflow.run(Tasker::Task.find(task.task_id)) || true } != true
      { endless:, status: Tasker::Task.find(task.task_id).status, steps: task.workflow_steps.reload.map(&:status).tally }
    end
    with = lambda do |repair, &block|
      TaskerCore.configuration.repairs.secondary_database = repair
      Sessions.end_sessions(ActiveRecord::Base.connection_pool)
      TaskerCore.reset_stats
      block.call.merge(engine: TaskerCore.stats.values.sum { |counts| counts[:engine] })
    end
  RUBY

  before(:context) do
    url = URI.parse(ENV.fetch("DATABASE_URL"))
    primary = url.dup.tap { |other| other.path = "/postgres" }
    nowhere = primary.dup.tap { |other| other.path = "/tasker_core_nowhere" }
    apart = { "TASKER_DATABASE_URL" => url.to_s }
    @answers = run_in_dummy(<<~RUBY, env: { "DATABASE_URL" => primary.to_s, **apart }).answer
      #{run}
      answers = { "databases" => [ActiveRecord::Base, Tasker::ApplicationRecord].map { |base| base.connection.current_database } }
      answers["without the gem"] = with.call(true) { TaskerCore.without(&run) }
      answers["with the fix off"] = with.call(false, &run)
      answers["with the fix on"] = with.call(true, &run)
      # A callback of the application, for which the engine's own code runs steps.
      Tasker::WorkflowStep.after_save { nil }
      answers["with the fix off, by the engine's code"] = with.call(false, &run)
      answers["with the fix on, by the engine's code"] = with.call(true, &run)
      puts JSON.generate(answers)
    RUBY
    @away = run_in_dummy("#{run}; puts JSON.generate(with.call(true, &run))", env: { "DATABASE_URL" => nowhere.to_s, **apart }).answer
  end

  endless = { "endless" => true, "status" => "in_progress", "steps" => { "pending" => 4 } }
  ended = { "endless" => false, "status" => "complete", "steps" => { "complete" => 4 } }

  it "is about two databases" do
    expect(@answers["databases"]).to eq(["postgres", URI.parse(ENV.fetch("DATABASE_URL")).path.delete_prefix("/")])
    expect(described_class.apart?).to be(false)
  end

  ["without the gem", "with the fix off", "with the fix off, by the engine's code"].each do |how|
    it "looks for steps for ever and runs none #{how}" do
      expect(@answers[how]).to include(endless)
    end
  end

  it "runs a workflow with the fix on, by Rust alone" do
    expect(@answers["with the fix on"]).to include(**ended, "engine" => 0)
  end

  it "runs a workflow with the fix on where the engine's own code runs the steps" do
    expect(@answers["with the fix on, by the engine's code"]).to include(ended)
    expect(@answers["with the fix on, by the engine's code"]["engine"]).to be_positive
  end

  it "runs a workflow while the other database is away" do
    expect(@away).to include(**ended, "engine" => 0)
  end
end

# frozen_string_literal: true

require_relative "../rails_helper"

# Applications that are set up in another way than the dummy application.
RSpec.describe "An application" do
  run_both = <<~RUBY
    require "./spec/dummy/lib/shape_workflow"
    require "./spec/support/sessions"
    states = lambda do
      workflow = ShapeWorkflow.new(Shapes.diamond.with(name: "elsewhere", retry_limit: 1))
      task = workflow.create
      workflow.run(Tasker::Task.find(task.task_id))
      steps = Tasker::WorkflowStep.where(task_id: task.task_id).order(:workflow_step_id)
      [Tasker::Task.find(task.task_id).status, steps.map { |step| [step.name, step.status, step.results] }]
    end
    both = lambda do
      off = TaskerCore.without(&states)
      TaskerCore.reset_stats
      { off:, on: states.call, engine: TaskerCore.stats.values.sum { |counts| counts[:engine] } }
    end
    reload = lambda do
      Sessions.without_waiting_for_idle_threads(ActiveRecord::Base.connection_pool) { Rails.application.reloader.reload! }
    end
  RUBY

  # The engine by itself runs no step there on a thread whose connection to the application's own database has not been used yet, and
  # asks for ever; so what is compared is what it answers.
  it "may keep the engine's tables in a database of their own" do
    url = URI.parse(ENV.fetch("DATABASE_URL"))
    primary = url.dup.tap { |other| other.path = "/postgres" }
    answer = run_in_dummy(<<~RUBY, env: { "DATABASE_URL" => primary.to_s, "TASKER_DATABASE_URL" => url.to_s }).answer
      #{run_both}
      databases = [ActiveRecord::Base, Tasker::ApplicationRecord].map { |base| base.connection.current_database }
      TaskerCore.reset_stats
      run = states.call
      engine = TaskerCore.stats.values.sum { |counts| counts[:engine] }
      task = Tasker::Task.last
      look = lambda do
        readiness = Tasker::StepReadinessStatus.for_task(task.task_id).map(&:attributes).sort_by { |row| row["workflow_step_id"] }
        [task.status, readiness, Tasker::TaskExecutionContext.find(task.task_id).attributes, task.state_machine.allowed_transitions]
      end
      puts JSON.generate({ databases:, run:, engine:, off: TaskerCore.without(&look), on: look.call })
    RUBY
    expect(answer["databases"]).to eq(["postgres", url.path.delete_prefix("/")])
    expect(answer["run"].first).to eq("complete")
    expect(answer["engine"]).to eq(0)
    expect(answer["on"]).to eq(answer["off"])
  end

  # As behind PgBouncer, where statements that are prepared by name are of another session the next time.
  it "may have connections that prepare no statements" do
    url = URI.parse(ENV.fetch("DATABASE_URL"))
    url.query = [url.query, "prepared_statements=false"].compact.join("&")
    answer = run_in_dummy(<<~RUBY, env: { "DATABASE_URL" => url.to_s }).answer
      #{run_both}
      states_of_both = both.call
      prepared = Tasker::ApplicationRecord.with_connection { |connection| connection.select_value("SELECT count(*) FROM pg_prepared_statements") }
      puts JSON.generate({ **states_of_both, prepared: })
    RUBY
    expect(answer["prepared"]).to eq(0)
    expect(answer["on"]).to eq(answer["off"])
    expect(answer["on"].first).to eq("complete")
    expect(answer["engine"]).to eq(0)
  end

  it "may reload its code, the engine's models included" do
    answer = run_in_dummy(<<~RUBY, env: { "RAILS_ENV" => "development" }).answer
      #{run_both}
      first = both.call
      model = Tasker::WorkflowStep
      2.times { reload.call }
      again = both.call
      TaskerCore::Engine::Registry.load_models
      puts JSON.generate({ first:, again:, reloaded: !model.equal?(Tasker::WorkflowStep), overrides: TaskerCore.stats.size })
    RUBY
    expect(answer["reloaded"]).to be(true)
    expect(answer["first"]["on"]).to eq(answer["first"]["off"])
    expect(answer["again"]).to eq(answer["first"])
    expect(answer["again"]["on"].first).to eq("complete")
    expect(answer["again"]["engine"]).to eq(0)
    TaskerCore::Engine::Registry.load_models
    expect(answer["overrides"]).to eq(TaskerCore.stats.size)
  end

  it "may add to the engine's classes whenever its code is reloaded" do
    answer = run_in_dummy(<<~RUBY, env: { "RAILS_ENV" => "development" }).answer
      #{run_both}
      calls = Queue.new
      Rails.application.reloader.to_prepare do
        note = ->(what) { ->(record) { calls << [what, record.class.name] } }
        Tasker::WorkflowStep.after_save(note.call("saved"))
        Tasker::WorkflowStepTransition.after_commit(note.call("committed"))
        Tasker::WorkflowStep.class_eval { def shout = name.upcase }
        Tasker::WorkflowStep.singleton_class.prepend(Module.new do
          def get_viable_steps(...) = super.tap { |steps| $calls << ["viable", steps.class.name] }
        end)
        Tasker::StateMachine::StepStateMachine.after_transition(to: "complete") { |step, _| calls << ["complete", step.shout] }
      end
      $calls = calls
      told = lambda do
        TaskerCore::Engine::Registry.load_models
        off, on = [-> { TaskerCore.without(&states) }, states].map { |run| [run.call, Array.new(calls.size) { calls.pop }.tally.sort] }
        { off:, on: }
      end
      rounds = Array.new(2) do
        reload.call
        told.call
      end
      puts JSON.generate(rounds)
    RUBY
    answer.each { |round| expect(round["on"]).to eq(round["off"]) }
    expect(answer.map { |round| round["on"].first.first }).to eq(%w[complete complete])
    expect(answer.last["on"].last.map { |call, _| call.first }.uniq).to eq(%w[committed complete saved viable])
  end

  it "may have the mode in its environment" do
    answer = run_in_dummy(<<~RUBY, env: { "TASKER_CORE" => "shadow" }).answer
      #{run_both}
      TaskerCore.reset_stats
      puts JSON.generate({ mode: TaskerCore.mode, states: states.call, stats: TaskerCore.stats, shadow: TaskerCore.shadow_stats })
    RUBY
    expect(answer["mode"]).to eq("shadow")
    expect(answer["states"].first).to eq("complete")
    expect(answer["stats"].values.sum { |counts| counts["rust"] }).to eq(0)
    expect(answer["shadow"].values.sum { |counts| counts["alike"] }).to be_positive
    expect(answer["shadow"].values.sum { |counts| counts["different"] + counts["failed"] }).to eq(0)
  end

  it "does not boot with a mode that there is not" do
    expect { run_in_dummy("nil", env: { "TASKER_CORE" => "shadwo" }) }
      .to raise_error(/TASKER_CORE: expected on, off or shadow, got "shadwo"/)
  end
end

# frozen_string_literal: true

require_relative "../rails_helper"

# Coordinators and re-enqueuers that an application, or the engine's own suite, puts in the place of the engine's.
RSpec.describe Tasker::TaskHandler::InstanceMethods do
  coordinator = Tasker::Orchestration::WorkflowCoordinator
  discover = :find_viable_steps_with_monitoring

  # A workflow whose handlers have these strategies.
  def with_strategies(name, script: {}, coordinator: nil, reenqueuer: nil, **)
    # Lines are logged in the name of a class.
    stub_const(name.camelize, coordinator) if coordinator
    ScriptedWorkflow.new(name, script, **).tap do |workflow|
      workflow.define_singleton_method(:run) do |task|
        handler.tap do |own|
          own.workflow_coordinator_strategy = coordinator if coordinator
          own.reenqueuer_strategy = reenqueuer if reenqueuer
        end.handle(task)
      end
    end
  end

  def status_of(run) = run[:rows][:task_transitions].last["to_state"]

  coordinators = {
    "that adds nothing" => Class.new(coordinator),
    "that calls super around a workflow" => Class.new(coordinator) do
      define_method(:execute_workflow) do |task, task_handler|
        task.update!(reason: "before: #{Tasker::Task.find(task.task_id).status}")
        super(task, task_handler)
        task.update!(reason: "#{task.reason}, after: #{task.status} #{task.workflow_steps.map(&:status).tally}")
      end
    end,
    "that steps in each round" => Class.new(coordinator) do
      define_method(discover) do |task, sequence, task_handler|
        steps = super(task, sequence, task_handler)
        task.update!(reason: [task.reason, steps.map { |step| [step.name, step.status].join(" ") }.sort.join(" ")].join("; ").last(120))
        steps
      end
    end,
    "that moves steps between rounds" => Class.new(coordinator) do
      define_method(:handle_viable_steps_with_monitoring) do |task, sequence, steps, task_handler|
        super(task, sequence, steps, task_handler).tap do
          last = Tasker::WorkflowStep.where(task_id: task.task_id).order(:workflow_step_id).last
          last.state_machine.transition_to("cancelled")
        end
      end
    end,
    "that writes transitions by hand and runs the task again" => Class.new(coordinator) do
      define_method(:execute_workflow) do |task, task_handler|
        super(task, task_handler)
        step = Tasker::WorkflowStep.where(task_id: task.task_id).order(:workflow_step_id).last
        [task, step].each { |owner| start_over(owner) }
        step.update_columns(processed: false, in_process: false, results: {})
        super(task, task_handler)
      end

      private

      def start_over(owner)
        history = owner.is_a?(Tasker::Task) ? owner.task_transitions : owner.workflow_step_transitions
        history.update_all(most_recent: false)
        history.create!(to_state: "pending", sort_key: history.maximum(:sort_key) + 1, most_recent: true, metadata: {})
      end
    end,
    "of another kind" => Class.new do
      def initialize(reenqueuer_strategy:) = @reenqueuer = reenqueuer_strategy

      define_method(:execute_workflow) do |task, task_handler|
        sequence = task_handler.get_sequence(task)
        until (steps = Tasker::WorkflowStep.get_viable_steps(task, sequence)).empty?
          task_handler.send(:step_executor).execute_steps(task, sequence, steps.to_a, task_handler)
        end
        @reenqueuer.reenqueue_task(task, reason: task.workflow_steps.reload.map(&:status).tally.to_s)
      end
    end
  }

  # Who begins again must start the task as well, for it to complete; and a task with a step that was cancelled waits for ever.
  ends = { "that moves steps between rounds" => "pending", "that writes transitions by hand and runs the task again" => "pending",
           "of another kind" => "pending" }

  coordinators.each_with_index do |(what, strategy), index|
    it "runs workflows by a coordinator #{what}" do
      workflow = with_strategies("coordinated_#{index}", coordinator: strategy)
      run = nil
      expect { run = run_of(workflow).except(*(:log if what.include?("by hand"))) }.to answer_alike
      expect(status_of(run)).to eq(ends.fetch(what, "complete"))
    end
  end

  it "runs failing workflows by a coordinator of one's own, while the application listens" do
    workflow = with_strategies("coordinated_failing", script: { "b" => ->(*) { raise "no" } },
                                                      coordinator: coordinators["that steps in each round"])
    run = nil
    expect { run = run_of(workflow, listen: :subscribed) }.to answer_alike
    expect(status_of(run)).to eq("error")
  end

  it "lets an error of the coordinator rise" do
    own = Class.new(coordinator) { define_method(discover) { |*| raise "no more" } }
    workflow = with_strategies("coordinated_raising", coordinator: own)
    expect { run_of(workflow) }.to answer_alike.raising(RuntimeError)
  end

  it "gives the coordinator a re-enqueuer of one's own, and asks the handler for both once" do
    made = []
    reenqueuer = Class.new { define_method(:initialize) { made << self.class } }
    workflow = with_strategies("reenqueued", reenqueuer:)
    run = nil
    expect { run = run_of(workflow) }.to answer_alike
    expect(status_of(run)).to eq("complete")
    expect(made).to eq([reenqueuer] * 2)
    handler = workflow.handler.tap { |own| own.reenqueuer_strategy = reenqueuer }
    expect(handler.send(:workflow_coordinator).reenqueuer_strategy).to be_a(reenqueuer)
    expect(handler.send(:workflow_coordinator)).to equal(handler.send(:workflow_coordinator))
  end

  # What a collaborator of the application's sees right after somebody has written past the state machines.
  look = lambda do |task|
    steps = Tasker::WorkflowStep.where(task_id: task.task_id).order(:workflow_step_id)
    rows = Tasker::WorkflowStepTransition.where(workflow_step_id: steps.select(:workflow_step_id), most_recent: true)
    before = rows.pluck(:id, :to_state)
    rows.update_all(to_state: "cancelled")
    seen = [task.status, *steps.map(&:status), Tasker::Task.find(task.task_id).status].tally
    before.each { |id, state| rows.where(id:).update_all(to_state: state) }
    task.update!(reason: [task.reason, seen].join(" ").last(120))
  end

  collaborators = {
    "an executor" => {
      step_executor: Class.new(Tasker::Orchestration::StepExecutor) do
        define_method(:execute_steps) do |task, *rest|
          look.call(task)
          super(task, *rest).tap { look.call(task) }
        end
      end
    },
    "an executor with private methods" => {
      step_executor: Class.new(Tasker::Orchestration::StepExecutor) do
        define_method(:execute_step_workflow_with_monitoring) do |task, sequence, step, *rest|
          found = Tasker::WorkflowStep.find(step.id)
          found.workflow_step_transitions.where(most_recent: true).update_all(to_state: "cancelled")
          seen = [found.status, step.status]
          found.workflow_step_transitions.where(most_recent: true).update_all(to_state: "pending")
          found.update_columns(inputs: { "seen" => seen })
          super(task, sequence, step, *rest)
        end
      end
    },
    "a finalizer" => {
      task_finalizer: Class.new(Tasker::Orchestration::TaskFinalizer) do
        define_method(:blocked_by_errors?) do |task, *rest|
          look.call(task)
          super(task, *rest)
        end
        define_method(:finalize_task_with_steps) do |task, *rest|
          look.call(task)
          super(task, *rest).tap { look.call(task) }
        end
      end
    }
  }

  collaborators.each do |what, classes|
    it "runs workflows with #{what} of the application, which receives the database's values" do
      hooks = Module.new do
        classes.each { |name, klass| define_method(name) { (@own ||= {})[name] ||= klass.new } }
      end
      workflow = ScriptedWorkflow.new("collaborator_#{what.tr(" ", "_")}", {}, hooks:)
      run = nil
      expect { run = run_of(workflow).except(:log) }.to answer_alike
      expect(status_of(run)).to eq("complete")
    end
  end

  it "runs a coordinator that adds nothing as fast as the engine's" do
    workflow = ShapeWorkflow.new(Shapes.linear.with(name: "coordinated_fast"))
    own = with_strategies("coordinated_plain", coordinator: coordinators["that adds nothing"])
    [workflow, own].each { |each| each.run(each.create) }
    task, own_task = [workflow, own].map(&:create)
    per_step = count_queries { workflow.run(task) } / 4.0
    expect(count_queries { own.run(own_task) } / 5.0).to be <= per_step + 1
  end

  describe "with failed steps to be tried again", repairs: %i[retries] do
    fail_once = lambda do
      failed = false
      { "b" => ->(*) { failed || ((failed = true) && raise("no")) } }
    end

    before { forget_jobs }

    # After so many attempts nothing is tried again before one has looked.
    def create_tried(workflow)
      workflow.create.tap { |task| Tasker::WorkflowStep.where(task_id: task.task_id).update_all(attempts: 4) }
    end

    # The engine gives the coordinator a re-enqueuer and never calls it; so there are some that cannot do anything.
    it "leaves the task pending where the re-enqueuer cannot delay, and says so" do
      workflow = with_strategies("reenqueued_never", script: fail_once.call, reenqueuer: Class.new, retry_limit: 12)
      task = create_tried(workflow)
      lines = LogRecorder.lines { workflow.run(task) }
      expect(Tasker::Task.find(task.task_id).status).to eq("pending")
      expect(lines.grep(/tasker-core: repair retries: task #{task.task_id} stays pending/)).not_to be_empty
    end

    it "asks the re-enqueuer of one's own" do
      calls = []
      reenqueuer = Class.new do
        define_method(:reenqueue_task) { |task, **options| calls << [:now, task.status, options] }
        define_method(:reenqueue_task_delayed) { |task, **options| calls << [:later, task.status, options] }
      end
      workflow = with_strategies("reenqueued_own", script: fail_once.call, reenqueuer:, retry_limit: 12)
      workflow.run(create_tried(workflow))
      expect(calls).to contain_exactly([:later, "pending", { delay_seconds: a_value_between(1, 30), reason: "retry_backoff" }])
    end
  end
end

# frozen_string_literal: true

module Demo
  # Calls the overridden methods that a workflow does not call: the functions for dashboards, the graph, the analyses and the state
  # machines. Nothing of it is timed or recorded.
  #
  # Only with the gem on: the engine lists every path of a task to analyse it, which never ends in some of the demo's shapes.
  class ApiExercise
    FUNCTIONS = "Tasker::Functions::FunctionBased"
    private_constant :FUNCTIONS

    # @param workflow [ShapeWorkflow] of the task that was run
    # @param task [Tasker::Task] of which nothing is changed
    # @param failing [ShapeWorkflow] of the shape {Shapes.failing}, of which a task is made, run and changed
    def initialize(workflow, task, failing)
      @workflow = workflow
      @task = task
      @failing = failing
    end

    def call
      call_functions
      analyze(@task)
      @workflow.handler.dependency_graph
      failed = @failing.create("batch" => "exercise")
      @failing.run(failed)
      analyze(failed)
      change(failed)
    end

    private

    def function(name) = "#{FUNCTIONS}#{name}".constantize

    def call_functions
      %w[SystemHealthCounts AnalyticsMetrics].each { |name| function(name).call }
      with_slowest { %w[SlowestSteps SlowestTasks].each { |name| function(name).call } }
    end

    # The demo runs without fixes, by its environment. Without this one the engine's own functions always fail.
    def with_slowest
      configuration = TaskerCore.configuration
      barred = configuration.repairs
      configuration.instance_variable_set(:@repairs, only_slowest)
      yield
    ensure
      configuration.instance_variable_set(:@repairs, barred)
    end

    def only_slowest
      TaskerCore::Configuration::Repairs.new({}).tap do |repairs|
        repairs.all = false
        repairs.slowest = true
      end
    end

    def analyze(task)
      function("StepReadinessStatus").for_task(task.task_id)
      function("StepReadinessStatus").for_tasks([task.task_id])
      function("TaskExecutionContext").for_tasks([task.task_id])
      function("DependencyLevels").for_task(task.task_id)
      Tasker::StepDagRelationship.where(task_id: task.task_id).load
      Tasker::WorkflowStepEdge.siblings_of(task.workflow_steps.first).to_a
      task.runtime_analyzer.analyze
    end

    # @param task [Tasker::Task] one that has failed
    def change(task)
      steps = task.workflow_steps.order(:workflow_step_id).to_a
      steps.first.add_provides_edge!(steps.last)
      move(steps.find { |step| step.status == "error" })
      move(Tasker::Task.find(task.task_id))
    end

    # @param owner [Tasker::Task, Tasker::WorkflowStep] in the state of an error
    def move(owner)
      machine = owner.state_machine
      machine.allowed_transitions
      machine.can_transition_to?("pending")
      machine.transition_to!("pending")
      machine.transition_to("cancelled")
    end
  end
end

# frozen_string_literal: true

# A question for each method of the engine that Rust answers.
module OverrideCalls
  # Methods that change something: there a defect of the core is raised.
  CHANGES = %w[
    TaskStateMachine#transition_to TaskStateMachine#transition_to! StepStateMachine#transition_to StepStateMachine#transition_to!
    StepExecutor#validate_step_preconditions_with_logging StepExecutor#complete_step_execution StepExecutor#complete_error_step_execution
    TaskFinalizer#complete_task WorkflowStep.get_steps_for_task
  ].freeze

  MOMENTARY = %w[calculated_at active_connections max_connections].freeze
  private_constant :MOMENTARY

  class << self
    # Each is given a task with its three steps, makes ready what is not part of the question, and returns the question.
    #
    # @return [Hash{String => Proc}] by the method's override
    def all
      { **rows_of_tasks, **rows_of_steps, **statistics, **states_of_tasks, **states_of_steps, **graphs, **analyses }
    end

    # @return [Object] an answer as it can be compared: without the order in which rows came, and what differs from moment to moment
    def plain(answer)
      case answer
      when Array then answer.map { |part| plain(part) }.sort_by(&:inspect)
      when Hash then answer.to_h { |key, part| [key.to_s, plain(part)] }.except(*MOMENTARY)
      else answer.respond_to?(:attributes) ? plain(answer.attributes) : answer
      end
    end

    private

    def rows_of_tasks
      readiness = Tasker::Functions::FunctionBasedStepReadinessStatus
      contexts = Tasker::Functions::FunctionBasedTaskExecutionContext
      levels = Tasker::Functions::FunctionBasedDependencyLevels
      {
        "FunctionBasedStepReadinessStatus.for_task" => ->(task, _) { -> { readiness.for_task(task.id) } },
        "FunctionBasedStepReadinessStatus.for_tasks" => ->(task, _) { -> { readiness.for_tasks([task.id]) } },
        "FunctionBasedTaskExecutionContext.find" => ->(task, _) { -> { contexts.find(task.id) } },
        "FunctionBasedTaskExecutionContext.for_tasks" => ->(task, _) { -> { contexts.for_tasks([task.id]) } },
        "FunctionBasedDependencyLevels.for_task" => ->(task, _) { -> { levels.for_task(task.id) } }
      }
    end

    def rows_of_steps
      {
        "WorkflowStep.get_viable_steps" => lambda { |task, steps|
          sequence = Struct.new(:steps).new(steps)
          -> { Tasker::WorkflowStep.get_viable_steps(task, sequence).to_a }
        },
        "WorkflowStep.task_completion_stats" => ->(task, _) { -> { Tasker::WorkflowStep.task_completion_stats(task) } },
        "WorkflowStepEdge.siblings_of" => ->(_, steps) { -> { Tasker::WorkflowStepEdge.siblings_of(steps.second) } },
        "StepDagRelationship.all" => ->(task, _) { -> { Tasker::StepDagRelationship.for_task(task.id).to_a } }
      }
    end

    # Of the whole database.
    def statistics
      functions = Tasker::Functions
      {
        "FunctionBasedSystemHealthCounts.call" => ->(_, _) { -> { functions::FunctionBasedSystemHealthCounts.call } },
        "FunctionBasedAnalyticsMetrics.call" => ->(_, _) { -> { functions::FunctionBasedAnalyticsMetrics.call(Time.utc(2024)) } },
        "FunctionBasedSlowestSteps.call" => ->(_, _) { -> { functions::FunctionBasedSlowestSteps.call } },
        "FunctionBasedSlowestTasks.call" => ->(_, _) { -> { functions::FunctionBasedSlowestTasks.call } }
      }
    end

    def states_of_tasks
      {
        "TaskStateMachine#current_state" => ->(task, _) { -> { task.state_machine.current_state } },
        "TaskStateMachine#can_transition_to?" => ->(task, _) { -> { task.state_machine.can_transition_to?("complete") } },
        "TaskStateMachine#allowed_transitions" => ->(task, _) { -> { task.state_machine.allowed_transitions } }
      }
    end

    def states_of_steps
      {
        "StepStateMachine#current_state" => ->(_, steps) { -> { steps.second.state_machine.current_state } },
        "StepStateMachine#can_transition_to?" => ->(_, steps) { -> { steps.third.state_machine.can_transition_to?("in_progress") } },
        "StepStateMachine#allowed_transitions" => ->(_, steps) { -> { steps.second.state_machine.allowed_transitions } }
      }
    end

    def graphs
      {
        "WorkflowStepEdge#ensure_no_cycles!" => lambda { |_, steps|
          edge = Tasker::WorkflowStepEdge.new(from_step: steps.third, to_step: steps.first, name: "provides")
          -> { Outcome.of { edge.send(:ensure_no_cycles!) }.error }
        },
        "TemplateGraphAnalyzer#analyze" => lambda { |task, _|
          templates = task.workflow_steps.map do |step|
            Tasker::Types::StepTemplate.new(name: step.name, dependent_system: "specs", description: "", depends_on_steps:
              step.parents.map(&:name), handler_class: ScriptedWorkflow::Handler)
          end
          -> { Tasker::Analysis::TemplateGraphAnalyzer.new(templates).analyze }
        }
      }
    end

    def analyses
      parts_of_analyses.to_h do |name, part|
        ["RuntimeGraphAnalyzer##{name}", ->(task, steps) { part.call(Tasker::Analysis::RuntimeGraphAnalyzer.new(task:), steps) }]
      end
    end

    def parts_of_analyses
      {
        "build_dependency_graph" => ->(analyzer, _) { -> { analyzer.build_dependency_graph } },
        "analyze_critical_paths" => ->(analyzer, _) { -> { analyzer.send(:analyze_critical_paths) } },
        "find_downstream_steps" => lambda { |analyzer, steps|
          children = analyzer.build_dependency_graph[:adjacency_list]
          -> { analyzer.send(:find_downstream_steps, steps.first.id, children) }
        },
        "calculate_downstream_impact" => lambda { |analyzer, steps|
          graph = analyzer.build_dependency_graph
          readiness = analyzer.send(:get_step_readiness_data)
          -> { analyzer.send(:calculate_downstream_impact, readiness.fetch(steps.first.id), graph, readiness) }
        }
      }
    end
  end
end

# frozen_string_literal: true

module TaskerCore
  # The steps of a task, found or created as its handler's templates describe them.
  class StepSequence
    LABEL = "WorkflowStep Load"
    private_constant :LABEL

    # @param model [Class] `Tasker::WorkflowStep`
    # @param task [Tasker::Task]
    # @param templates [Array<Tasker::Types::StepTemplate>]
    # @param override [Override] on whose behalf
    def initialize(model, task, templates, override)
      @model = model
      @task = task
      @templates = templates
      @override = override
      @run = Run.current
    end

    # @return [Array<Tasker::WorkflowStep>, nil] in the order of the templates; nil where it takes the engine's own code
    def steps
      return unless feasible?

      ids = @run ? @run.sequence(@task.task_id, @templates) { find_or_create } : find_or_create
      load(ids) if ids
    end

    # The same as {steps}, as ids, if all are there already.
    # @return [Array<Integer>, nil] nil if any step or edge is missing, or it takes the engine's own code
    def known_ids
      @run.sequence(@task.task_id, @templates) { established } if feasible?
    end

    # What is there already.
    # @return [Array<Integer>, nil] ids in the order of the templates; nil if any step or edge is missing
    def established_ids
      established if feasible?
    end

    private

    def feasible?
      task_known? && @templates.is_a?(Array) && @templates.all?(Tasker::Types::StepTemplate) &&
        [@model, Tasker::WorkflowStepEdge].all? { |model| Stock::Models.stock?(model) } &&
        %i[build_default_step! set_up_dependent_steps].all? { |name| Stock::EngineCode.defines_method?(@model, name) }
    end

    def task_known?
      @task.is_a?(Tasker::Task) && @task.persisted? && !@task.context.nil?
    end

    def find_or_create
      return created if @task.previously_new_record?

      established || created
    end

    def established
      conversation = Native::Conversation.established_steps(@override.name, @task.task_id, rows)
      ids, distinct_to, named_task, named_steps, row_triggers = Native::QueryRunner.run(conversation, LABEL)
      if ids && @run
        @run.row_triggers ||= Stock::RowTriggers.found(row_triggers)
        @run.distinct_to = distinct_to
        @run.definitions.take(named_task, named_steps)
      end
      ids
    end

    # The engine makes the definitions that a task needs on the way; once they are there, the steps are one statement.
    def created
      return if Stock::RowTriggers.on?(Stock::RowTriggers::OF_CREATION)

      create || (create if define_steps)
    end

    # @return [Array<Integer>, nil]
    def create
      made = [ActiveSupport::JSON.encode(@task.context), Native::TimestampCodec.to_micros(Time.now), @run&.creating? || false]
      making = -> { Native::QueryRunner.run_change(Native::Conversation.create_steps(@override.name, @task.task_id, rows, made), LABEL) }
      @run ? @run.make_steps(@task.task_id, &making) : making.call&.first
    end

    def define_steps
      return if Tasker::WorkflowStep.exists?(task_id: @task.task_id)

      named_steps = Tasker::NamedStep.create_named_steps_from_templates(@templates)
      @templates.zip(named_steps).each do |template, named_step|
        Tasker::NamedTasksNamedStep.associate_named_step_with_named_task(@task.named_task, template, named_step)
      end
    end

    # @return [Array<Tasker::WorkflowStep>, nil] nil if one of them has gone
    def load(ids)
      steps = surveyed(ids) || found(ids)
      if steps.any?(&:nil?)
        @run&.forget_sequence(@task.task_id)
        return
      end
      equip(steps) unless @run&.creating?
      steps
    end

    def surveyed(ids)
      survey = @run&.survey(@task.task_id)
      survey&.steps(ids)
    end

    def found(ids)
      @model.where(workflow_step_id: ids).index_by(&:workflow_step_id).values_at(*ids)
    end

    # The engine's log lines ask for definitions.
    def equip(steps)
      @run&.definitions&.equip(@task)
      Records::NamedSteps.attach(steps, @run)
    end

    def rows
      @rows ||= @templates.map do |template|
        [template.dependent_system, template.name, template.default_retryable, template.default_retry_limit,
         template.skippable, template.all_dependencies]
      end
    end
  end
end

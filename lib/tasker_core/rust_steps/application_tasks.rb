# frozen_string_literal: true

module TaskerCore
  module RustSteps
    # Tasks for which a job of this application has something to do. For the others a sweep would make jobs again and again, as long as no
    # Rust worker runs.
    module ApplicationTasks
      PAGE = 1_000
      private_constant :PAGE

      class << self
        # A few statements for each thousand of tasks.
        # @param ids [Array<Integer>] of pending tasks
        # @return [Array<Integer>] without those of which only Rust workers can execute a step now, and without those of other applications
        def among(ids)
          ids.each_slice(PAGE).flat_map { |page| page - left_to_others(page) }
        end

        private

        def left_to_others(ids)
          kinds(ids).flat_map do |kind, of_kind|
            next (all_handlers_loaded? ? of_kind : []) unless handler?(*kind)

            names = names_of(*kind)
            names.empty? ? [] : waiting_for_rust(of_kind, names)
          end
        end

        # @return [Hash{Array(String, String, String) => Array<Integer>}] ids by namespace, name and version
        def kinds(ids)
          rows = Tasker::Task.unscoped.where(task_id: ids).joins(named_task: :task_namespace)
                             .pluck(:task_id, "tasker_task_namespaces.name", "tasker_named_tasks.name", "tasker_named_tasks.version")
          rows.group_by { |row| row.drop(1) }.transform_values { |of_kind| of_kind.map(&:first) }
        end

        def handler?(namespace, name, version)
          Tasker::HandlerFactory.instance.list_handlers(namespace:).dig(name.to_sym, version).present?
        end

        # Without eager loading, a handler that is not registered may be loaded by the job.
        def all_handlers_loaded? = Rails.application.config.eager_load

        # A handler that cannot be made is for its job to report.
        def names_of(namespace, name, version)
          RustSteps.names(Tasker::HandlerFactory.instance.get(name, namespace_name: namespace, version:))
        rescue StandardError
          []
        end

        def waiting_for_rust(ids, names)
          ready = Tasker::StepReadinessStatus.for_tasks(ids).select(&:ready_for_execution)
          retryable = Tasker::WorkflowStep.unscoped.where(workflow_step_id: ready.map(&:workflow_step_id), retryable: true)
                                          .pluck(:workflow_step_id).to_set
          by_task = ready.select { |step| retryable.include?(step.workflow_step_id) }.group_by(&:task_id)
          by_task.select { |_, steps| steps.all? { |step| names.include?(step.name) } }.keys
        end
      end
    end
  end
end

# frozen_string_literal: true

module TaskerCore
  module RustSteps
    # Jobs for tasks that Rust workers have made pending for Rails to go on with. Of all processes that are notified, the first notes its
    # job in the metadata of the task's transition, and the others find the note.
    module Handover
      MARK = "handover"
      private_constant :MARK

      class << self
        # @param ids [Enumerable<Integer>] of tasks that were named
        # @return [Array<Integer>] those for which a job was enqueued
        def enqueue(ids)
          jobs = ids.uniq.filter_map { |id| Native::QueryRunner.transaction { note(id) } }
          TaskJobs.enqueue(jobs).first
        end

        # Tasks that were handed over while no process listened.
        # @return [Array<Integer>] for which a job was enqueued
        def enqueue_missed
          transitions = Tasker::TaskTransition.where(most_recent: true, to_state: Tasker::Constants::TaskStatuses::PENDING)
          unheard = transitions.where("metadata #>> ? = 'true' AND metadata -> ? IS NULL", "{#{Claims::MARK},#{MARK}}",
                                      TaskJobs::KEY)
          enqueue(unheard.pluck(:task_id))
        end

        # @param task_id [Integer]
        # @return [Boolean] whether this application has a handler for the task and something to do for it
        def continues?(task_id)
          task = Tasker::Task.find_by(task_id:)
          return false unless task && !task.complete && handler?(task)

          handler = Tasker::HandlerFactory.instance.get(task.name, namespace_name: task.namespace_name, version: task.version)
          outlook = Outlook.new(task_id, RustSteps.names(handler))
          outlook.rails_ready? || outlook.rails_wait || !outlook.rust_continues?
        end

        # @param task [Tasker::Task]
        # @return [Boolean] whether a handler for it is registered; others are Rust's alone, or another application's
        def handler?(task)
          Tasker::HandlerFactory.instance.list_handlers(namespace: task.namespace_name).dig(task.name.to_sym, task.version).present?
        end

        private

        # @return [ActiveJob::Base, nil] to enqueue after the commit
        def note(task_id)
          transition = Tasker::TaskTransition.where(task_id:, most_recent: true).lock.first
          return unless transition&.to_state == Tasker::Constants::TaskStatuses::PENDING

          metadata = transition.metadata.to_h
          mark = metadata[Claims::MARK].to_h
          return if !mark[MARK] || metadata.key?(TaskJobs::KEY) || !continues?(task_id)

          job, note = TaskJobs.build(task_id, [mark["recoveries"].to_i, 1].max)
          Tasker::TaskTransition.where(id: transition.id).update_all(["metadata = metadata || ?::jsonb", note.to_json])
          job
        end
      end
    end
  end
end

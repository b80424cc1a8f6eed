# frozen_string_literal: true

module TaskerCore
  module Frames
    # What the engine reads of tasks and steps while it runs them, by ActiveRecord's own means.
    module Models
      # Records that are read anew: `reload` asks for a fresh one.
      module Record
        def _find_record(options)
          (Run.current&.found(self) if options.nil?) || MethodPatcher.call_original(Record, :_find_record, self, options)
        end
      end

      # A task that is looked up by its id. With a block, one is searched among all tasks.
      module Finding
        def find(*ids, &)
          (Run.current&.task(ids.first) if ids.one? && !block_given?) || MethodPatcher.call_original(Finding, :find, self, *ids, &)
        end
      end

      # The number of a task's steps.
      module Counting
        def count(column_name = nil, &)
          asked_for_all = column_name.nil? && !block_given?
          (Counting.steps_of(proxy_association) if asked_for_all) || MethodPatcher.call_original(Counting, :count, self, column_name, &)
        end

        # @param association [ActiveRecord::Associations::CollectionAssociation]
        # @return [Integer, nil] nil where the database must be asked
        def self.steps_of(association)
          task = association.owner
          return unless task.is_a?(Tasker::Task) && association.reflection.name == :workflow_steps

          Run.current&.survey(task.task_id)&.step_count
        end
      end

      # What a task is made from, while it is.
      module Naming
        def find_or_create_by_full_name!(name:, namespace_name: Tasker::NamedTask::DEFAULT_NAMESPACE,
                                         version: Tasker::NamedTask::DEFAULT_VERSION)
          found = Records::NamedTasks.find(namespace_name, name, version) if Run.current&.creating? && equal?(Tasker::NamedTask)
          found || MethodPatcher.call_original(Naming, :find_or_create_by_full_name!, self, name:, namespace_name:, version:)
        end
      end

      # Whatever an application has hung on its jobs.
      module Job
        def perform_later(...)
          Run.suspended { MethodPatcher.call_original(Job, :perform_later, self, ...) }
        end
      end
    end
  end
end

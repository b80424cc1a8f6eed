# frozen_string_literal: true

module TaskerCore
  module Backing
    # Class methods of `FunctionBasedStepReadinessStatus` that ask the database. The others filter what these return.
    module StepReadiness
      INSTANTS = %w[last_failure_at next_retry_at last_attempted_at].freeze
      private_constant :INSTANTS

      def for_task(task_id, step_ids = nil)
        Seam["FunctionBasedStepReadinessStatus.for_task"].ask(self, task_id, step_ids) do |seam|
          next Seam::DECLINED unless Ids.id?(task_id) && (step_ids.nil? || Ids.list?(step_ids))
          next Seam::DECLINED unless EngineCode.untouched?(self, :from_sql_function, :connection)

          conversation = Native::Conversation.step_readiness(seam.name, task_id, step_ids)
          step_statuses(Host.converse(conversation, "StepReadinessStatus Load"))
        end
      end

      def for_tasks(task_ids)
        Seam["FunctionBasedStepReadinessStatus.for_tasks"].ask(self, task_ids) do |seam|
          next Seam::DECLINED unless Ids.list?(task_ids)
          next [] if task_ids.empty?
          next Seam::DECLINED unless EngineCode.untouched?(self, :from_sql_function, :connection)

          conversation = Native::Conversation.step_readiness_of_tasks(seam.name, task_ids)
          step_statuses(Host.bulk(conversation, "StepReadinessStatus Batch Load"))
        end
      end

      private

      # @param making [Symbol] of {FunctionRows}
      def step_statuses(rows, making = :objects)
        columns = attribute_names
        attempts = columns.index("attempts")
        return Seam::DECLINED if Repairs::BackoffOverflow.left_to_the_engine? { rows.map { |row| row[attempts] } }

        instants = INSTANTS.map { |name| columns.index(name) }
        rows.each { |row| instants.each { |index| row[index] = Instant.to_time(row[index]) } }
        FunctionRows.public_send(making, self, rows)
      end
    end
  end
end

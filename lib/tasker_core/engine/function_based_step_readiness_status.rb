# frozen_string_literal: true

module TaskerCore
  module Engine
    # Class methods of `FunctionBasedStepReadinessStatus` that ask the database. The others filter what these return.
    module FunctionBasedStepReadinessStatus
      INSTANTS = %w[last_failure_at next_retry_at last_attempted_at].freeze
      private_constant :INSTANTS

      def for_task(task_id, step_ids = nil)
        Override["FunctionBasedStepReadinessStatus.for_task"].ask(self, task_id, step_ids) do |override|
          next Override::DECLINED unless Native::Ids.id?(task_id) && (step_ids.nil? || Native::Ids.list?(step_ids))
          next Override::DECLINED unless Stock::EngineCode.stock?(self, :from_sql_function, :connection)

          conversation = Native::Conversation.step_readiness(override.name, task_id, step_ids)
          step_statuses(Native::QueryRunner.run(conversation, "StepReadinessStatus Load"))
        end
      end

      def for_tasks(task_ids)
        Override["FunctionBasedStepReadinessStatus.for_tasks"].ask(self, task_ids) do |override|
          next Override::DECLINED unless Native::Ids.list?(task_ids)
          next [] if task_ids.empty?
          next Override::DECLINED unless Stock::EngineCode.stock?(self, :from_sql_function, :connection)

          conversation = Native::Conversation.step_readiness_of_tasks(override.name, task_ids)
          step_statuses(Native::QueryRunner.run_bulk(conversation, "StepReadinessStatus Batch Load"))
        end
      end

      private

      # @param making [Symbol] of {FunctionRows}
      def step_statuses(rows, making = :objects)
        columns = attribute_names
        attempts = columns.index("attempts")
        return Override::DECLINED if Fixes::BackoffOverflow.left_to_the_engine? { rows.map { |row| row[attempts] } }

        instants = INSTANTS.map { |name| columns.index(name) }
        rows.each { |row| instants.each { |index| row[index] = Native::TimestampCodec.to_time(row[index]) } }
        Records::FunctionRows.public_send(making, self, rows)
      end
    end
  end
end

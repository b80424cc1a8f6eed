# frozen_string_literal: true

module TaskerCore
  module Engine
    # The callback of `WorkflowStepEdge` that keeps circles out. What makes edges, and all other callbacks, stay as they are.
    module WorkflowStepEdge
      REFUSAL = "Adding this edge would create a cycle in the workflow"
      private_constant :REFUSAL

      def ensure_no_cycles!
        Override["WorkflowStepEdge#ensure_no_cycles!"].ask(self) do |override|
          ends = [from_step, to_step].map { |step| step&.id }
          next Override::DECLINED unless Native::Ids.list?(ends)

          conversation = Native::Conversation.closes_cycle(override.name, ends)
          # Edges that others have made since are seen by the engine, too.
          closed = Tasker::ApplicationRecord.uncached { Native::QueryRunner.run(conversation, "Tasker::WorkflowStepEdge Exists?") }
          raise ActiveRecord::RecordInvalid.new(self), REFUSAL if closed
        end
      end

      # The class method about the edges of a step's siblings.
      module ClassMethods
        # A scope of the engine's, which takes one step.
        def siblings_of(*arguments, **keywords)
          Override["WorkflowStepEdge.siblings_of"].ask(self, *arguments, **keywords) do |override|
            next Override::DECLINED unless arguments.one? && keywords.empty?

            step_id = arguments.first.workflow_step_id
            next Override::DECLINED unless Native::Ids.id?(step_id) && Stock::Models.stock_columns?(self)
            next Override::DECLINED unless Stock::EngineCode.defines_method?(self, :sibling_sql)

            rows = Native::QueryRunner.run(Native::Conversation.sibling_edges(override.name, step_id), "Tasker::WorkflowStepEdge Load")
            columns = Stock::Models.columns(self)
            rows.map { |row| instantiate(columns.zip(edge_values(*row)).to_h) }
          end
        end

        private

        # @return [Array] the values of an edge's columns
        def edge_values(id, ends, name, *timestamps)
          [id, *ends, name, *timestamps.map { |timestamp| Native::TimestampCodec.to_time(timestamp) }]
        end
      end
    end
  end
end

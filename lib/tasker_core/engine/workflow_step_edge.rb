# frozen_string_literal: true

module TaskerCore
  module Backing
    # The callback of `WorkflowStepEdge` that keeps circles out. What makes edges, and all other callbacks, stay as they are.
    module EdgeCycles
      REFUSAL = "Adding this edge would create a cycle in the workflow"
      private_constant :REFUSAL

      def ensure_no_cycles!
        Seam["WorkflowStepEdge#ensure_no_cycles!"].ask(self) do |seam|
          ends = [from_step, to_step].map { |step| step&.id }
          next Seam::DECLINED unless Ids.list?(ends)

          conversation = Native::Conversation.closes_cycle(seam.name, *ends)
          # Edges that others have made since are seen by the engine, too.
          closed = Tasker::ApplicationRecord.uncached { Host.converse(conversation, "Tasker::WorkflowStepEdge Exists?") }
          raise ActiveRecord::RecordInvalid.new(self), REFUSAL if closed
        end
      end
    end

    # The class method of `WorkflowStepEdge` about the edges of a step's siblings.
    module EdgeSiblings
      # A scope of the engine's, which takes one step.
      def siblings_of(*arguments, **keywords)
        Seam["WorkflowStepEdge.siblings_of"].ask(self, *arguments, **keywords) do |seam|
          next Seam::DECLINED unless arguments.one? && keywords.empty?

          step_id = arguments.first.workflow_step_id
          next Seam::DECLINED unless Ids.id?(step_id) && PlainModel.own_columns?(self)
          next Seam::DECLINED unless EngineCode.own_method?(self, :sibling_sql)

          rows = Host.converse(Native::Conversation.sibling_edges(seam.name, step_id), "Tasker::WorkflowStepEdge Load")
          columns = PlainModel.columns(self)
          rows.map { |*values, made, changed| instantiate(columns.zip([*values, Instant.to_time(made), Instant.to_time(changed)]).to_h) }
        end
      end
    end
  end
end

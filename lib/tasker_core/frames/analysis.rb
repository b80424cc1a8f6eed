# frozen_string_literal: true

module TaskerCore
  module Frames
    # For the length of an analysis of a task: its parts look at one reading of the graph, and of the task with its steps.
    module Analysis
      # A list of steps that knows where each of them is. The engine asks that for each step of a path.
      class Path < Array
        def initialize(steps)
          super
          @places = {}.compare_by_identity
          steps.each_with_index { |step, place| @places[step] ||= place }
        end

        # @return [Integer, nil]
        def index(step)
          @places[step]
        end
      end

      def analyze
        @tasker_core_shared = true
        MethodPatcher.call_original(Analysis, :analyze, self)
      ensure
        @tasker_core_shared = @tasker_core_known = nil
      end

      def get_step_readiness_data
        read_condition unless @get_step_readiness_data
        MethodPatcher.call_original(Analysis, :get_step_readiness_data, self)
      end

      def get_task_execution_context
        read_condition unless @get_task_execution_context
        MethodPatcher.call_original(Analysis, :get_task_execution_context, self)
      end

      def identify_path_bottlenecks(path_steps)
        path_steps = Path.new(path_steps) if TaskerCore.active? && path_steps.all?(Tasker::Functions::FunctionBasedStepReadinessStatus)
        MethodPatcher.call_original(Analysis, :identify_path_bottlenecks, self, path_steps)
      end

      private

      # What the engine reads in two statements, and keeps.
      def read_condition
        return if @get_step_readiness_data || @get_task_execution_context
        return unless @tasker_core_shared && TaskerCore.active? && Native::Ids.id?(task_id)

        steps, context = Records::TaskCondition.of(task_id)
        return unless context

        @get_step_readiness_data = steps.index_by(&:workflow_step_id)
        @get_task_execution_context = context
      end
    end
  end
end

# frozen_string_literal: true

module TaskerCore
  module WorkflowRun
    # The engine's log lines about rounds that took long. Shorter ones are below the level of the log, or the run would not be native.
    class Waves
      # @param native [Native::WorkflowRun]
      # @param task_id [Integer]
      # @param size [Integer] the number of the task's steps
      # @param coordinator [Tasker::Orchestration::WorkflowCoordinator]
      # @param executor [Tasker::Orchestration::StepExecutor]
      def initialize(native, task_id, size, coordinator, executor)
        @native = native
        @task_id = task_id
        @size = size
        @coordinator = coordinator
        @executor = executor
        @from = @looked_from = Frames::Quiet.clock
        @processed = 0
      end

      # The workflow begins.
      def begin
        tell(@coordinator, "workflow_execution", Frames::Quiet.clock) { { operation: "workflow_start" } } if threshold.negative?
      end

      # Steps are looked for.
      def look
        @looked_from = Frames::Quiet.clock
      end

      # Runs the block, which executes a batch of the wave.
      # @yieldreturn [Batch]
      # @return [Batch]
      def batch
        begin_wave unless @wave == @native.waves
        batch = yield
        @counts = @counts.zip([batch.size, batch.succeeded]).map(&:sum)
        end_wave if @counts.first >= @native.ready.size
        @looked_from = Frames::Quiet.clock
        batch
      end

      # Nothing is left to run.
      # @param blocked [Boolean] whether failed steps are in the way
      def over(blocked:)
        end_round(blocked) if @wave
        discovered(0) unless blocked
        tell(@coordinator, "workflow_execution", @from) do
          { total_iterations: @native.waves - (blocked ? 1 : 0), total_steps_processed: @processed, operation: "workflow_complete" }
        end
      end

      private

      def begin_wave
        end_round(false) if @wave
        @wave = @native.waves
        @counts = [0, 0]
        discovered(@native.ready.size)
        @wave_from = Frames::Quiet.clock
      end

      def end_wave
        step_count, processed_count = @counts
        @processed += processed_count
        # The engine counts those that have failed among those that have succeeded.
        successes = { successful_count: processed_count, failure_count: 0 }
        tell(@executor, "concurrent_execution", @wave_from) { { step_count:, **successes } }
        processed = { step_count:, processed_count:, **successes }
        tell(@executor, "step_batch_execution", @wave_from) { { **processed, processing_mode: "concurrent" } }
        tell(@coordinator, "step_batch_execution", @wave_from) { processed }
        @checked_from = Frames::Quiet.clock
      end

      def end_round(blocked)
        tell(@coordinator, "error_blocking_check", @checked_from || Frames::Quiet.clock) do
          { is_blocked: blocked, processed_steps_count: @counts.last }
        end
      end

      def discovered(count)
        tell(@coordinator, "viable_step_discovery", @looked_from) { { step_count: count, sequence_length: @size } }
      end

      def tell(teller, operation, from)
        Frames::Quiet.tell_if_slow(teller, operation, from) { { task_id: @task_id, **yield } }
      end

      def threshold
        @coordinator.send(:telemetry_config).slow_query_threshold_seconds
      end
    end
  end
end

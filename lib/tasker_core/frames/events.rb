# frozen_string_literal: true

module TaskerCore
  module Frames
    # Subscribers of the application look at the database, not at what a run remembers, and may change it.
    module Publisher
      def publish(event_name, payload = {})
        run = Run.current
        return self if run && Stock::Listeners.none?(event_name)

        engine = -> { MethodPatcher.call_original(Publisher, :publish, self, event_name, payload) }
        return engine.call unless run && Stock::Listeners.any?(event_name)

        run.unsettle
        Run.suspended(&engine)
      end
    end

    # What is told in an event. A run makes nothing up for events that nobody hears; what log lines say is not taken from there.
    module Payloads
      # By what the engine calls them when it makes their payloads; only those that it makes at every step.
      STEPS = { started: "EXECUTION_REQUESTED", before_handle: "BEFORE_HANDLE", completed: "COMPLETED", failed: "FAILED" }.freeze
      TASKS = { started: "START_REQUESTED", completed: "COMPLETED", failed: "FAILED" }.freeze
      ORCHESTRATION = %i[
        task_started viable_steps_discovered no_viable_steps steps_execution_started steps_execution_completed
        task_finalization_started task_finalization_completed
      ].to_h { |type| [type, type.to_s.upcase] }.freeze
      # By which a teller hands it to the engine's publisher.
      PUBLISHING = %i[publish_event publish_event_with_logging].freeze
      private_constant :STEPS, :TASKS, :ORCHESTRATION, :PUBLISHING

      def build_step_payload(step, event_type, context = {})
        return {} if Payloads.unheard?(self, Tasker::Constants::StepEvents, STEPS[event_type])

        MethodPatcher.call_original(Payloads, :build_step_payload, self, step, event_type, context)
      end

      def publish_step_started(step, **context)
        event = Tasker::Constants::StepEvents::EXECUTION_REQUESTED
        return MethodPatcher.call_original(Payloads, :publish_step_started, self, step, **context) unless Payloads.only_told?(self, step,
                                                                                                                              event)

        Payloads.tell(event) { log_step_event(step, :started, **context.slice(:processing_mode, :concurrent_batch_size)) }
      end

      def publish_step_before_handle(step, **context)
        event = Tasker::Constants::StepEvents::BEFORE_HANDLE
        unless Payloads.only_told?(self, step, event)
          return MethodPatcher.call_original(Payloads, :publish_step_before_handle, self, step, **context)
        end

        Payloads.tell(event) { log_step_event(step, :before_handle, **context.slice(:handler_class, :dependencies_met)) }
      end

      def publish_step_completed(step, **context)
        event = Tasker::Constants::StepEvents::COMPLETED
        return MethodPatcher.call_original(Payloads, :publish_step_completed, self, step, **context) unless Payloads.only_told?(self, step,
                                                                                                                                event)

        Payloads.tell(event) do
          duration = context[:duration] || Payloads.age(step) || extract_duration_from_step(step)
          log_step_event(step, :completed, duration:, **context.slice(:operation_count, :records_processed))
        end
      end

      def build_task_payload(task, event_type, context = {})
        return {} if Payloads.unheard?(self, Tasker::Constants::TaskEvents, TASKS[event_type])

        MethodPatcher.call_original(Payloads, :build_task_payload, self, task, event_type, context)
      end

      def build_orchestration_payload(event_type, context = {})
        return {} if Payloads.unheard?(self, Tasker::Constants::WorkflowEvents, ORCHESTRATION[event_type])

        MethodPatcher.call_original(Payloads, :build_orchestration_payload, self, event_type, context)
      end

      class << self
        # @param teller [Object] who publishes it
        # @param events [Module] of the engine's constants
        # @param name [String, nil] of one of them; nil for one that is not known here
        # @return [Boolean] whether an event that the engine publishes here reaches nobody
        def unheard?(teller, events, name)
          run = Run.current
          !name.nil? && !run.nil? && Stock::Listeners.none?(events.const_get(name)) &&
            run.known_methods?(teller.class, PUBLISHING) && Stock::EngineCode.without_singleton_methods?(teller, *PUBLISHING)
        end

        # @param teller [Object] who publishes it
        # @param step [Object]
        # @param event [String]
        # @return [Boolean] whether a log line is all that comes of it
        def only_told?(teller, step, event)
          !Logs.words(teller, step).nil? && Stock::Listeners.none?(event)
        end

        # Does what the engine does around an event's log line.
        # @return [Tasker::Events::Publisher, true] as if it had been published
        def tell(event)
          begin
            yield
          rescue StandardError => e
            Rails.logger.debug { "EventPublisher: Structured logging failed for #{event}: #{e.message}" }
          end
          Tasker::Events::Publisher.instance
        rescue StandardError => e
          Rails.logger.error { "Error publishing event #{event}: #{e.message}" }
        end

        # @param step [Object]
        # @return [Float, nil] seconds from its making to its last change; nil where its instants are not what ActiveRecord makes of them
        def age(step)
          return unless step.instance_of?(Tasker::WorkflowStep)

          to = step.updated_at
          from = step.created_at
          to.utc - from.utc if [from, to].all?(ActiveSupport::TimeWithZone)
        end
      end
    end

    # The payload of a step's transition is made from a fresh object; one is at hand while the step is held.
    module MachineEvents
      def extract_step_from_context(context)
        Run.current&.held(context[:step_id])&.copy ||
          MethodPatcher.call_original(MachineEvents, :extract_step_from_context, self, context)
      end
    end
  end
end

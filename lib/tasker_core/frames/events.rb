# frozen_string_literal: true

module TaskerCore
  module Frames
    # Subscribers of the application look at the database, not at what a run remembers, and may change it.
    module Publisher
      def publish(event_name, payload = {})
        return Frames.engine(Publisher, :publish, self, event_name, payload) unless Run.current
        return self if Subscribers.none?
        return Frames.engine(Publisher, :publish, self, event_name, payload) unless Subscribers.any?(event_name)

        Run.current.unsettle
        Run.suspended { Frames.engine(Publisher, :publish, self, event_name, payload) }
      end
    end

    # What is told in an event. While nobody at all listens, a run has nothing to tell; what its log lines say is not taken from here.
    module Payloads
      def build_step_payload(step, event_type, context = {})
        Payloads.unheard? ? {} : Frames.engine(Payloads, :build_step_payload, self, step, event_type, context)
      end

      def build_task_payload(task, event_type, context = {})
        Payloads.unheard? ? {} : Frames.engine(Payloads, :build_task_payload, self, task, event_type, context)
      end

      def build_orchestration_payload(event_type, context = {})
        Payloads.unheard? ? {} : Frames.engine(Payloads, :build_orchestration_payload, self, event_type, context)
      end

      # Whether an event that the engine publishes here reaches nobody.
      def self.unheard?
        Run.current && Subscribers.none?
      end
    end

    # The payload of a step's transition is made from a fresh object; one is at hand while the step is held.
    module MachineEvents
      def extract_step_from_context(context)
        Run.current&.held(context[:step_id])&.copy ||
          Frames.engine(MachineEvents, :extract_step_from_context, self, context)
      end
    end
  end
end

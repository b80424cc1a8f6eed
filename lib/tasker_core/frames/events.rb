# frozen_string_literal: true

module TaskerCore
  module Frames
    # Subscribers of the application look at the database, not at what a run remembers, and may change it.
    module Publisher
      def publish(event_name, payload = {})
        run = Run.current
        return Frames.engine(Publisher, :publish, self, event_name, payload) unless run && Subscribers.any?(event_name)

        run.unsettle
        Run.suspended { Frames.engine(Publisher, :publish, self, event_name, payload) }
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

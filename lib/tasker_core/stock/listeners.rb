# frozen_string_literal: true

module TaskerCore
  module Stock
    # Listeners to the engine's events.
    module Listeners
      BUS = %i[publish process].freeze
      # The engine's own subscribers. The handlers of the one for metrics are defined nowhere; it answers to any name.
      OWN = %w[Tasker::Events::Subscribers::TelemetrySubscriber Tasker::Events::Subscribers::MetricsSubscriber].freeze
      # By owner, publishing methods shared by all events.
      PUBLISHING = {
        "Tasker::StateMachine::StepStateMachine" => %i[
          safe_fire_event extract_step_from_context determine_event_type_from_name determine_transition_event_name build_step_payload
          publish_event publish_event_with_logging
        ],
        "Tasker::StateMachine::TaskStateMachine" => %i[
          safe_fire_event determine_transition_event_name publish_event publish_event_with_logging
        ],
        "Tasker::Events::EventPayloadBuilder" => %i[build_step_payload build_task_payload build_orchestration_payload]
      }.freeze
      private_constant :BUS, :OWN, :PUBLISHING

      class << self
        # @param event [String]
        # @return [Boolean] whether it has a listener besides the engine's own
        def any?(event)
          publisher = Tasker::Events::Publisher.instance
          return true unless EngineCode.stock?(publisher, :publish)

          publisher.__bus__.listeners[event].any? { |listener, _filter| !own?(listener) }
        end

        # @param event [String]
        # @return [Boolean] whether it has no listener at all, the engine's own included
        def none?(event)
          bus = engine_bus
          !bus.nil? && bus.listeners[event].empty? && published_as_ever?(bus)
        end

        # @return [Boolean] whether no event has a listener
        def empty?
          bus = engine_bus
          !bus.nil? && bus.listeners.values.all?(&:empty?) && published_as_ever?(bus)
        end

        # @return [Array<Compatibility::Reason>] the listeners by which {empty?} is false, each once
        def reasons
          bus = engine_bus
          bus && published_as_ever?(bus) ? by_listener(bus) : [changed_publisher]
        end

        private

        def by_listener(bus)
          listeners = bus.listeners.each_pair.flat_map { |event, pairs| pairs.map { |listener, _filter| [listener, event] } }
          listeners.group_by(&:first).map { |listener, pairs| Compatibility::Reason.of_listener(listener, pairs.map(&:last)) }
        end

        def changed_publisher
          Compatibility::Reason.new(subject: "Tasker::Events::Publisher", problem: "publishes by code of the application", scope: :loop)
        end

        # @return [Dry::Events::Bus, nil] nil where something else stands in the place of the engine's publisher, which need not have one
        def engine_bus
          publisher = Tasker::Events::Publisher.instance
          publisher.__bus__ if publisher.instance_of?(Tasker::Events::Publisher)
        end

        # Whether a listener and everything that it calls on itself is the engine's. What an application has made of one of the engine's
        # subscribers inherits handlers from it, and may look around in a helper.
        def own?(listener)
          (listener.source_location.nil? || EngineCode.defines?(listener)) && own_subscriber?(receiver(listener))
        end

        def own_subscriber?(object)
          type = object.class
          OWN.include?(type.name) && type.ancestors.first.equal?(type) && object.singleton_methods.empty?
        end

        # @return [Object, nil] the receiver of the listener's method; nil if it is unknown
        def receiver(listener)
          listener.is_a?(Method) ? listener.receiver : listener.binding.receiver
        rescue ArgumentError
          nil
        end

        # Whether all publishing methods are stock. Computed once in a run.
        def published_as_ever?(bus)
          verdicts = Run.current&.verdicts || {}
          verdicts.fetch(Listeners) { verdicts[Listeners] = bus_untouched?(bus) && publishing_untouched? }
        end

        def bus_untouched?(bus)
          EngineCode.stock?(Tasker::Events::Publisher.instance, :publish) &&
            BUS.all? { |name| bus.method(name).owner == Dry::Events::Bus }
        end

        def publishing_untouched?
          PUBLISHING.all? { |owner, names| EngineCode.stock?(owner.constantize, *names) }
        end
      end
    end
  end
end

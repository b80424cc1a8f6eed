# frozen_string_literal: true

module TaskerCore
  module Compatibility
    # Something that the application has added to the engine, and by which the engine's own code runs.
    #
    # @!attribute [r] subject
    #   @return [String] a class with a method, callback or column: `"OrderTask#get_sequence"`
    # @!attribute [r] problem
    #   @return [String] a verb phrase: `"overrides the engine's method"`
    # @!attribute [r] location
    #   @return [String, nil] file and line, relative to the application; nil for what has none, such as a column
    # @!attribute [r] scope
    #   @return [Symbol] `:run` for the engine's own loop, `:transitions` for the engine's own statements that change states, `:loop` for
    #     the engine's loop in a native run
    Reason = Data.define(:subject, :problem, :location, :scope) do
      class << self
        # @param method [Method, UnboundMethod] the application's
        def of_method(method, scope: :run)
          owner = method.owner
          subject = owner.singleton_class? ? "#{name_of(owner.attached_object)}.#{method.name}" : "#{name_of(owner)}##{method.name}"
          new(subject:, problem: "overrides the engine's method", location: location_of(method), scope:)
        end

        # @param model [Class]
        # @param callback [String] its kind and filter: `"after_save :notify"`
        # @param callable [Proc, Method, UnboundMethod]
        def of_callback(model, callback, callable, scope: :run)
          new(subject: "#{model.name} #{callback}", problem: "is called on the engine's class", location: location_of(callable), scope:)
        end

        # @param listener [Proc, Method]
        # @param events [Array<String>] to which it listens
        def of_listener(listener, events)
          subject = listener.is_a?(Method) ? "#{name_of(listener.receiver.class)}##{listener.name}" : "a block"
          problem = "listens to #{events.one? ? events.first : "#{events.size} events"}"
          new(subject:, problem:, location: location_of(listener), scope: :loop)
        end

        # @return [String] an object's class, a class itself; the same for all anonymous classes, since reasons are counted
        def name_of(object)
          return object.name || "an anonymous #{object.class.name.downcase}" if object.is_a?(Module)

          "an object of #{name_of(object.class)}"
        end

        private

        def location_of(callable)
          file, line = callable.source_location
          "#{file.delete_prefix("#{Rails.root}/")}:#{line}" if file
        end
      end

      def initialize(subject:, problem:, location: nil, scope: :run) = super

      # @return [String] one line
      def to_s = "#{subject} #{problem}#{" (#{location})" if location}"
    end
  end
end

# frozen_string_literal: true

module TaskerCore
  module Shadow
    # The engine and the core have answered one question differently.
    #
    # @!attribute subject
    #   @return [String] on whom the method was called
    # @!attribute arguments
    #   @return [Array]
    # @!attribute engine
    #   @return [Object] what it answered, or the error that it raised
    # @!attribute core
    #   @return [Object]
    Difference = Data.define(:subject, :arguments, :engine, :core) do
      # @param receiver [Object] a model, a machine or a class of the engine
      # @return [Difference]
      def self.between(receiver, arguments, engine, core)
        new(subject: name_of(receiver), arguments:, engine:, core:)
      end

      def self.name_of(receiver)
        case receiver
        when Statesman::Machine then name_of(receiver.object)
        when ActiveRecord::Base then "#{receiver.class.name} #{receiver.id}"
        when ActiveRecord::Relation then receiver.klass.name
        when Module then receiver.name
        else receiver.class.name
        end
      end
      private_class_method :name_of

      # @return [String] one line
      def to_s
        asked = Comparison.plain(arguments).inspect.truncate(200)
        values = Comparison.difference(engine, core).map { |answer| answer.inspect.truncate(400) }
        "#{subject}#{asked}: engine #{values.first}, core #{values.last}"
      end
    end
  end
end

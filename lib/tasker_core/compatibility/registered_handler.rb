# frozen_string_literal: true

module TaskerCore
  module Compatibility
    # A task handler that the engine has registered in this process.
    #
    # @!attribute [r] namespace
    #   @return [String]
    # @!attribute [r] name
    #   @return [String] of the tasks
    # @!attribute [r] version
    #   @return [String]
    # @!attribute [r] handler
    #   @return [Class, String] the handler's class, or its name
    RegisteredHandler = Data.define(:namespace, :name, :version, :handler) do
      # @return [Array<RegisteredHandler>] all of them, in any namespace and version
      def self.all
        Tasker::HandlerFactory.instance.list_handlers.flat_map do |namespace, names|
          names.flat_map do |name, versions|
            versions.map { |version, handler| new(namespace.to_s, name.to_s, version.to_s, handler) }
          end
        end
      end

      # @return [Array<Reason>] why its workflows do not run natively; one that cannot be instantiated has that as its reason
      def reasons
        Compatibility.reasons(instance)
      rescue StandardError, NotImplementedError => e
        [Reason.new(subject: to_s, problem: "cannot be instantiated: #{e.class}: #{e.message.lines.first&.chomp}")]
      end

      # @return [Tasker::TaskHandler] a new one
      def instance = (handler.is_a?(Class) ? handler : handler.to_s.constantize).new

      # @return [String] the name of the class
      def to_s = handler.is_a?(Class) ? Reason.name_of(handler) : handler.to_s
    end
  end
end

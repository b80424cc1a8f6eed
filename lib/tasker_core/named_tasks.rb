# frozen_string_literal: true

module TaskerCore
  # What a task is made from, and the namespace of that: the engine finds the one after the other.
  module NamedTasks
    LABEL = "Tasker::NamedTask Load"
    # What the engine calls on both models, and whose it is.
    FINDING = :find_or_create_by!
    LIBRARIES = %w[activerecord].freeze
    private_constant :LABEL, :FINDING, :LIBRARIES

    class << self
      # @param namespace [Object] a name
      # @param name [Object]
      # @param version [Object]
      # @return [Tasker::NamedTask, nil] nil if there is none, or if code of the application's would be passed by
      def find(namespace, name, version)
        return unless [namespace, name, version].all? { |text| text?(text) } && usual?

        conversation = Native::Conversation.named_task("NamedTask.find_or_create_by_full_name!", namespace, name, version)
        row = Host.converse(conversation, LABEL)
        row && Tasker::NamedTask.instantiate(Run::Rows.attributes(Tasker::NamedTask, row))
      end

      private

      # Everything else is ActiveRecord's to convert or to refuse.
      def text?(value)
        value.instance_of?(String) && value.encoding == Encoding::UTF_8 && value.valid_encoding?
      end

      # No object is made of the namespace, so that nobody may want to see it.
      def usual?
        namespace = Tasker::TaskNamespace
        [namespace, Tasker::NamedTask].all? { |model| EngineCode.of_gems?(model.method(FINDING), LIBRARIES) } &&
          namespace.default_scopes.empty? && namespace._find_callbacks.empty? && namespace._initialize_callbacks.empty? &&
          Run::Rows.complete?(Tasker::NamedTask)
      end
    end
  end
end

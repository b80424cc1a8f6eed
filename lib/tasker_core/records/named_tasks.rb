# frozen_string_literal: true

module TaskerCore
  module Records
    # What a task is made from, and the namespace of that: the engine finds the one after the other.
    module NamedTasks
      SEAM = "NamedTask.find_or_create_by_full_name!"
      LABEL = "Tasker::NamedTask Load"
      # What the engine calls on both models, and whose it is.
      FINDING = :find_or_create_by!
      LIBRARIES = %w[activerecord].freeze
      private_constant :SEAM, :LABEL, :FINDING, :LIBRARIES

      class << self
        # @param namespace [Object] a name
        # @param name [Object]
        # @param version [Object]
        # @return [Tasker::NamedTask, nil] nil if there is none, if code of the application would not run, or after a defect of the core
        def find(namespace, name, version)
          return unless [namespace, name, version].all? { |text| text?(text) } && usual?

          row = ask(namespace, name, version)
          row && Tasker::NamedTask.instantiate(Run::Rows.attributes(Tasker::NamedTask, row))
        rescue InternalError => e
          Instrumentation.fell_back(SEAM, e)
          nil
        end

        private

        # Takes the look for row triggers along, for the creation of a task that follows.
        def ask(*names)
          row, triggers = Native::QueryRunner.run(Native::Conversation.named_task(SEAM, *names, Stock::RowTriggers::TABLES), LABEL)
          run = Run.current
          run.row_triggers ||= Stock::RowTriggers.found(triggers) if row && run
          row
        end

        # What else there is, ActiveRecord converts or refuses.
        def text?(value)
          value.instance_of?(String) && (value.ascii_only? || (value.encoding == Encoding::UTF_8 && value.valid_encoding?))
        end

        # No object of the namespace is built, so callbacks on it must not exist.
        def usual?
          namespace = Tasker::TaskNamespace
          found_as_usual?(namespace, "name") && found_as_usual?(Tasker::NamedTask, "name", "version") &&
            namespace._find_callbacks.empty? && namespace._initialize_callbacks.empty? && Run::Rows.complete?(Tasker::NamedTask)
        end

        # Scopes hide rows, and types such as those of `normalizes` look for other values.
        def found_as_usual?(model, *columns)
          Stock::EngineCode.from_gems?(model.method(FINDING), LIBRARIES) && model.default_scopes.empty? && model.current_scope.nil? &&
            columns.all? { |column| model.type_for_attribute(column).instance_of?(ActiveModel::Type::String) }
        end
      end
    end
  end
end

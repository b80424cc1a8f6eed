# frozen_string_literal: true

module TaskerCore
  # Whether an application has added to one of the engine's models.
  #
  # Rows may be written without building objects only where nobody but the engine and Rails has a callback, a validation, a way of saving or
  # an attribute on their model. Otherwise those must run, and the engine's own code runs them.
  module PlainModel
    TRANSITION = %w[id to_state from_state metadata sort_key most_recent created_at updated_at].freeze
    ATTRIBUTES = {
      "Tasker::NamedTask" => %w[named_task_id name description created_at updated_at task_namespace_id version configuration],
      "Tasker::NamedStep" => %w[named_step_id dependent_system_id name description created_at updated_at],
      "Tasker::Task" => %w[
        task_id named_task_id complete requested_at initiator source_system reason bypass_steps tags context identity_hash
        created_at updated_at
      ],
      "Tasker::TaskTransition" => [*TRANSITION, "task_id"],
      "Tasker::WorkflowStepTransition" => [*TRANSITION, "workflow_step_id"],
      "Tasker::WorkflowStepEdge" => %w[id from_step_id to_step_id name created_at updated_at],
      "Tasker::WorkflowStep" => %w[
        workflow_step_id task_id named_step_id retryable retry_limit in_process processed processed_at attempts last_attempted_at
        backoff_request_seconds inputs results created_at updated_at skippable
      ]
    }.freeze
    SAVING = %i[
      save save! update update! update_columns create_or_update _create_record _update_record valid? run_validations!
    ].freeze
    # Of the class.
    MAKING = %i[new create create!].freeze
    # What else the engine calls on them where the core writes at once.
    WRITING = { "Tasker::WorkflowStep" => %i[add_provides_edge!] }.freeze
    LIBRARIES = %w[activerecord activemodel activesupport statesman].freeze
    private_constant :TRANSITION, :ATTRIBUTES, :SAVING, :MAKING, :WRITING, :LIBRARIES

    # What a verdict on a model rests on. It holds while all of this is the same. Tests put methods in the place of others without a new
    # ancestor, and take them away again.
    Grounds = Data.define(:ancestors, :written_by, :chains, :attributes) do
      def self.of(model)
        written_by = [*SAVING, *WRITING[model.name]].map { |name| model.instance_method(name) } + MAKING.map { |name| model.method(name) }
        new(ancestors: model.ancestors, written_by:, chains: model.__callbacks.values, attributes: model.attribute_names)
      end

      def same?(other)
        ancestors == other.ancestors && written_by == other.written_by && attributes == other.attributes &&
          chains.size == other.chains.size && chains.zip(other.chains).all? { |mine, theirs| mine.equal?(theirs) }
      end
    end

    @verdicts = Concurrent::Map.new

    class << self
      # @param model [Class] one of the engine's whose rows the core reads or writes
      # @return [Array<String>] the columns that the engine gives it, in the order in which the core sends them
      def columns(model)
        ATTRIBUTES.fetch(model.name)
      end

      # @param model [Class]
      # @return [Boolean] whether it has these columns and no others
      def own_columns?(model)
        names = model.attribute_names
        own = columns(model)
        names == own || (names.size == own.size && (names - own).empty?)
      end

      # @param model [Class]
      # @return [Boolean] asked once in a run
      def plain?(model)
        run = Run.current
        run ? run.verdicts.compute_if_absent(model) { verdict(model) } : verdict(model)
      end

      private

      def verdict(model)
        grounds = Grounds.of(model)
        known, verdict = @verdicts[model]
        return verdict if known&.same?(grounds)

        judge(model, grounds).tap { |judged| @verdicts[model] = [grounds, judged] }
      end

      def judge(model, grounds)
        (grounds.attributes - ATTRIBUTES.fetch(model.name, [])).empty? &&
          grounds.written_by.all? { |method| known?(method) } &&
          grounds.chains.all? { |chain| chain.all? { |callback| known?(callable(model, callback.filter)) } }
      end

      def callable(model, filter)
        case filter
        when Symbol then model.instance_method(filter)
        when Proc, Method then filter
        else filter.method(:validate)
        end
      end

      def known?(callable)
        file, = callable.source_location
        EngineCode.own?(callable) || InPlace.own?(callable) || (!file.nil? && roots.any? { |root| file.start_with?(root) })
      end

      def roots
        @roots ||= LIBRARIES.map { |name| "#{Gem.loaded_specs.fetch(name).full_gem_path}/" }
      end
    end
  end
end

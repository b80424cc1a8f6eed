# frozen_string_literal: true

require_relative "plain_model/columns"
require_relative "plain_model/grounds"
require_relative "plain_model/types"

module TaskerCore
  # Whether an application has added to one of the engine's models.
  #
  # Rows may be written without building objects only where nobody but the engine and Rails has a callback, a validation, a way of saving
  # or of setting an attribute, a type, a default or an attribute on their model. Otherwise those must run, in the engine's own code.
  module PlainModel
    # What belongs to libraries, not to applications.
    LIBRARIES = %w[activerecord activemodel activesupport statesman].freeze
    # What Rails adds to a model for each association. It does nothing unless there is something to save; see {PendingRecords}.
    FOR_ASSOCIATIONS = /\A(autosave|validate)_associated_records_for_|\A(before|after|around)_save_collection_association\z/
    # On each model, so that a class that was reloaded takes with it what was found out about it.
    BORN_WITH = :@tasker_core_born_with
    VERDICT = :@tasker_core_verdict
    private_constant :LIBRARIES, :FOR_ASSOCIATIONS, :BORN_WITH, :VERDICT

    class << self
      # @param model [Class] one of the engine's whose rows the core reads or writes
      # @return [Array<String>] the columns that the engine gives it, in the order in which the core sends them
      def columns(model)
        COLUMNS.fetch(model.name)
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

      # Takes down which callbacks and validations a model has as the engine has made it: the application's may be of Rails' making, too.
      # @param model [Class] that has just been loaded
      def remember(model)
        callbacks = model.__callbacks.values.flat_map(&:to_a)
        model.instance_variable_set(BORN_WITH, callbacks.to_h { |callback| [callback, true] }.compare_by_identity)
      end

      private

      def verdict(model)
        return false unless COLUMNS.key?(model.name)

        grounds = Grounds.of(model)
        known, verdict = model.instance_variable_get(VERDICT)
        return verdict if known&.same?(grounds)

        judge(model, grounds).tap { |judged| model.instance_variable_set(VERDICT, [grounds, judged].freeze) }
      end

      def judge(model, grounds)
        written_as_usual?(model, grounds) && grounds.chains.all? { |chain| chain.all? { |callback| engine_has?(model, callback) } }
      end

      def written_as_usual?(model, grounds)
        (grounds.attributes - columns(model)).empty? && grounds.timestamps && grounds.written_by.all? { |method| known?(method) } &&
          Types.usual?(model)
      end

      def engine_has?(model, callback)
        born_with = model.instance_variable_get(BORN_WITH)
        return false unless born_with.nil? || born_with.key?(callback) || callback.filter.to_s.match?(FOR_ASSOCIATIONS)

        known?(callable(model, callback.filter))
      end

      def callable(model, filter)
        case filter
        when Symbol then model.instance_method(filter)
        when Proc, Method then filter
        else filter.method(:validate)
        end
      end

      def known?(callable)
        EngineCode.known?(callable) || EngineCode.of_gems?(callable, LIBRARIES)
      end
    end
  end
end

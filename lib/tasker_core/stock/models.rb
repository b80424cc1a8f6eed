# frozen_string_literal: true

require_relative "models/additions"
require_relative "models/columns"
require_relative "models/fingerprint"
require_relative "models/types"

module TaskerCore
  module Stock
    # Whether an application has added to one of the engine's models.
    #
    # Rows are written without objects only if the application has added no callback, validation, way of saving or of setting an attribute,
    # type, default or attribute to the model. Otherwise the engine's own code runs them.
    module Models
      # On each model, so that a class that was reloaded takes with it what was found out about it.
      ENGINE_CALLBACKS = :@tasker_core_engine_callbacks
      VERDICT = :@tasker_core_verdict
      private_constant :ENGINE_CALLBACKS, :VERDICT

      class << self
        # @param model [Class] one of the engine's whose rows the core reads or writes
        # @return [Array<String>] the columns that the engine gives it, in the order in which the core sends them
        def columns(model)
          COLUMNS.fetch(model.name)
        end

        # @param model [Class]
        # @return [Boolean] whether it has these columns and no others
        def stock_columns?(model)
          names = model.attribute_names
          own = columns(model)
          names == own || (names.size == own.size && (names - own).empty?)
        end

        # @param model [Class]
        # @return [Boolean] asked once in a run
        def stock?(model)
          run = Run.current
          run ? run.verdicts.compute_if_absent(model) { unchanged?(model) } : unchanged?(model)
        end

        # What the application has added to one of the engine's models.
        # @param model [Class]
        # @return [Array<Compatibility::Reason>]
        def additions(model)
          fingerprint = Fingerprint.of(model)
          known, additions = model.instance_variable_get(VERDICT)
          return additions if known&.same?(fingerprint)

          Additions.of(model, fingerprint, model.instance_variable_get(ENGINE_CALLBACKS)).tap do |found|
            model.instance_variable_set(VERDICT, [fingerprint, found.freeze].freeze)
          end
        end

        # Takes down which callbacks and validations a model has as the engine has made it: the application's may be of Rails' making, too.
        # @param model [Class] that has just been loaded
        def record_callbacks(model)
          callbacks = model.__callbacks.values.flat_map(&:to_a)
          model.instance_variable_set(ENGINE_CALLBACKS, callbacks.to_h { |callback| [callback, true] }.compare_by_identity)
        end

        private

        def unchanged?(model)
          COLUMNS.key?(model.name) && additions(model).empty?
        end
      end
    end
  end
end

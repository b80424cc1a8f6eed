# frozen_string_literal: true

module TaskerCore
  module Stock
    module Models
      Fingerprint = Data.define(:ancestors, :written_by, :chains, :attributes, :types, :timestamps)

      # What a verdict on a model rests on. It holds while all of this is the same. Tests put methods in the place of others without a new
      # ancestor, and take them away again.
      class Fingerprint
        SAVING = %i[
          save save! update update! update_columns create_or_update _create_record _update_record valid? run_validations!
          assign_attributes attributes= write_attribute _write_attribute
        ].freeze
        # Of the class.
        MAKING = %i[new create create!].freeze
        # What else the engine calls on them where the core writes at once.
        WRITING = { "Tasker::WorkflowStep" => %i[add_provides_edge!] }.freeze
        private_constant :SAVING, :MAKING, :WRITING

        class << self
          # @param model [Class]
          def of(model)
            new(ancestors: model.ancestors, written_by: writing(model), chains: model.__callbacks.values, attributes: model.attribute_names,
                types: model.attribute_types, timestamps: model.record_timestamps)
          end

          private

          def writing(model)
            model.define_attribute_methods
            setters = model.attribute_names.map { |name| :"#{name}=" }
            [*SAVING, *WRITING[model.name], *setters].map { |name| model.instance_method(name) } + MAKING.map { |name| model.method(name) }
          end
        end

        def same?(other)
          ancestors == other.ancestors && written_by == other.written_by && attributes == other.attributes && types.equal?(other.types) &&
            timestamps == other.timestamps && same_chains?(other)
        end

        private

        def same_chains?(other)
          chains.size == other.chains.size && chains.zip(other.chains).all? { |mine, theirs| mine.equal?(theirs) }
        end
      end
    end
  end
end

# frozen_string_literal: true

module TaskerCore
  module Stock
    module Models
      # What an application has added to a model, each with its place in the code.
      module Additions
        # What belongs to libraries, not to applications.
        LIBRARIES = %w[activerecord activemodel activesupport statesman].freeze
        # What Rails adds to a model for each association. It does nothing unless there is something to save; see {PendingRecords}.
        FOR_ASSOCIATIONS = /\A(autosave|validate)_associated_records_for_|\A(before|after|around)_save_collection_association\z/
        private_constant :LIBRARIES, :FOR_ASSOCIATIONS

        class << self
          # @param model [Class]
          # @param fingerprint [Fingerprint] of the model
          # @param engine_callbacks [Hash, nil] the callbacks that the model was loaded with; nil where that was not noted
          # @return [Array<Compatibility::Reason>]
          def of(model, fingerprint, engine_callbacks)
            [*attributes(model, fingerprint), *methods(fingerprint), *callbacks(model, fingerprint, engine_callbacks)]
          end

          private

          def attributes(model, fingerprint)
            added = fingerprint.attributes - Models.columns(model)
            columns = added.map { |name| about(model, "##{name}", "is a column or attribute of the application's") }
            types = (Types.unusual(model) - added).map { |name| about(model, "##{name}", "has a type or default of the application's") }
            timestamps = about(model, ".record_timestamps", "is false") unless fingerprint.timestamps
            [*columns, *types, *timestamps]
          end

          def methods(fingerprint)
            fingerprint.written_by.reject { |method| known?(method) }.map { |method| Compatibility::Reason.of_method(method) }
          end

          def callbacks(model, fingerprint, engine_callbacks)
            fingerprint.chains.flat_map(&:to_a).filter_map do |callback|
              loaded = engine_callbacks.nil? || engine_callbacks.key?(callback) || callback.filter.to_s.match?(FOR_ASSOCIATIONS)
              callable = callable(model, callback.filter)
              Compatibility::Reason.of_callback(model, described(callback), callable) unless loaded && known?(callable)
            end
          end

          def about(model, name, problem) = Compatibility::Reason.new(subject: "#{model.name}#{name}", problem:)

          # As the application declares it: `validate :amount`, `after_save (a block)`.
          def described(callback)
            declared = callback.name == :validate ? "validate" : "#{callback.kind}_#{callback.name}"
            case callback.filter
            when Symbol then "#{declared} #{callback.filter.inspect}"
            when Proc then "#{declared} (a block)"
            else "#{declared} (#{Compatibility::Reason.name_of(callback.filter)})"
            end
          end

          def callable(model, filter)
            case filter
            when Symbol then model.instance_method(filter)
            when Proc, Method then filter
            else filter.method(:validate)
            end
          end

          def known?(callable)
            EngineCode.unmodified?(callable) || EngineCode.from_gems?(callable, LIBRARIES)
          end
        end
      end
    end
  end
end

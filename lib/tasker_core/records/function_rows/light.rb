# frozen_string_literal: true

module TaskerCore
  module Records
    module FunctionRows
      # Objects of one of the engine's function wrappers that read from the row which they were made from, for an analysis that looks at
      # each of ten thousand and then lets them go. The first call that does more than read switches to ActiveModel's set of attributes.
      module Light
        SETTLING = %i[attributes attribute_names attribute _write_attribute initialize_dup freeze encode_with].freeze
        private_constant :SETTLING

        # @param wrapper [Class]
        # @return [Class] a subclass
        def self.of(wrapper)
          names = wrapper.attribute_names
          Class.new(wrapper) do
            include Light

            define_singleton_method(:name) { wrapper.name }
            names.each_with_index { |name, index| define_method(name) { @row ? @row[index] : super() } }
            SETTLING.each do |name|
              next unless method_defined?(name) || private_method_defined?(name)

              define_method(name) { |*arguments| settled { super(*arguments) } }
            end
          end
        end

        # @param row [Array] values of the attributes, in their order, each of the attribute's type already
        # @return [self]
        def read_from(row)
          @row = row
          self
        end

        private

        def settled
          if @row
            values = FunctionRows.values(self.class.attribute_names, @row)
            @attributes = FunctionRows.builder_of(self.class).build_from_database(values)
            @row = nil
          end
          yield
        end
      end
    end
  end
end

# frozen_string_literal: true

require "active_model"
require_relative "function_rows/light"

module TaskerCore
  module Records
    # Makes objects of the engine's function wrappers, which have the attributes of ActiveModel, from rows.
    #
    # `new` copies every attribute's default, then calls every setter: for a task of ten thousand steps that is a second. Where these are
    # still ActiveModel's own, an object is made as ActiveRecord makes one from a row: its values are cast on first access.
    module FunctionRows
      MAKING = %i[initialize assign_attributes attributes= _assign_attributes _assign_attribute _write_attribute].freeze
      LIGHT = :@tasker_core_light
      private_constant :MAKING, :LIGHT

      class << self
        # @param wrapper [Class] a subclass of the engine's `FunctionWrapper`
        # @param rows [Array<Array>] values of its attributes, in their order, each of the attribute's type already
        # @return [Array] an object of that class for each
        def objects(wrapper, rows)
          names = wrapper.attribute_names
          return rows.map { |row| wrapper.new(names.zip(row).to_h) } unless plain?(wrapper, names)

          builder = builder_of(wrapper)
          rows.map do |row|
            object = wrapper.allocate
            object.instance_variable_set(:@attributes, builder.build_from_database(values(names, row)))
            object
          end
        end

        # @param wrapper [Class]
        # @return [ActiveModel::AttributeSet::Builder] of sets whose values are cast on first access
        def builder_of(wrapper)
          ActiveModel::AttributeSet::Builder.new(wrapper.attribute_types)
        end

        # @param (see objects)
        # @return [Array] objects of that class that are made for reading; see {Light}
        def light_objects(wrapper, rows)
          names = wrapper.attribute_names
          return objects(wrapper, rows) unless plain?(wrapper, names) && Stock::EngineCode.active_model_methods?(wrapper, *names)

          light = light_subclass(wrapper)
          rows.map { |row| light.allocate.read_from(row) }
        end

        # @return [Hash{String => Object}] a row's values by name; without an array for each value
        def values(names, row)
          values = {}
          names.each_with_index { |name, index| values[name] = row[index] }
          values
        end

        private

        # Kept with the class itself, which is another one after each reload.
        def light_subclass(wrapper)
          wrapper.instance_variable_get(LIGHT) || wrapper.instance_variable_set(LIGHT, Light.of(wrapper))
        end

        # Whether neither an application nor a test has a say in how an object is made.
        def plain?(wrapper, names)
          Stock::EngineCode.active_model_methods?(wrapper, *MAKING, *names.map { |name| :"#{name}=" })
        end
      end
    end
  end
end

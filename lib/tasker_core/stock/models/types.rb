# frozen_string_literal: true

module TaskerCore
  module Stock
    module Models
      # How values go into columns: `encrypts`, `serialize`, `normalizes`, `enum` and `attribute` change that.
      module Types
        ZONED = ActiveRecord::AttributeMethods::TimeZoneConversion::TimeZoneConverter
        private_constant :ZONED

        class << self
          # @param model [Class]
          # @return [Array<String>] the columns whose type is not that of the database, or whose default is not the column's
          def unusual(model)
            defaults = model.column_defaults
            model.connection_pool.with_connection do |connection|
              model.columns.reject do |column|
                type = model.attribute_types[column.name]
                of_the_column?(type, connection.lookup_cast_type_from_column(column)) &&
                  defaults[column.name] == type.deserialize(column.default)
              end
            end.map(&:name)
          end

          private

          # A type that wraps the column's says that it is equal to it.
          def of_the_column?(type, usual)
            return type.__getobj__.instance_of?(usual.class) if type.instance_of?(ZONED)

            type.instance_of?(usual.class) && type == usual
          end
        end
      end
    end
  end
end

# frozen_string_literal: true

module TaskerCore
  module Native
    # Which identifiers the core takes. The engine hands its callers' values to PostgreSQL as they come, so everything else is
    # PostgreSQL's to refuse, in its own words.
    module Ids
      RANGE = (-(2**63)..((2**63) - 1))
      private_constant :RANGE

      class << self
        # @return [Boolean] whether `value` fits a bigint as it is
        def id?(value)
          value.is_a?(Integer) && RANGE.cover?(value)
        end

        # @return [Boolean] whether `values` is an array of such
        def list?(values)
          values.instance_of?(Array) && values.all? { |value| id?(value) }
        end
      end
    end
  end
end

# frozen_string_literal: true

module Bench
  # What something costs in tasks of several sizes, in empty tables and in full ones, as a table.
  module Growth
    # @param what [String] what the figures are, such as "ms a step"
    # @param empty [Hash{Integer => Samples}] by size
    # @param full [Hash{Integer => Samples}] by size
    # @return [String]
    def self.table(what, empty, full)
      against = "against #{empty.keys.first} steps"
      rows = empty.keys.map do |size|
        sides = [empty, full].flat_map { |side| [side.fetch(size), Samples.ratio(side.fetch(size), side.values.first)] }
        [Samples.short(size), *sides, Samples.ratio(full.fetch(size), empty.fetch(size))]
      end
      Markdown.table(["steps", "#{what}, empty tables", against, "full tables", against, "full against empty"], rows)
    end
  end
end

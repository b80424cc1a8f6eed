# frozen_string_literal: true

module Bench
  # What something costs in tasks of several sizes, in tables that hold little and in such that hold much, as a table.
  module Growth
    # @param what [String] what the figures are, such as "ms a step"
    # @param sides [Hash{String => Hash{Integer => Samples}}] by size, by what the tables hold: little and much
    # @return [String]
    def self.table(what, sides)
      little, much = sides.values
      rows = little.keys.map do |size|
        cells = [little, much].flat_map { |side| [side.fetch(size), Samples.ratio(side.fetch(size), side.values.first)] }
        [Samples.short(size), *cells, Samples.ratio(much.fetch(size), little.fetch(size))]
      end
      against = "against #{little.keys.first} steps"
      Markdown.table(["steps", *sides.keys.flat_map { |side| ["#{what}, #{side}", against] }, "much against little"], rows)
    end
  end
end

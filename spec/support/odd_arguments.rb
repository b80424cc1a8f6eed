# frozen_string_literal: true

# What callers pass in the place of an id, and of a list of ids.
module OddArguments
  IDS = {
    "a digit string" => "12", "a word" => "abc", "a fraction" => 1.5, "nil" => nil, "true" => true, "a symbol" => :abc,
    "an object" => Object.new, "a negative number" => -1, "the largest bigint" => (2**63) - 1, "more than a bigint" => 2**63,
    "a time" => Time.utc(2024, 1, 2), "an empty string" => "", "an array" => [1]
  }.freeze

  LISTS = {
    "an empty list" => [], "unknown ids" => [-1, 0], "digit strings" => %w[1 2], "a word" => ["abc"], "a nil element" => [nil],
    "a fraction" => [1.5], "nested lists" => [[1], [2]], "more than a bigint" => [2**63], "symbols" => [:a], "a range" => 1..3,
    "a set" => Set[1, 2], "a string" => "{1,2}", "nil" => nil, "an integer" => 5
  }.freeze
end

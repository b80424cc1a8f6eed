# frozen_string_literal: true

# Workflow shapes, as `{ step name => [names of the steps it waits for] }` in an order in which parents come first.
module Shapes
  # @!attribute failing
  #   @return [Array<String>] steps whose handler always raises
  # @!attribute retry_limit
  #   @return [Integer] attempts that each step is allowed
  Shape = Data.define(:name, :steps, :failing, :retry_limit) do
    def initialize(name:, steps:, failing: [], retry_limit: 3)
      super
    end

    def size = steps.size
  end

  class << self
    # The shapes that the demo runs.
    # @return [Array<Shape>]
    def all
      [linear, diamond, fan, tree, chain, mesh, mixed, failing]
    end

    def linear(length = 4)
      Shape.new(name: "linear", steps: links(length))
    end

    def diamond
      Shape.new(name: "diamond", steps: { "start" => [], "left" => ["start"], "right" => ["start"], "end" => %w[left right] })
    end

    # One step, many that wait for it, and one that waits for all of these.
    def fan(width = 20)
      branches = numbered("branch", width)
      Shape.new(name: "fan", steps: { "split" => [], **branches.to_h { |name| [name, ["split"]] }, "join" => branches })
    end

    # A binary tree, root first.
    def tree(depth = 4)
      names = numbered("node", (2**depth) - 1)
      steps = names.each_with_index.to_h { |name, index| [name, index.zero? ? [] : [names[(index - 1) / 2]]] }
      Shape.new(name: "tree", steps:)
    end

    def chain(length = 50)
      Shape.new(name: "chain", steps: links(length))
    end

    # Layers in which each step waits for every step of the layer before.
    def mesh(layers = 8, width = 6)
      rows = numbered("layer", layers).map { |layer| numbered("#{layer}_cell", width) }
      steps = rows.each_with_index.flat_map { |row, index| row.map { |name| [name, index.zero? ? [] : rows[index - 1]] } }
      Shape.new(name: "mesh", steps: steps.to_h)
    end

    # Two roots, arms of unequal length, and a step that skips a level.
    def mixed
      Shape.new(
        name: "mixed",
        steps: { "a" => [], "b" => [], "c" => %w[a], "d" => %w[a b], "e" => %w[c d], "f" => %w[b], "g" => %w[a e f] }
      )
    end

    # One of two branches fails for good; the step behind both never runs.
    def failing
      Shape.new(
        name: "failing", failing: ["bad"], retry_limit: 1,
        steps: { "start" => [], "good" => ["start"], "bad" => ["start"], "end" => %w[good bad] }
      )
    end

    # A random graph: each step waits for a few of those before it.
    def random(size, rng, name: "random", failing: [])
      names = numbered("step", size)
      steps = names.each_with_index.to_h { |step, index| [step, names.first(index).sample(rng.rand(0..3), random: rng)] }
      Shape.new(name:, steps:, failing:, retry_limit: 1)
    end

    private

    def numbered(prefix, count)
      (1..count).map { |number| format("%s_%02d", prefix, number) }
    end

    def links(length)
      names = numbered("link", length)
      names.each_with_index.to_h { |name, index| [name, index.zero? ? [] : [names[index - 1]]] }
    end
  end
end

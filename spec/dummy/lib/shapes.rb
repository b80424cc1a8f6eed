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

    # A shape by its name: one of {all}, or a longer chain or broader layers, such as `chain_200` and `layers_1000`.
    # @param name [String]
    # @return [Shape]
    def named(name)
      kind, size = name.match(/\A(chain|layers)_(\d+)\z/)&.captures
      return public_send(kind, Integer(size)).with(name:) if kind

      known = [*all, fan_in, chains]
      known.find { |shape| shape.name == name } or
        raise ArgumentError, "unknown shape: expected one of #{known.map(&:name).join(", ")}, got #{name.inspect}"
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

    # Layers of ten, in which each step waits for three of the layer before.
    def layers(size)
      rows = numbered("step", size).each_slice(10).to_a
      steps = rows.each_with_index.flat_map do |row, index|
        row.each_with_index.map { |name, place| [name, index.zero? ? [] : rows[index - 1].rotate(place).first(3)] }
      end
      Shape.new(name: "layers", steps: steps.to_h)
    end

    # One step waits for many.
    def fan_in(width = 20)
      branches = numbered("branch", width)
      Shape.new(name: "fan_in", steps: { **branches.to_h { |name| [name, []] }, "join" => branches })
    end

    # Chains beside each other.
    def chains(count = 20, length = 10)
      steps = numbered("chain", count).flat_map do |chain|
        links(length).map { |name, parents| ["#{chain}_#{name}", parents.map { |parent| "#{chain}_#{parent}" }] }
      end
      Shape.new(name: "chains", steps: steps.to_h)
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

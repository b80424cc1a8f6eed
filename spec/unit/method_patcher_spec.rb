# frozen_string_literal: true

require_relative "../rails_helper"

# Whatever stands in the place of a method of the engine, or of ActiveRecord, takes what that one takes.
RSpec.describe TaskerCore::MethodPatcher do
  # How Ruby's instructions name the uses of a block.
  uses_of_a_block = /invokeblock|getblockparam|block_given\?/

  # Each definition that was replaced, and what stands for it.
  let(:replacements) do
    TaskerCore::Engine::Registry.load_models
    owners = ObjectSpace.each_object(Module).select { |owner| owner.instance_variable_defined?(:@tasker_core_originals) }
    owners.flat_map do |owner|
      owner.instance_variable_get(:@tasker_core_originals).flat_map do |replacement, originals|
        originals.map { |name, original| [original, replacement.instance_method(name)] }
      end
    end
  end

  # @return [Hash{Symbol => Array}] the names of a method's parameters, by their kind
  def parameters(method)
    Hash.new { [] }.merge(method.parameters.group_by(&:first).transform_values { |list| list.map(&:last) })
  end

  def places(method)
    method.parameters.map(&:first) & %i[req opt rest]
  end

  # By name, or with whatever else there is.
  def keywords_taken?(original, replacement)
    wanted, given = [original, replacement].map { |method| parameters(method) }
    return false unless (given[:keyreq] - wanted[:keyreq]).empty?

    given.key?(:keyrest) || (!wanted.key?(:keyrest) && (wanted[:keyreq] + wanted[:key] - given[:keyreq] - given[:key]).empty?)
  end

  it "looks at them all" do
    names = replacements.map { |original, _| original.name }
    expect(names).to include(:find, :count, :perform_later, :transition_to!, :publish_event_with_logging, :complete_task)
  end

  it "leaves a method alone that an application has opened before" do
    owner = Class.new { def answer = :the_application }
    described_class.patch(owner, Module.new { def answer = :the_core })
    expect(owner.new.answer).to eq(:the_application)
  end

  it "takes as many arguments" do
    differing = replacements.reject { |pair| pair.map(&:arity).uniq.one? && pair.map { |method| places(method) }.uniq.one? }
    expect(differing).to be_empty
  end

  it "takes the same keywords" do
    differing = replacements.reject { |original, replacement| keywords_taken?(original, replacement) }
    expect(differing).to be_empty
  end

  it "takes a block where that one uses it" do
    with_a_block = replacements.select { |original, _| RubyVM::InstructionSequence.of(original)&.disasm.to_s.match?(uses_of_a_block) }
    expect(with_a_block.map { |original, _| original.name }).to include(:find, :count, :publish_event_with_logging)
    expect(with_a_block.reject { |_, replacement| parameters(replacement).key?(:block) }).to be_empty
  end
end

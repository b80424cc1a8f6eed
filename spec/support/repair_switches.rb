# frozen_string_literal: true

# The repairs are off while the specs run, since most of them compare with the engine. Those that are about repairs switch some on:
#
#   RSpec.describe "…", repairs: %i[retries]
module RepairSwitches
  # Those that an application has unless it says otherwise.
  DEFAULT = TaskerCore::Fix::LIST.select(&:default).map(&:name).freeze

  # For groups of examples.
  module Groups
    # The examples that a group shares as "the engine", with the gem off and the repair on, and with the gem on and the repair off.
    # @param repair [Symbol]
    def it_is_the_engine_without(repair)
      context "with the gem off", repairs: [repair] do
        around { |example| TaskerCore.without { example.run } }

        it_behaves_like "the engine"
      end

      context "with the fix off" do
        it_behaves_like "the engine"
      end
    end
  end

  def self.included(group)
    group.around do |example|
      with_repairs(*example.metadata[:repairs]) { example.run }
    end
  end

  # Runs the block with these repairs and no others.
  # @param names [Array<Symbol>]
  # @return [Object] what the block returns
  def with_repairs(*names)
    repairs = TaskerCore.configuration.repairs
    before = repairs.to_h
    repairs.all = false
    names.each { |name| repairs[name] = true }
    yield
  ensure
    before.each { |name, on| repairs[name] = on }
  end
end

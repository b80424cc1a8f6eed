# frozen_string_literal: true

# The repairs are off while the specs run, since most of them compare with the engine. Those that are about repairs switch some on:
#
#   RSpec.describe "…", repairs: %i[retries]
module RepairSwitches
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

# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe TaskerCore::Deprecated do
  around do |example|
    before = Warning[:deprecated]
    Warning[:deprecated] = true
    example.run
  ensure
    Warning[:deprecated] = before
  end

  described_class::NAMES.each do |former, name|
    it "finds TaskerCore::#{former} as #{name}, with a warning" do
      found = nil
      expect { found = TaskerCore.const_get(former) }.to output(/TaskerCore::#{former} is deprecated, use TaskerCore::#{name}$/).to_stderr
      expect(found).to equal(TaskerCore.const_get(name))
    end
  end

  it "leaves other names missing" do
    expect { TaskerCore.const_get(:Horizon) }.to raise_error(NameError, "uninitialized constant TaskerCore::Horizon")
  end
end

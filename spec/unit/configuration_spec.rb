# frozen_string_literal: true

require_relative "../spec_helper"
require "tasker_core/configuration"

RSpec.describe TaskerCore::Configuration do
  it "is on by default" do
    expect(described_class.new({}).enabled).to be(true)
  end

  %w[off OFF Off false no 0].each do |value|
    it "is off with TASKER_CORE=#{value}" do
      expect(described_class.new("TASKER_CORE" => value).enabled).to be(false)
    end
  end

  %w[on true 1 yes].each do |value|
    it "is on with TASKER_CORE=#{value}" do
      expect(described_class.new("TASKER_CORE" => value).enabled).to be(true)
    end
  end

  it "is in shadow mode with TASKER_CORE=shadow" do
    configuration = described_class.new("TASKER_CORE" => "Shadow")
    expect([configuration.mode, configuration.enabled]).to eq([:shadow, false])
  end

  it "knows no other word" do
    expect { described_class.new("TASKER_CORE" => "shadwo") }
      .to raise_error(ArgumentError, 'TASKER_CORE: expected on, off or shadow, got "shadwo"')
  end

  it "has the mode that the environment names, whatever an initializer says" do
    off = described_class.new("TASKER_CORE" => "off")
    off.enabled = true
    off.mode = :shadow
    expect(off.mode).to eq(:off)
    on = described_class.new("TASKER_CORE" => "on")
    on.mode = :off
    expect(on).to be_enabled
    expect { off.mode = :shadwo }.to raise_error(ArgumentError, /got :shadwo/)
  end

  it "has the one of the initializer where the environment names none" do
    configuration = described_class.new("TASKER_CORE" => "")
    configuration.mode = :shadow
    expect(configuration.mode).to eq(:shadow)
  end

  it "has a mode, of which on and off can be set by true and false" do
    configuration = described_class.new({})
    expect(configuration.mode).to eq(:on)
    configuration.enabled = false
    expect(configuration.mode).to eq(:off)
    configuration.mode = :shadow
    expect(configuration.enabled).to be(false)
    configuration.enabled = true
    expect(configuration.mode).to eq(:on)
  end

  it "takes no other mode" do
    configuration = described_class.new({})
    expect { configuration.mode = "shadow" }
      .to raise_error(ArgumentError, 'config.mode: expected one of [:on, :off, :shadow], got "shadow"')
    expect(configuration.mode).to eq(:on)
  end

  it "has no pool for bulk reads unless the number of connections is set" do
    configuration = described_class.new({})
    expect(configuration.bulk_pool_size).to be_nil
    configuration.bulk_pool_size = 2
    expect(configuration.bulk_pool_size).to eq(2)
    [0, 101, "2", 1.5].each do |size|
      expect { configuration.bulk_pool_size = size }
        .to raise_error(ArgumentError, "config.bulk_pool_size: expected an Integer in 1..100 or nil, got #{size.inspect}")
    end
    configuration.bulk_pool_size = nil
    expect(configuration.bulk_pool_size).to be_nil
  end

  it "has recovery off unless it is asked for, and the environment has the last word" do
    expect(described_class.new({}).recovery).to be(false)
    expect(described_class.new({}).tap { |configuration| configuration.recovery = true }.recovery).to be(true)
    on, off = %w[on off].map { |word| described_class.new("TASKER_CORE_RECOVERY" => word) }
    on.recovery = false
    off.recovery = true
    expect([on.recovery, off.recovery]).to eq([true, false])
    expect { described_class.new("TASKER_CORE_RECOVERY" => "maybe") }
      .to raise_error(ArgumentError, 'TASKER_CORE_RECOVERY: expected on or off, got "maybe"')
    expect { on.recovery = 1 }.to raise_error(ArgumentError, "config.recovery: expected true or false, got 1")
  end

  it "has a grace period of half a minute unless it is set" do
    configuration = described_class.new({})
    expect(configuration.recovery_grace).to eq(30)
    configuration.recovery_grace = 0.5
    expect(configuration.recovery_grace).to eq(0.5)
    [0, -1, nil, "30"].each do |seconds|
      expect { configuration.recovery_grace = seconds }
        .to raise_error(ArgumentError, "config.recovery_grace: expected a positive number of seconds, got #{seconds.inspect}")
    end
  end

  it "takes true and false only" do
    configuration = described_class.new({})
    configuration.enabled = false
    expect(configuration.enabled).to be(false)
    expect { configuration.enabled = "off" }
      .to raise_error(ArgumentError, 'config.enabled: expected true or false, got "off"')
    expect { configuration.enabled = nil }.to raise_error(ArgumentError, /got nil/)
    expect(configuration.enabled).to be(false)
  end
end

# frozen_string_literal: true

require_relative "../spec_helper"
require "tasker_core/configuration"

RSpec.describe TaskerCore::Configuration::Repairs do
  subject(:repairs) { described_class.new({}) }

  let(:register) { TaskerCore::Fix::LIST }

  it "begins with each fix's default" do
    expect(repairs.to_h).to eq(register.to_h { |repair| [repair.name, repair.default] })
  end

  it "has a reader and a writer for each" do
    register.each do |repair|
      repairs.public_send(:"#{repair.name}=", !repair.default)
      expect(repairs.public_send(repair.name)).to be(!repair.default)
      expect(repairs[repair.name.to_s]).to be(!repair.default)
    end
  end

  it "switches all of them off and on" do
    repairs.all = false
    expect(repairs.to_h.values).to all(be(false))
    repairs.all = true
    expect(repairs.to_h.values).to all(be(true))
  end

  it "takes true and false only" do
    expect { repairs.race_loser = nil }
      .to raise_error(ArgumentError, "config.repairs.race_loser: expected true or false, got nil")
    expect { repairs[:race_loser] = "off" }.to raise_error(ArgumentError, /got "off"/)
    expect { repairs.all = 0 }.to raise_error(ArgumentError, "config.repairs.all: expected true or false, got 0")
    expect(repairs.race_loser).to be(true)
  end

  it "names the existing fixes for an unknown one" do
    known = /expected one of .*race_loser.*, got/
    expect { repairs.racer = false }.to raise_error(ArgumentError, known)
    expect { repairs.racer }.to raise_error(ArgumentError, known)
    expect { repairs[:racer] }.to raise_error(ArgumentError, known)
    expect { repairs["racer"] = true }.to raise_error(ArgumentError, known)
  end

  it "is no object for everything else" do
    expect(repairs).not_to respond_to(:racer)
    expect { repairs.racer? }.to raise_error(NoMethodError)
    expect { "#{repairs} #{[[repairs]].flatten}" }.not_to raise_error
  end

  %w[off none OFF false no 0].each do |value|
    it "keeps all of them off with TASKER_CORE_REPAIRS=#{value}" do
      repairs = described_class.new("TASKER_CORE_REPAIRS" => value)
      repairs.all = true
      expect(repairs.to_h.values).to all(be(false))
    end
  end

  ["on", "TRUE", ""].each do |value|
    it "leaves them to the settings with TASKER_CORE_REPAIRS=#{value}" do
      expect(described_class.new("TASKER_CORE_REPAIRS" => value).to_h).to eq(repairs.to_h)
    end
  end

  it "knows no other word, which might be meant to switch them off" do
    expect { described_class.new("TASKER_CORE_REPAIRS" => "disabled") }
      .to raise_error(ArgumentError, 'TASKER_CORE_REPAIRS: expected on or off, got "disabled"')
  end

  it "is part of the configuration" do
    expect(TaskerCore::Configuration.new({}).repairs.race_loser).to be(true)
    expect(TaskerCore::Configuration.new("TASKER_CORE_REPAIRS" => "off").repairs.race_loser).to be(false)
  end

  it "leaves those who write a setting alone with others' readers" do
    before = repairs.to_h
    repairs.race_loser = false
    expect(before[:race_loser]).to be(true)
  end
end

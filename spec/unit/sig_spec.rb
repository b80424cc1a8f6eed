# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe "sig/tasker_core.rbs" do
  sig = File.read(File.expand_path("../../sig/tasker_core.rbs", __dir__))
  configuration = sig[/^  class Configuration\n(.*?)^  end\n/m, 1]
  repairs = configuration[/^    class Repairs\n(.*?)^    end\n/m, 1]

  # @return [Array<Symbol>] what a piece of it declares for an object of its own
  def declared(text, indent)
    text.scan(/^ {#{indent}}(?:def|attr_(reader|accessor)) ([\w?=\[\]]+):/).flat_map do |attribute, name|
      attribute == "accessor" ? [name.to_sym, :"#{name}="] : [name.to_sym]
    end
  end

  it "has what the gem offers" do
    offered = sig.scan(/^  def self\.([\w?]+):/).flatten.map(&:to_sym)
    expect(offered).to match_array(TaskerCore.singleton_methods(false))
  end

  it "has each setting" do
    expect(declared(configuration, 4)).to match_array(TaskerCore::Configuration.public_instance_methods(false))
    expect(configuration).to include("MODES: ")
    expect(sig[/^  type mode = (.*)$/, 1].scan(/:(\w+)/).flatten.map(&:to_sym)).to match_array(TaskerCore::Configuration::MODES)
  end

  it "has each fix" do
    switches = TaskerCore::Fix.names.flat_map { |name| [name, :"#{name}="] }
    expect(switches - declared(repairs, 6)).to be_empty
    expect(declared(repairs, 6)).to match_array(TaskerCore::Configuration::Repairs.public_instance_methods(false))
  end

  it "has each kind of error, and each result of a comparison" do
    errors = sig.scan(/^  class (\w+) < (\w+)/).to_h
    known = TaskerCore.constants.map { |name| TaskerCore.const_get(name) }.grep(Class).select { |kind| kind <= TaskerCore::Error }
    expect(errors).to eq(known.to_h { |kind| [kind.name.demodulize, kind.superclass.name.demodulize] })
    expect(sig[/def self\.shadow_stats:.*\{(.*)\}/, 1].scan(/(\w+):/).flatten.map(&:to_sym)).to eq(TaskerCore::Shadow::Ledger::RESULTS)
  end
end

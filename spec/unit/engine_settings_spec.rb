# frozen_string_literal: true

require_relative "../rails_helper"
require "rake"
require "tasker_core/engine_settings"

# The crate's sections are compared with the installed engine by files: its schema (docs/config.schema.json) and two exports, which the
# Rust tests read (tests/config/sections.rs). WRITE_EXPORTS=1 writes the exports after an update of the engine.
RSpec.describe TaskerCore::EngineSettings do
  root = File.expand_path("../..", __dir__)
  schema = JSON.parse(File.read("#{root}/docs/config.schema.json")).dig("$defs", "sections", "properties")
  sections = described_class::SECTIONS.map(&:to_s)
  types = { "integer" => Integer, "number" => Float, "boolean" => [TrueClass, FalseClass], "string" => String, "array" => Array,
            "object" => Hash, "null" => NilClass }

  before { allow(Rails.application.config).to receive(:filter_parameters).and_return([]) }

  let(:defaults) { Tasker::Configuration.new }
  let(:plain) { described_class.to_h(defaults) }

  # @return [Tasker::Configuration] with another value for every option
  def changed_configuration
    Tasker::Configuration.new.tap do |configuration|
      described_class::SECTIONS.each do |name|
        configuration.public_send(name) do |section|
          section.to_h.each_key { |key| section.public_send(:"#{key}=", changed(section.public_send(key), key)) }
        end
      end
    end
  end

  # Values that the crate accepts, of the engine's type; where several options bound each other, all grow alike.
  def changed(value, key)
    case value
    when Hash then value.to_h { |name, member| [name, changed(member, name)] }
    when Array then value + [value.first.is_a?(Integer) ? 64 : "more"]
    when ActiveSupport::Duration then value + 1.second
    when true, false then !value
    else changed_scalar(value, key)
    end
  end

  def changed_scalar(value, key)
    case value
    when Numeric then changed_number(value, key)
    when nil then "set_#{key}"
    else changed_word(value, key)
    end
  end

  # Parts of one stay parts of one.
  def changed_number(value, key)
    return value + 1 if value.is_a?(Integer)

    key.to_s.match?(/rate|factor|percentage|threshold\z|low|moderate|high|critical/) ? (value * 0.75).round(4) : value + 0.5
  end

  def changed_word(value, key)
    word = { identity_strategy: "hash", connection_health_log_level: "warn" }.fetch(key, "#{value}_too")
    value.is_a?(Symbol) ? word.to_sym : word
  end

  def expect_export(name, text)
    file = "#{File.expand_path("../..", __dir__)}/tests/config/engine/#{name}.yml"
    File.write(file, text) if ENV["WRITE_EXPORTS"] == "1"
    expect(text).to eq(File.read(file))
  end

  it "has the sections of the installed engine" do
    configuration = Tasker::Configuration.new
    found = Tasker::Configuration.public_instance_methods(false).select do |name|
      Tasker::Configuration.instance_method(name).arity.zero? && name != :reset! && name != :dup &&
        configuration.public_send(name).is_a?(Tasker::Types::BaseConfig)
    end
    # `authentication` is a second name of `auth`.
    expect(found - [:authentication]).to match_array(described_class::SECTIONS)
    expect(schema.keys - ["json_limits"]).to match_array(sections)
  end

  sections.each do |section|
    it "has the options of the installed engine in #{section}" do
      declared = defaults.public_send(section).class.schema.map { |option| option.name.to_s }
      expect(schema.fetch(section).fetch("properties").keys).to match_array(declared)
      expect(plain.fetch(section).keys).to match_array(declared)
    end

    it "has the defaults, types and nested keys of the installed engine in #{section}" do
      plain.fetch(section).each do |name, value|
        option = schema.fetch(section).fetch("properties").fetch(name)
        expect(option.fetch("default")).to eq(value), "#{section}.#{name}: expected #{value.inspect}, got #{option["default"].inspect}"
        next unless option["type"]

        expect(Array(option["type"]).flat_map { |type| types.fetch(type) }).to include(value.class), "#{section}.#{name}"
        expect(option.fetch("properties").keys).to match_array(value.keys) if value.is_a?(Hash)
      end
    end
  end

  it "has 75 options and 46 nested keys" do
    options = plain.values.flat_map(&:values)
    expect([options.size, options.grep(Hash).sum(&:size)]).to eq([75, 46])
  end

  it "exports the defaults that the crate's tests read" do
    expect_export("defaults", described_class.to_yaml(defaults))
  end

  it "exports another value of every option, as the crate's tests read it" do
    exported = described_class.to_h(changed_configuration)
    same = exported.flat_map { |section, options| options.select { |name, value| plain[section][name] == value }.keys }
    expect(same).to be_empty
    expect_export("changed", described_class.to_yaml(changed_configuration, secrets: true))
  end

  it "leaves a password out unless it is asked for" do
    configuration = Tasker::Configuration.new
    configuration.telemetry { |telemetry| telemetry.prometheus = telemetry.prometheus.merge(password: "hunter2") }
    without = described_class.to_yaml(configuration)
    expect([without.include?("hunter2"), without.include?("TASKER__TELEMETRY__PROMETHEUS__PASSWORD")]).to eq([false, true])
    expect(YAML.load(described_class.to_yaml(configuration, secrets: true)).dig("telemetry", "prometheus", "password")).to eq("hunter2")
  end

  it "exports patterns as texts, and names a value that it cannot export" do
    configuration = Tasker::Configuration.new
    configuration.telemetry { |telemetry| telemetry.filter_parameters = [:pin, /card/] }
    expect(described_class.to_h(configuration).dig("telemetry", "filter_parameters")).to eq(%w[pin (?-mix:card)])
    configuration.telemetry { |telemetry| telemetry.config = { exporter: Object.new } }
    expect { described_class.to_h(configuration) }
      .to raise_error(ArgumentError, "telemetry.config.exporter: expected a text, a number, a boolean, a list or a mapping, got Object")
  end

  it "is printed by rails tasker_core:config" do
    Rails.application.load_tasks unless Rake::Task.task_defined?("tasker_core:config")
    expect { Rake::Task["tasker_core:config"].execute }.to output(described_class.to_yaml).to_stdout
  end
end

# frozen_string_literal: true

require_relative "../spec_helper"
require_relative "../support/constant_uses"

# A file of lib/ uses constants of its own unit and of units in layers above it in this list, never of those beside or below it. A unit is
# a folder of lib/tasker_core with the file of the same name, or a single file. docs/architecture.md has the same list.
RSpec.describe "The layers of lib/" do
  layers = [
    %w[version errors local instrumentation deprecated comparison duplicate_indexes engine_settings],
    %w[extension fix switch],
    %w[configuration native],
    %w[stock],
    %w[method_patcher],
    %w[override claims],
    %w[records],
    %w[run],
    %w[transitions],
    %w[step_sequence step_ending task_ending],
    %w[shadow fixes],
    %w[task_jobs],
    %w[rust_steps],
    %w[recovery compatibility],
    %w[frames backing],
    %w[workflow_run],
    %w[engine],
    %w[graph verification doctor],
    %w[dashboard railtie]
  ]
  # Files that belong to a folder with another name.
  parts = { "recovery_job" => "recovery", "rust_step" => "rust_steps" }
  # Uses of a lower layer. All concern the run and its frames, which workflow_run/ is about to replace: this list only shrinks.
  exceptions = {
    "compatibility" => %w[frames],
    "fixes" => %w[workflow_run],
    "records" => %w[run],
    "run" => %w[fixes frames workflow_run],
    "step_ending" => %w[workflow_run],
    "stock" => %w[compatibility run],
    "transitions" => %w[compatibility]
  }

  define_singleton_method(:unit_of) { |file| file.delete_suffix(".rb")[%r{\A[^/]+}].then { |unit| parts.fetch(unit, unit) } }

  # @return [Array(String, String)] the units of a use; of a module that many files open, the one with its name
  def self.arrow(use, definitions)
    units = definitions.fetch(use.name).map { |file| unit_of(file) }.uniq
    own = unit_of(use.file)
    named = use.name.split("::")[1].downcase
    [own, units.find { |unit| unit == own } || units.find { |unit| unit.delete("_") == named } || units.first]
  end

  # @return [Hash{Array(String, String) => Array<String>}] by user and used unit, the places
  def self.arrows(constants)
    uses = constants.uses.reject { |use| use.name.match?(/\ATaskerCore(::Native)?\z/) }
    uses.group_by { |use| arrow(use, constants.definitions) }.reject { |(from, to), _| from == to }
        .transform_values { |places| places.map { |use| "#{use.file}:#{use.line} #{use.name}" } }
  end

  # @return [Array<String>] the arrows that point downward
  def self.downward(arrows, layers)
    height = layers.each_with_index.flat_map { |units, index| units.map { |unit| [unit, index] } }.to_h
    arrows.reject { |(from, to), _| height.fetch(to) < height.fetch(from) }
  end

  constants = ConstantUses.new
  arrows = arrows(constants)
  units = Dir.children(ConstantUses::LIB).grep_v(/\.so\z|\A3\.\d\z|\Atasks\z/).map { |name| unit_of(name) }.uniq

  it "list each unit once" do
    expect(layers.flatten).to match_array(units)
  end

  it "are used from below only" do
    downward = self.class.downward(arrows, layers).reject { |(from, to), _| exceptions.fetch(from, []).include?(to) }
    expect(downward).to be_empty
  end

  it "have no exception that is not needed" do
    needed = self.class.downward(arrows, layers).keys
    expect(exceptions.flat_map { |from, to| to.map { |unit| [from, unit] } } - needed).to be_empty
  end

  it "would be found wanting" do
    files = {
      "override.rb" => "module TaskerCore\n  class Override\n    def run = Doctor::Report.new(Fix, Tasker::Task)\n  end\nend",
      "doctor/report.rb" => "module TaskerCore\n  module Doctor\n    class Report\n      LIMIT = Override\n    end\n  end\nend",
      "fix.rb" => "module TaskerCore\n  Fix = 1\nend"
    }
    found = self.class.arrows(ConstantUses.new(files))
    expect(found).to eq(
      %w[override doctor] => ["override.rb:3 TaskerCore::Doctor::Report"], %w[override fix] => ["override.rb:3 TaskerCore::Fix"],
      %w[doctor override] => ["doctor/report.rb:4 TaskerCore::Override"]
    )
    expect(self.class.downward(found, layers).keys).to eq([%w[override doctor]])
  end
end

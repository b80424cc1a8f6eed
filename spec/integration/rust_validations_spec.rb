# frozen_string_literal: true

require_relative "../rails_helper"
require "json"
require "open3"

# Records that ActiveRecord and the crate (examples/validate.rs) are to create: each combination of these values.
RSpec.describe "validations in Rust" do
  names = ["", " ", "\u00a0\t", "\u200b", "taken", "free", "x" * 64, "é" * 64, "x" * 65, "é" * 65]
  states = ["", " ", "pending", "resolved_manually", "nowhere"]
  metadata = [nil, "", "x", 0, false, [], [1], {}, { "a" => 1 }]
  of_transitions = { to_state: states, from_state: [nil, *states], sort_key: [10, 30], metadata:, most_recent: [false] }
  too_long = /value too long for type [\w ]+\(\d+\)/
  program = File.expand_path("../../target/debug/examples/validate", __dir__)

  values = lambda do |rows|
    {
      "TaskNamespace" => { name: names, description: [nil, "", "x" * 255, "é" * 256] },
      "NamedTask" => { name: names, task_namespace_id: [rows.namespace.id, 0],
                       version: ["", " ", "0.1.0", "1.0.0", "1.0", "1.0.0\n", "v1.0.0", "1.0.0-rc", "#{"1" * 12}.0.0", "#{"1" * 13}.0.0"] },
      "DependentSystem" => { name: names },
      "DependentSystemObjectMap" => { dependent_system_one_id: [rows.system.id, 0], dependent_system_two_id: [rows.system.id, 0],
                                      remote_id_one: ["", " ", "7"], remote_id_two: ["", "\u00a0", "7"] },
      "NamedStep" => { name: names, dependent_system_id: [rows.system.id, rows.other_system.id, 0] },
      "NamedTasksNamedStep" => { named_task_id: [rows.named_task.id, rows.other_named_task.id, 0],
                                 named_step_id: [rows.named_step.id, rows.other_named_step.id, 0] },
      "Task" => { named_task_id: [rows.named_task.id, 0], identity_hash: %w[taken free], context: [*metadata, " ", true] },
      "WorkflowStep" => { task_id: [rows.task.id, rows.other_task.id, 0],
                          named_step_id: [rows.named_step.id, rows.namesake.id, rows.other_named_step.id, 0] },
      "WorkflowStepEdge" => { from_step_id: [*rows.steps.map(&:id), 0], to_step_id: [*rows.steps.map(&:id), 0],
                              name: ["provides", "", " "] },
      "AnnotationType" => { name: names, description: [nil, ""] },
      "TaskAnnotation" => { task_id: [rows.task.id, 0], annotation_type_id: [rows.annotation_type.id, 0], annotation: metadata },
      "TaskTransition" => { task_id: [rows.task.id, 0], **of_transitions },
      "WorkflowStepTransition" => { workflow_step_id: [rows.steps.first.id, 0], **of_transitions }
    }
  end

  before(:context) do
    build = %w[cargo build --quiet --all-features --example validate]
    output, status = Open3.capture2e(*build, chdir: File.expand_path("../..", __dir__))
    raise "cargo build failed:\n#{output}" unless status.success?

    @rows = TaskerCore.without { existing_rows }
  end

  after(:context) do
    EngineTables.clear
    Tasker::AnnotationType.delete_all
    WorkflowRows.prepare
  end

  def existing_rows
    rows = { **definitions, annotation_type: Tasker::AnnotationType.create!(name: "taken") }
    rows => { named_task:, named_step:, third_named_step: }
    task, other_task = %w[taken other].map { |identity_hash| Tasker::Task.create!(named_task:, identity_hash:, context: { "a" => 1 }) }
    steps = [named_step, third_named_step].map { |kind| Tasker::WorkflowStep.create!(task:, named_step: kind) }
    Tasker::WorkflowStepEdge.create!(from_step: steps.first, to_step: steps.last, name: "provides")
    begun = { to_state: "in_progress", sort_key: 10, most_recent: true }
    Tasker::TaskTransition.create!(task:, **begun)
    Tasker::WorkflowStepTransition.create!(workflow_step: steps.first, **begun)
    rows.merge!(task:, other_task:, steps:)
    Data.define(*rows.keys).new(**rows)
  end

  def definitions
    namespace = Tasker::TaskNamespace.create!(name: "taken")
    system, other_system = %w[taken other].map { |name| Tasker::DependentSystem.create!(name:) }
    named_task, other_named_task = %w[taken other].map { |name| Tasker::NamedTask.create!(name:, task_namespace_id: namespace.id) }
    kinds = %w[taken other third].map { |name| Tasker::NamedStep.create!(name:, dependent_system: system) }
    namesake = Tasker::NamedStep.create!(name: "taken", dependent_system: other_system)
    Tasker::NamedTasksNamedStep.create!(named_task:, named_step: kinds.first)
    { namespace:, system:, other_system:, named_task:, other_named_task:, namesake:,
      **%i[named_step other_named_step third_named_step].zip(kinds).to_h }
  end

  def combinations(attributes)
    first, *others = attributes.values
    first.product(*others).map { |row| attributes.keys.zip(row).to_h }
  end

  # @return [Hash] the errors of ActiveRecord, none if the record was created; or PostgreSQL's error for a text that no validation refuses
  define_method(:refusals) do |model, attributes|
    answer = { "errors" => [] }
    model.transaction do
      model.create!(attributes)
      raise ActiveRecord::Rollback
    rescue ActiveRecord::RecordInvalid => e
      # A cycle is no error of the record, but only of the exception.
      errors = e.record.errors.map { |error| [error.attribute.to_s, error.message] }
      answer = { "errors" => errors.any? ? errors : [["base", e.message]] }
      raise ActiveRecord::Rollback
    rescue ActiveRecord::ValueTooLong => e
      answer = { "error" => e.message[too_long] }
      raise ActiveRecord::Rollback
    end
    answer
  end

  # @return [Array<Hash>] the same of the crate
  define_method(:answers) do |model, cases|
    lines = cases.map { |attributes| JSON.generate({ model:, attributes: }) }
    output, status = Open3.capture2({ "DATABASE_URL" => ENV.fetch("DATABASE_URL") }, program, stdin_data: lines.join("\n"))
    raise "#{program} failed" unless status.success?

    output.lines.map do |line|
      answer = JSON.parse(line)
      answer["error"] ? { "error" => answer["error"][too_long] || answer["error"] } : answer
    end
  end

  it "are those of every model of the engine that has a table" do
    files = Tasker::Engine.root.glob("app/models/tasker/*.rb").map { |file| file.basename(".rb").to_s.camelize }
    models = files.map { |name| Tasker.const_get(name) }.select { |model| model.is_a?(Class) && model < Tasker::ApplicationRecord }
    tables = models.select { |model| model.connection.tables.include?(model.table_name) }
    expect(values.call(@rows).keys).to match_array(tables.map { |model| model.name.demodulize })
  end

  %w[TaskNamespace NamedTask DependentSystem DependentSystemObjectMap NamedStep NamedTasksNamedStep Task WorkflowStep WorkflowStepEdge
     AnnotationType TaskAnnotation TaskTransition WorkflowStepTransition].each do |name|
    it "refuse what ActiveRecord refuses of a #{name}, with its messages in its order" do
      cases = combinations(values.call(@rows).fetch(name))
      model = Tasker.const_get(name)
      theirs = TaskerCore.without { cases.map { |attributes| refusals(model, attributes) } }
      differences = cases.zip(theirs, answers(name, cases)).reject { |_, their, ours| their == ours }
      expect(differences).to eq([])
      expect(theirs.filter_map { |their| their["errors"]&.size }).to include(0, be_positive)
    end
  end
end

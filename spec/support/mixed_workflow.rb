# frozen_string_literal: true

require_relative "scripted_workflow"

# A {ScriptedWorkflow} of which Rust workers execute some steps.
class MixedWorkflow < ScriptedWorkflow
  # @param rust [Array<String>] names of these steps
  def initialize(name, script, rust:, **)
    @rust = rust
    super(name, script, **)
  end

  private

  def define
    super.tap do |handler|
      rust = @rust
      handler.include TaskerCore::RustSteps
      handler.class_exec do
        own = instance_method(:step_templates)
        define_method(:step_templates) do
          own.bind_call(self).map { |template| rust.include?(template.name) ? template.new(handler_class: TaskerCore::RustStep) : template }
        end
      end
    end
  end
end

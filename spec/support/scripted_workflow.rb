# frozen_string_literal: true

# A workflow whose steps do what a spec says: blocks by step name, given what the engine gives to a handler.
class ScriptedWorkflow < ShapeWorkflow
  # Two that run by themselves, two that run side by side, and one that waits for both.
  STEPS = { "a" => [], "b" => ["a"], "c" => ["b"], "d" => ["b"], "e" => %w[c d] }.freeze

  @scripts = {}

  class << self
    # @return [Hash{String => Hash{String => Proc}}] by workflow and step
    attr_reader :scripts

    # @return [Object] a step's results
    def play(task, sequence, step)
      script = scripts.dig(task.name, step.name)
      script ? script.call(task, sequence, step) : { "step" => step.name }
    end
  end

  # Has the engine's `handle`.
  class Handler < Tasker::StepHandler::Base
    def process(...) = ScriptedWorkflow.play(...)
  end

  # Has a `handle` of its own, and nothing of the engine's.
  class Plain
    def initialize(config: nil); end

    def handle(task, sequence, step)
      step.results = ScriptedWorkflow.play(task, sequence, step)
    end
  end

  # @param name [String] unique
  # @param script [Hash{String => Proc}] by step; those that are missing succeed
  # @param handler [Class] of the steps
  # @param hooks [Module] methods of the task's handler
  # @param shape [Hash] its `steps`, if they are others than {STEPS}; and its `retry_limit`: with more than one, the engine goes round and
  #   round from when a failed step's backoff is over
  def initialize(name, script, handler: Handler, hooks: Module.new, **shape)
    ScriptedWorkflow.scripts[name] = script
    @handler_class = handler
    @hooks = hooks
    super(Shapes::Shape.new(name:, steps: STEPS, retry_limit: 1, **shape))
  end

  private

  def define
    shape = @shape
    handler_class = @handler_class
    hooks = @hooks
    Class.new do
      include Tasker::TaskHandler
      include hooks

      define_singleton_method(:name) { "ScriptedWorkflow::#{shape.name.camelize}Handler" }
      register_handler(shape.name, namespace_name: NAMESPACE, version: VERSION)
      define_step_templates do |templates|
        shape.steps.each { |name, parents| templates.define(**ShapeWorkflow.template(shape, name, parents), handler_class:) }
      end
    end
  end
end

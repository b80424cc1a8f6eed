# frozen_string_literal: true

require_relative "shapes"

# Makes a shape a workflow of the engine: a registered task handler, whose tasks can be created and run.
class ShapeWorkflow
  VERSION = "1.0.0"
  NAMESPACE = "shapes"

  # Answers with its step's name and those of its parents, so that results differ from step to step.
  class Succeed < Tasker::StepHandler::Base
    def process(_task, _sequence, step)
      { "step" => step.name, "after" => step.parents.map(&:name).sort }
    end
  end

  # Fails with the same error each time.
  class Fail < Tasker::StepHandler::Base
    def process(_task, _sequence, step)
      raise "#{step.name} does not work"
    end
  end

  attr_reader :shape

  # @param shape [Shapes::Shape]
  def initialize(shape)
    @shape = shape
    define
  end

  # @return [Tasker::Task] created and saved, not run
  def create(context = { "batch" => 1 })
    handler.initialize_task!(
      Tasker::Types::TaskRequest.new(name: shape.name, namespace: NAMESPACE, version: VERSION, context:)
    )
  end

  # Runs a task until its coordinator has nothing left to do.
  def run(task)
    handler.handle(task)
  end

  def handler
    Tasker::HandlerFactory.instance.get(shape.name, namespace_name: NAMESPACE, version: VERSION)
  end

  private

  def define
    shape = @shape
    Class.new do
      include Tasker::TaskHandler

      define_singleton_method(:name) { "ShapeWorkflow::#{shape.name.camelize}Handler" }
      register_handler(shape.name, namespace_name: NAMESPACE, version: VERSION)
      define_step_templates do |templates|
        shape.steps.each { |name, parents| templates.define(**ShapeWorkflow.template(shape, name, parents)) }
      end
    end
  rescue StandardError => e
    raise unless e.message.include?("already registered")
  end

  class << self
    # @return [Hash] the attributes of one step's template
    def template(shape, name, parents)
      {
        name:, dependent_system: "shapes", default_retry_limit: shape.retry_limit, default_retryable: true,
        depends_on_steps: parents, handler_class: shape.failing.include?(name) ? Fail : Succeed
      }
    end
  end
end

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

  # Reads nothing, as {ReadParents} and {ReadSequence} do otherwise.
  class ReadNothing < Tasker::StepHandler::Base
    def process(_task, _sequence, step)
      { "step" => step.name, "read" => 0 }
    end
  end

  # Reads the results of the steps that its own waits for, by their names.
  class ReadParents < Tasker::StepHandler::Base
    def process(task, sequence, step)
      names = ShapeWorkflow.shapes.fetch(task.name).steps.fetch(step.name)
      results = names.map { |name| sequence.find_step_by_name(name).results }
      { "step" => step.name, "read" => results.size }
    end
  end

  # Reads the results of all steps of its task.
  class ReadSequence < Tasker::StepHandler::Base
    def process(_task, sequence, step)
      results = sequence.steps.to_h { |other| [other.name, other.results] }
      { "step" => step.name, "read" => results.size }
    end
  end

  # What a handler may read of its sequence, and the handler.
  READING = { "nothing" => ReadNothing, "parents" => ReadParents, "sequence" => ReadSequence }.freeze

  @shapes = {}

  attr_reader :shape

  # @param shape [Shapes::Shape]
  # @param reading [String, nil] one of {READING}: its handler stands for those of the steps, and its name follows the workflow's
  def initialize(shape, reading: nil)
    @shape = reading ? shape.with(name: "#{shape.name}_reading_#{reading}") : shape
    @handler_class = READING.fetch(reading) if reading
    ShapeWorkflow.shapes[@shape.name] = @shape
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
    handler_class = @handler_class
    Class.new do
      include Tasker::TaskHandler

      define_singleton_method(:name) { "ShapeWorkflow::#{shape.name.camelize}Handler" }
      register_handler(shape.name, namespace_name: NAMESPACE, version: VERSION)
      define_step_templates do |templates|
        shape.steps.each do |name, parents|
          templates.define(**ShapeWorkflow.template(shape, name, parents), **{ handler_class: }.compact)
        end
      end
    end
  rescue StandardError => e
    raise unless e.message.include?("already registered")
  end

  class << self
    # @return [Hash{String => Shapes::Shape}] by the workflow's name
    attr_reader :shapes

    # @return [Hash] the attributes of one step's template
    def template(shape, name, parents)
      {
        name:, dependent_system: "shapes", default_retry_limit: shape.retry_limit, default_retryable: true,
        depends_on_steps: parents, handler_class: shape.failing.include?(name) ? Fail : Succeed
      }
    end
  end
end

# frozen_string_literal: true

require_relative "native/query_runner"

module TaskerCore
  # A task or a template as a picture: its steps in layers, their states by colour and shape, why a step waits, and the critical path.
  #
  # A picture shows the moment at which the graph was made. Equal rows give equal bytes. Names and states are escaped for each format.
  #
  # @example
  #   graph = TaskerCore::Graph.of(task)
  #   File.write("task.svg", graph.to_svg)
  class Graph
    class << self
      # Reads a task: two statements, whatever its size, in the caller's transaction.
      #
      # @param task [Tasker::Task, Integer] saved, or its id
      # @return [Graph]
      # @raise [ActiveRecord::RecordNotFound] if there is no such task
      # @raise [ArgumentError] for anything else than a saved task or an id
      # @raise [ExtensionError] without the extension
      def of(task)
        Extension.require!
        id = id_of(task)
        drawing = Native::QueryRunner.run(Native::Conversation.task_drawing("Graph.of", id), "TaskerCore::Graph Load")
        new(drawing || raise(not_found(id)))
      end

      # Reads no row.
      #
      # @param task_handler [Object] a handler, whose templates are drawn
      # @return [Graph]
      # @raise [ArgumentError] if it is no handler, or if a step depends on one that is not defined
      # @raise [ExtensionError] without the extension
      def of_template(task_handler)
        Extension.require!
        templates = templates_of(task_handler)
        places = templates.each_with_index.to_h { |template, place| [template.name, place] }
        dependencies = templates.map { |template| template.all_dependencies.map { |name| place_of(name, template, places) } }
        new(Native.template_drawing(task_handler.class.name.to_s, templates.map(&:name), dependencies))
      end

      private

      def id_of(task)
        id = task.is_a?(Tasker::Task) ? task.task_id : task
        return id if id.is_a?(Integer) && id.bit_length < 64

        raise ArgumentError, "no task to draw: expected a saved Tasker::Task or its id, got #{task.inspect}"
      end

      def not_found(id)
        ActiveRecord::RecordNotFound.new("Couldn't find Tasker::Task with 'task_id'=#{id}", "Tasker::Task", "task_id", id)
      end

      def templates_of(task_handler)
        return task_handler.step_templates if task_handler.respond_to?(:step_templates)

        raise ArgumentError, "no template to draw: expected a task handler, got #{task_handler.inspect}"
      end

      def place_of(name, template, places)
        places.fetch(name) do
          raise ArgumentError,
                "step #{template.name} depends on an undefined step: expected one of #{places.keys.join(", ")}, got #{name}"
        end
      end
    end

    # @param drawing [Native::Drawing]
    # @api private
    def initialize(drawing)
      @drawing = drawing
    end

    # SVG without scripts, style sheets and references, which a strict Content-Security-Policy lets through. Each step has the class
    # `step-STATE` and, for a task, the attribute `data-step-id`.
    #
    # @return [String]
    def to_svg = @drawing.svg

    # @return [String] a flowchart for what renders Mermaid
    def to_mermaid = @drawing.mermaid

    # @return [String] a digraph for Graphviz
    def to_dot = @drawing.dot

    # Attempts, waits for a retry and waits for a worker, a row a step.
    #
    # @return [String] SVG
    # @raise [ArgumentError] for a template, which has no history
    def timeline_svg
      @drawing.timeline || raise(ArgumentError, "no timeline: expected the graph of a task, got that of a template")
    end
  end
end

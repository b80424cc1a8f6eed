# frozen_string_literal: true

require_relative "../rails_helper"
require "rake"
require_relative "../dummy/lib/shape_workflow"

RSpec.describe TaskerCore::Graph, :transactional do
  # @return [Hash{String => String}] by name, the condition of each step and why it waits
  def drawn(svg)
    parsed(svg).css("g.step > title").to_h { |title| title.text.split(": ", 2) }
  end

  def parsed(svg)
    Nokogiri::XML(svg, &:strict).remove_namespaces!
  end

  let(:task) { make_task("in_progress") }

  def make_order
    a = make_step(task, "a", "in_progress", "complete")
    b = make_step(task, "b", "in_progress", "error", parents: [a], attempts: 3, retry_limit: 3)
    c = make_step(task, "c", parents: [a])
    make_step(task, "d", parents: [b, c])
  end

  describe ".of" do
    it "draws a task with the states of its steps and why they wait" do
      make_order
      expected = { "a" => "complete", "b" => "failed, no attempt left (3 of 3)", "c" => "ready", "d" => "pending, waits for 2 of 2" }
      expect(drawn(described_class.of(task).to_svg)).to eq(expected)
      expect(drawn(described_class.of(task.task_id).to_svg)).to eq(expected)
    end

    it "agrees with the engine on which steps are ready" do
      make_order
      readiness = TaskerCore.without { Tasker::Functions::FunctionBasedStepReadinessStatus.for_task(task.task_id) }
      ready = drawn(described_class.of(task).to_svg).select { |_name, text| text == "ready" }
      expect(ready.keys).to match_array(readiness.select(&:ready_for_execution).map(&:name))
    end

    it "takes two statements, whatever the size of the task" do
      make_order
      described_class.of(task)
      expect(statements { described_class.of(task) }.size).to eq(2)
    end

    it "gives the same picture in all formats, and the same bytes again" do
      make_order
      graph = described_class.of(task)
      again = described_class.of(task)
      expect(graph.to_dot.scan(/s\d -> s\d/)).to eq(["s0 -> s1", "s0 -> s2", "s1 -> s3", "s2 -> s3"])
      expect(graph.to_mermaid.scan(/s\d [-=]+> s\d/).size).to eq(4)
      expect(parsed(graph.timeline_svg).css("g.row").size).to eq(4)
      expect(again.to_svg).to eq(graph.to_svg)
    end

    it "draws 500 steps in less than 200 ms" do
      task = ShapeWorkflow.new(Shapes.named("layers_500")).create
      svg = nil
      # The fastest, since other processes share the machine.
      ms = Array.new(5) { Benchmark.realtime { svg = described_class.of(task).to_svg } * 1_000 }.min
      expect(drawn(svg).size).to eq(500)
      expect(ms).to be < 200
    end

    it "escapes the names of an application" do
      make_step(task, "<script>alert('x')</script>&")
      svg = described_class.of(task).to_svg
      expect(svg).not_to include("<script")
      expect(drawn(svg).keys).to eq(["<script>alert('x')</script>&"])
    end

    it "names what it cannot draw" do
      expect { described_class.of(-1) }.to raise_error(ActiveRecord::RecordNotFound, "Couldn't find Tasker::Task with 'task_id'=-1")
      expect { described_class.of(Tasker::Task.new) }.to raise_error(ArgumentError, /expected a saved Tasker::Task or its id, got #<Tasker::Task/)
      expect { described_class.of(2**64) }.to raise_error(ArgumentError, /got 18446744073709551616/)
      expect { described_class.of("1") }.to raise_error(ArgumentError, /got "1"/)
    end
  end

  describe ".of_template" do
    template = Struct.new(:name, :all_dependencies)
    handler = Class.new do
      attr_reader :step_templates

      def initialize(templates) = @step_templates = templates

      def self.name = "OrderTask"
    end

    it "draws the templates of a handler" do
      graph = described_class.of_template(handler.new([template.new("a", []), template.new("b", ["a"])]))
      expect(drawn(graph.to_svg)).to eq("a" => "step", "b" => "step")
      expect(graph.to_mermaid).to include("OrderTask", "s0 ==> s1")
      expect { graph.timeline_svg }.to raise_error(ArgumentError, /expected the graph of a task, got that of a template/)
    end

    it "names what it cannot draw" do
      odd = handler.new([template.new("a", ["x"])])
      expect { described_class.of_template(odd) }
        .to raise_error(ArgumentError, "step a depends on an undefined step: expected one of a, got x")
      expect { described_class.of_template(1) }.to raise_error(ArgumentError, "no template to draw: expected a task handler, got 1")
    end
  end

  describe "rails tasker_core:graph" do
    before { Rails.application.load_tasks unless Rake::Task.task_defined?("tasker_core:graph") }

    def draw(id, format = nil)
      Rake::Task["tasker_core:graph"].reenable
      ENV["FORMAT"] = format
      Rake::Task["tasker_core:graph"].invoke(id)
    ensure
      ENV.delete("FORMAT")
    end

    it "writes the picture" do
      make_order
      expect { draw(task.task_id.to_s) }.to output(described_class.of(task).to_svg).to_stdout
      expect { draw(task.task_id.to_s, "dot") }.to output(described_class.of(task).to_dot).to_stdout
    end

    it "ends with one sentence where there is nothing to draw" do
      { ["-1"] => /Couldn't find Tasker::Task with 'task_id'=-1/, ["x"] => /expected its id in brackets, got "x"/,
        %w[1 png] => /unknown FORMAT: expected svg, timeline, mermaid, dot, got png/ }.each do |arguments, message|
        expect { expect { draw(*arguments) }.to raise_error(SystemExit) }.to output(message).to_stderr
      end
    end
  end
end

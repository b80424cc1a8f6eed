# frozen_string_literal: true

require "json"
require_relative "measures"

module Demo
  # An application's log of one task, as the lines of the task and of each step, in their order.
  #
  # Steps run at the same time, so the order between lines of different ones is left to chance; within one it is kept. Instants, durations
  # and the ids of threads, processes, jobs and correlations are taken out, ids of the task and its steps replaced by names. The gem's line
  # about the loop of a workflow is left out: it is written once a process, and a difference on purpose.
  class LogLines
    CHANCE = %w[timestamp correlation_id process_id thread_id performance_category].freeze
    UUID = /\h{8}-\h{4}-\h{4}-\h{4}-\h{12}/
    MILLISECONDS = /\d+(\.\d+)?ms/
    TASK = "task"
    ABOUT_THE_LOOP = "tasker-core: workflows of "
    private_constant :CHANCE, :UUID, :MILLISECONDS, :TASK, :ABOUT_THE_LOOP

    # @param text [String] as logged
    # @param task_id [Integer]
    # @param names [Hash{Integer => String}] of steps, by id
    def initialize(text, task_id, names)
      @text = text
      @task_id = task_id
      @names = names
    end

    # @return [Hash{String => Array}] by step name, and "task": lines, those in JSON as hashes
    def by_owner
      lines = engine_lines.map { |line| line.start_with?("{") ? data(JSON.parse(line)) : plain(line) }
      lines.group_by(&:first).transform_values { |group| group.map(&:last) }
    end

    private

    def engine_lines
      @text.each_line(chomp: true).reject { |line| line.empty? || line.start_with?(ABOUT_THE_LOOP) }
    end

    def data(entry)
      step = entry["entity_type"] == "step" ? entry["entity_id"] : entry["step_id"]
      kept = entry.except(*CHANCE).to_h { |key, value| [key, cell(entry, key, value)] }
      [step ? @names.fetch(step, "step #{step}") : TASK, kept]
    end

    def cell(entry, key, value)
      case key
      when "entity_id" then entity(entry["entity_type"], value)
      when "task_id" then entity("task", value)
      when "step_id" then entity("step", value)
      when "backtrace" then "from #{value.first}"
      else measured(key, value)
      end
    end

    def measured(key, value)
      return "<#{value.class}>" if value.is_a?(Numeric) && Measures.duration?(key)
      return "<instant>" if value.is_a?(String) && Measures.instant?(value)

      value
    end

    def entity(type, id)
      case type
      when "step" then @names.fetch(id, id)
      when "task" then id == @task_id ? "<task>" : id
      else id
      end
    end

    def plain(line)
      step = nil
      text = line.gsub(UUID, "<uuid>").gsub(MILLISECONDS, "<ms>")
                 .gsub(/(?<=task |arguments: )#{@task_id}\b/i, "<task>")
                 .gsub(/(?<=step )\d+\b/i) { |id| step = @names.fetch(id.to_i, id) }
      [step || TASK, text]
    end
  end
end

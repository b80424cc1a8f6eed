# frozen_string_literal: true

namespace :tasker_core do
  desc "Draw a task: rails 'tasker_core:graph[42]' > task.svg (FORMAT=svg, timeline, mermaid or dot)"
  task :graph, [:task_id] => :environment do |_task, given|
    methods = { "svg" => :to_svg, "timeline" => :timeline_svg, "mermaid" => :to_mermaid, "dot" => :to_dot }
    format = ENV.fetch("FORMAT", "svg")
    method = methods.fetch(format) { abort "unknown FORMAT: expected #{methods.keys.join(", ")}, got #{format}" }
    id = Integer(given[:task_id], exception: false)
    abort "no task to draw: expected its id in brackets, got #{given[:task_id].inspect}" unless id
    begin
      $stdout.write TaskerCore::Graph.of(id).public_send(method)
    rescue ActiveRecord::RecordNotFound => e
      abort e.message
    end
  end
end

# frozen_string_literal: true

require_relative "../rails_helper"

# A web server that loads the application once and forks its workers from there.
RSpec.describe "Puma in cluster mode with preload_app!" do
  include PumaCluster

  # Runs a workflow before the workers are forked, and one for each request.
  rackup = <<~RUBY
    require "#{File.expand_path("../dummy/config/environment", __dir__)}"
    require "#{File.expand_path("../dummy/lib/shape_workflow", __dir__)}"

    work = lambda do
      workflow = ShapeWorkflow.new(Shapes.diamond)
      task = workflow.create({ "pid" => Process.pid, "at" => Process.clock_gettime(Process::CLOCK_MONOTONIC) })
      workflow.run(task)
      { pid: Process.pid, status: task.status, rust: TaskerCore.stats.values.sum { |counts| counts[:rust] },
        engine: TaskerCore.stats.values.sum { |counts| counts[:engine] } }
    end

    before = work.call
    run ->(_) { [200, {}, [JSON.generate([before, work.call])]] }
  RUBY

  it "answers through the gem in the master and in every worker" do
    befores, heres = answers_of_workers(rackup).transpose
    expect(befores.uniq).to contain_exactly(include(status: "complete", engine: 0, rust: a_value > 10))
    expect(heres).to all(include(status: "complete", engine: 0, rust: a_value > befores.first[:rust]))
    expect(heres.map { |here| here[:pid] }).not_to include(befores.first[:pid])
  end
end

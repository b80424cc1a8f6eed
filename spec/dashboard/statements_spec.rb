# frozen_string_literal: true

require_relative "../rails_helper"

# The numbers do not depend on how many tasks and steps there are.
RSpec.describe TaskerCore::Dashboard, :transactional, type: :request do
  include MountedDashboard

  def fill(times)
    times.times do
      DashboardWorld.order
      DashboardWorld.fill(tasks: 3)
    end
  end

  def counts(paths)
    paths.to_h { |path| [path, count_queries { get("/dashboard#{path}") }] }
  end

  it "takes the same few statements for few tasks as for many" do
    task = DashboardWorld.order
    step = task.workflow_steps.last
    fill(1)
    expected = { "" => 10, "/tasks" => 2, "/tasks?state=error" => 3, "/tasks?name=order&state=complete" => 3, "/tasks/#{task.id}" => 8,
                 "/tasks/#{task.id}/steps/#{step.id}" => 8, "/steps?tab=waiting" => 6, "/steps?tab=stuck" => 6, "/performance" => 3,
                 "/workers" => 1, "/native" => 0, "/tasks/#{task.id}/graph" => 3 }
    counts(expected.keys) # schemas of tables are read once
    expect(counts(expected.keys)).to eq(expected)
    fill(15)
    expect(counts(expected.keys)).to eq(expected)
  end

  it "takes the same statements for a task of few steps as for one of many" do
    small, large = [2, 20].map { |layers| make_layered_task(layers:, width: 5) }
    first, second = [small, large].map { |task| count_queries { get("/dashboard/tasks/#{task.id}") } }
    expect(second).to eq(first)
  end
end

# frozen_string_literal: true

require_relative "../rails_helper"

# Not in a transaction, which a failed statement would end.
RSpec.describe TaskerCore::Dashboard, type: :request do
  include MountedDashboard

  after { MountedDashboard.clear }

  def page_of(path)
    visit_page(path).tap { expect(response).to have_http_status(:ok), "#{path}: #{response.status}" }
  end

  # Errors that the application's error reporter receives.
  def reported
    found = []
    subscriber = Object.new.tap do |object|
      object.define_singleton_method(:report) do |error, **given|
        found << [error.class, given[:source]]
      end
    end
    Rails.error.subscribe(subscriber)
    yield
    found
  ensure
    Rails.error.unsubscribe(subscriber)
  end

  describe "with a step of 44 attempts, for which the engine's function fails" do
    around { |example| TaskerCore.without { example.run } }

    let(:task) { DashboardWorld.task("overflow", "in_progress", 300, { "call" => [[], [["in_progress", 90], ["error", 80]], overflow] }) }
    let(:overflow) { { attempts: 44, retry_limit: 100, results: { error: "Timeout" } } }

    it "shows the error on the pages of the task and of the step" do
      page = page_of("/tasks/#{task.id}")
      expect(page.at_css("#steps-heading ~ .scroll").text).to match(/call.*its readiness could not be read: .*interval out of range/m)
      expect(page.at_css("#context-heading")).to be_present
      step = page_of("/tasks/#{task.id}/steps/#{task.workflow_steps.sole.id}")
      expect(step.at_css(".lead").text).to match(/Its readiness could not be read: .*interval out of range/)
    end

    it "shows the conditions of the steps of other tasks" do
      DashboardWorld.order
      task
      expect(page_of("/steps?tab=blocked").text).to match(/interval out of range/)
      expect(page_of("/steps?tab=waiting").css("tbody th").map { |cell| cell.text.squish }).to include("archive", "send_invoice")
      expect(page_of("").css(".tile").size).to eq(6)
    end
  end

  # By page, what is replaced by an error, and the heading of the panel.
  {
    "" => [%i[OpenWork counts], "Steps"], "/performance" => [%i[Throughput kinds], "Kinds of steps"],
    "/workers" => [%i[Workers all], "Workers"], "/tasks" => [%i[TaskList rows], "Tasks"], "/steps" => [%i[OpenWork entries], "Steps"],
    "/native" => [%i[Coverage workflows], "Workflows"]
  }.each do |path, ((query, method), title)|
    it "shows an error of #{query}##{method} in its place on the page #{path.presence || "/"}, and reports it" do
      allow_any_instance_of(described_class.const_get(query)).to receive(method).and_raise(ActiveRecord::StatementInvalid,
                                                                                           "ERROR: <b>out of range</b>")
      page = nil
      errors = reported { page = page_of(path) }
      expect(page.css("[role=alert]").map { |alert| alert.text.squish })
        .to include("#{title} could not be read. ActiveRecord::StatementInvalid: ERROR: <b>out of range</b>")
      expect(page.at_css("h1")).to be_present
      expect(errors.uniq).to eq([[ActiveRecord::StatementInvalid, "tasker_core.dashboard"]])
    end
  end

  it "shows an error of a picture in its place" do
    task = DashboardWorld.order
    allow(TaskerCore::Graph).to receive(:of).and_raise(TaskerCore::Error, "no picture today")
    page = page_of("/tasks/#{task.id}")
    expect(page.css("[role=alert]").map { |alert| alert.text.squish })
      .to eq(["Graph could not be read. TaskerCore::Error: no picture today",
              "Timeline could not be read. TaskerCore::Error: no picture today"])
    expect(page.css("#steps-heading ~ .scroll tbody tr").size).to eq(8)
  end

  it "has a page for an error of what no page can do without" do
    task = DashboardWorld.order
    allow_any_instance_of(TaskerCore::Dashboard::TaskDetails).to receive(:columns).and_raise(ActiveRecord::ConnectionNotEstablished,
                                                                                             "no server")
    errors = reported { visit_page("/tasks/#{task.id}") }
    expect(response).to have_http_status(:internal_server_error)
    expect(Nokogiri::HTML5(response.body).at_css(".empty").text.squish)
      .to include("A query of this page failed", "ActiveRecord::ConnectionNotEstablished: no server")
    expect(errors).to eq([[ActiveRecord::ConnectionNotEstablished, "tasker_core.dashboard"]])
  end

  it "shows tasks and steps with instants beyond the calendar" do
    task = DashboardWorld.order
    connection = Tasker::ApplicationRecord.connection
    { "tasker_tasks" => %w[created_at requested_at], "tasker_workflow_steps" => %w[processed_at last_attempted_at created_at],
      "tasker_task_transitions" => %w[created_at], "tasker_workflow_step_transitions" => %w[created_at] }.each do |table, columns|
      infinity = table.end_with?("steps") ? "-infinity" : "infinity"
      columns.each { |column| connection.execute("UPDATE #{table} SET #{column} = '#{infinity}'") }
    end
    step = task.workflow_steps.first.id
    pages = ["", "/tasks", "/tasks?state=#{task.status}", "/tasks/#{task.id}", "/tasks/#{task.id}/steps/#{step}", "/performance",
             "/workers", *%w[ready running waiting retrying blocked stuck].map { |tab| "/steps?tab=#{tab}" }]
    alerts = pages.to_h { |path| [path, page_of(path).css("[role=alert]").map { |alert| alert.text.squish }] }
    expect(alerts.reject { |_, texts| texts.empty? }).to be_empty
  end
end

# frozen_string_literal: true

require_relative "../rails_helper"

# Addresses that no page links to. Such a request gets a page that says what is wrong, or the page without the parameter.
RSpec.describe TaskerCore::Dashboard, :transactional, type: :request do
  include MountedDashboard

  huge = "9" * 400
  values = %W[= =-infinity =infinity =NaN =-1 =0 =1.5 =1e9 =#{huge} =9223372036854775807 =9223372036854775808 =-9223372036854775808
              =%00 =1%00 =a%00b =%D9%A1 =unknown =#{"x" * 5_000} =%27%3B-- []=1 [x]=1 [][y]=1 =0000-01-01 =9999-12-31 =2026-02-31
              =2026-13-01 =2026-01-01T25:00 =99999999999999999-999999999999999999 =-infinity-1 =x&a%FF=1]
  undecodable = %w[=%FF =%ED%A0%80 =% =1&%s[a]=2] + ["#{"[y]" * 200}=1", "=1&#{(1..4_100).map { |number| "p#{number}" }.join("&")}"]
  parameters = { "" => %w[since], "/tasks" => %w[state namespace name from to after], "/steps" => %w[tab before],
                 "/performance" => %w[window], "/workers" => %w[since], "/native" => %w[since], "/tasks/%d" => %w[after id],
                 "/tasks/%d/steps/%d" => %w[task_id id] }

  let!(:task) { DashboardWorld.order }
  let(:step) { task.workflow_steps.first }

  def path_of(pattern) = format(pattern, *[task.id, step.id].first(pattern.count("%")))

  def outcome(page) = [response.status, *page.css("[role=alert]").map { |alert| alert.text.squish }]

  parameters.each do |pattern, names|
    names.each do |name|
      it "shows the page #{pattern} with whatever #{name}" do
        outcomes = values.to_h { |value| [value.first(60), outcome(visit_page("#{path_of(pattern)}?#{name}#{value}"))] }
        expect(outcomes.reject { |_value, seen| seen == [200] }).to be_empty
      end

      it "has a page for parameters of #{pattern} that cannot be decoded, such as #{name}" do
        undecodable.each do |value|
          page = visit_page("#{path_of(pattern)}?#{name}#{value.sub("%s", name)}")
          expect([response.status, page.at_css("h1").text]).to eq([400, "The address is not valid"]), value.first(60)
          expect(response.headers["Content-Security-Policy"]).to start_with("default-src 'none'")
          expect(page.at_css(".empty a")["href"]).to eq("/dashboard/")
        end
      end
    end
  end

  it "lists all tasks and steps where the parameters mean nothing" do
    values.grep(/[\[x%]|infinity|NaN|unknown/).each do |value|
      expect(visit_page("/tasks?state#{value}&from#{value}&after#{value}").css("tbody tr").size).to eq(1), value.first(60)
      expect(visit_page("/steps?tab=waiting&before#{value}").css("tbody tr").size).to be_positive, value.first(60)
    end
  end

  it "finds the task of a number, and nothing for any other text" do
    get "/dashboard/tasks?task_id=#{task.id}"
    expect(response).to redirect_to("/dashboard/tasks/#{task.id}")
    values.grep_v(/=9223372036854775807\z/).each do |value|
      expect(outcome(visit_page("/tasks?task_id#{value}"))).to eq([200]), value.first(60)
    end
  end

  ids = ["0", "-1", "abc", "%00", "1%00", huge, "9223372036854775807", "9223372036854775808", "-9223372036854775808", "%D9%A1"]
  ["/tasks/ID", "/tasks/ID/graph", "/tasks/ID/steps/ID", "/tasks/TASK/steps/ID", "/tasks/TASK/steps/ID/results"].each do |pattern|
    it "has a page for a number that nothing has in #{pattern}" do
      ids.each do |id|
        page = visit_page(pattern.gsub("ID", id).sub("TASK", task.id.to_s))
        expect([response.status, page.at_css("h1").text]).to eq([404, "Not found"]), id
      end
    end

    it "has a page for a number that cannot be decoded in #{pattern}" do
      page = visit_page(pattern.gsub("ID", "%FF").sub("TASK", task.id.to_s))
      expect([response.status, page.at_css("h1").text]).to eq([400, "The address is not valid"])
    end
  end

  describe "actions" do
    before { TaskerCore.configuration.dashboard.actions = true }

    def token = visit_page("/tasks/#{task.id}").at_css("form[action$=cancel] input[name=authenticity_token]")["value"]

    it "change nothing for a number that nothing has" do
      allow_any_instance_of(described_class::ActionsController).to receive(:verified_request?).and_return(true)
      ids.product(["/tasks/%s/cancel", "/tasks/#{task.id}/steps/%s/retry"]).each do |id, path|
        post("/dashboard#{path.sub("%s", id)}")
        expect(response).to have_http_status(:not_found)
      end
      expect(Tasker::Task.find(task.id).status).to eq("in_progress")
    end

    it "change nothing for a form that cannot be decoded" do
      post("/dashboard/tasks/#{task.id}/cancel", params: "authenticity_token=#{CGI.escape(token)}&a=%FF",
                                                 headers: { "Content-Type" => "application/x-www-form-urlencoded" })
      expect([response.status, Tasker::Task.find(task.id).status]).to eq([400, "in_progress"])
    end
  end

  it "refuses a visitor before it says what is wrong" do
    TaskerCore.configuration.dashboard.authenticate = ->(_controller) {}
    page = visit_page("/tasks?state=%FF")
    expect([response.status, page.at_css("h1").text]).to eq([403, "No entry"])
  end
end

# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe TaskerCore::Dashboard, :transactional, type: :request do
  include MountedDashboard

  let(:settings) { TaskerCore.configuration.dashboard }

  paths = ["", "/tasks", "/steps", "/performance", "/workers", "/native", "/tasks/1", "/tasks/1/graph", "/tasks/1/steps/1",
           "/tasks/1/steps/1/results"]

  describe "authentication" do
    it "refuses every visitor in production until the application configures access" do
      allow(Rails).to receive(:env).and_return(ActiveSupport::EnvironmentInquirer.new("production"))
      paths.each do |path|
        page = visit_page(path)
        expect(page.text).to include("config.dashboard.authenticate")
        expect(page.text).not_to include(TaskerCore::VERSION)
        expect(response).to have_http_status(:forbidden)
      end
      settings.authenticate = ->(_controller) { true }
      visit_page
      expect(response).to have_http_status(:ok)
    end

    it "asks before every page and every action, and reads nothing for a visitor that is refused" do
      asked = 0
      settings.authenticate = ->(_controller) { (asked += 1) && nil }
      settings.actions = true
      posts = ["/tasks/1/cancel", "/tasks/1/run_again", "/tasks/1/steps/1/retry"]
      sent = statements do
        paths.each { |path| get("/dashboard#{path}") && expect(response).to(have_http_status(:forbidden)) }
        posts.each { |path| post("/dashboard#{path}") }
      end
      expect(sent).to be_empty
      # The forms of a visitor without a token are refused before.
      expect(asked).to eq(paths.size)
    end

    it "covers every route but that of the assets" do
      public = described_class.routes.routes.map { |route| route.defaults[:controller] }.uniq.reject do |name|
        "#{name}_controller".camelize.constantize < TaskerCore::Dashboard::ApplicationController
      end
      expect(public).to eq(["tasker_core/dashboard/assets"])
    end

    it "lets the application render or redirect itself" do
      settings.authenticate = lambda do |controller|
        controller.send(:authenticate_or_request_with_http_basic) { |name, password| name if password == "secret" }
      end
      get "/dashboard"
      expect([response.status, response.headers["WWW-Authenticate"]]).to match([401, /\ABasic/])
      get "/dashboard", headers: { "Authorization" => ActionController::HttpAuthentication::Basic.encode_credentials("ann", "secret") }
      expect(response).to have_http_status(:ok)
    end

    it "refuses settings that mean nothing" do
      expect do
        settings.authenticate = "admin"
      end.to raise_error(ArgumentError, /config.dashboard.authenticate: expected a callable or nil, got "admin"/)
      expect { settings.actions = nil }.to raise_error(ArgumentError, /config.dashboard.actions: expected true or false, got nil/)
      expect do
        settings.stuck_after = 0
      end.to raise_error(ArgumentError, /config.dashboard.stuck_after: expected a positive number of seconds, got 0/)
    end
  end

  describe "headers" do
    it "forbids scripts and styles in the page, frames, and other sites" do
      settings.actions = true
      task = DashboardWorld.order
      step = task.workflow_steps.first
      [*paths.first(6), "/tasks/#{task.id}", "/tasks/#{task.id}/graph", "/tasks/#{task.id}/steps/#{step.id}", "/tasks/0"].each do |path|
        page = visit_page(path)
        expect(response.headers["Content-Security-Policy"]).to start_with("default-src 'none'; style-src 'self'; script-src 'self';")
        expect(response.headers.values_at("X-Frame-Options", "X-Content-Type-Options", "Cache-Control")).to eq(%w[DENY nosniff no-store])
        expect(page.css("style, [style], script:not([src]), iframe, object, base")).to be_empty
        expect(page.css("*").flat_map { |node| node.attributes.keys }.grep(/\Aon/i)).to be_empty
      end
    end

    it "serves its own assets under names that change with their content" do
      page = visit_page
      page.css("link[href*=assets], script[src]").each do |tag|
        get(tag["href"] || tag["src"])
        expect(response).to have_http_status(:ok)
        expect(response.headers["Cache-Control"]).to include("immutable")
      end
      get "/dashboard/assets/dashboard-0000000000000000.css"
      expect(response).to have_http_status(:not_found)
    end
  end

  describe "texts of the application" do
    hostile = %(<script>alert(1)</script>"'><img src=x onerror=alert(2)>\u202Egnp.exe\u0007\u2066)
    pages = lambda do |task, step|
      ["", "/tasks", "/tasks/#{task.id}", "/tasks/#{task.id}/graph", "/tasks/#{task.id}/steps/#{step.id}", "/steps?tab=blocked",
       "/steps?tab=waiting", "/performance", "/tasks?name=%3Cscript%3Ealert(1)%3C/script%3E"]
    end

    def make(text)
      name = text.first(60)
      columns = { attempts: 3, retry_limit: 3, inputs: { text => text },
                  results: { error: text, error_class: text, backtrace: [text], text => 1 } }
      steps = { name => [[], [["in_progress", 20], ["error", 5]], columns], "after" => [[name], []] }
      task = DashboardWorld.task(name, "error", 30, steps, namespace: name, reason: text.first(128), initiator: text.first(128),
                                                           source_system: text.first(128), tags: [text], context: { text => text })
      [task, task.workflow_steps.order(:workflow_step_id).first]
    end

    it "cannot inject elements, attributes or directions of text" do
      task, step = make(hostile)
      pages.call(task, step).each do |path|
        page = visit_page(path)
        expect(response).to have_http_status(:ok)
        expect(page.css("script:not([src]), img, [onerror]")).to be_empty
        expect(response.body).not_to match(/[\u0007\u202E\u2066]/)
      end
      expect(visit_page("/tasks/#{task.id}").text).to include("<script>alert(1)</script>")
    end

    it "cannot make pages large, or slow" do
      task, step = make("#{"x<" * 500_000}<script>")
      pages.call(task, step).each do |path|
        get "/dashboard#{path}"
        expect([response.status, response.body.bytesize]).to match([200, be < 250_000])
      end
      get "/dashboard/tasks/#{task.id}/steps/#{step.id}"
      expect(response.body).to include("The first 20 000 of", "Download all of it")
    end

    it "reads only the beginning of what is large" do
      task, step = make("y" * 1_000_000)
      lengths = []
      note = ->(*, payload) { lengths << payload[:row_count] if payload[:name].to_s.start_with?("TaskerCore::Dashboard") }
      ActiveSupport::Notifications.subscribed(note, "sql.active_record") { get "/dashboard/tasks/#{task.id}/steps/#{step.id}" }
      expect(lengths).not_to be_empty
      expect(TaskerCore::Dashboard::StepDetails.new(task.id, step.id).columns.values.grep(String).map(&:length)).to all(be <= 20_000)
    end
  end

  describe "forged requests" do
    let(:task) { make_task("in_progress") }

    before { settings.actions = true }

    it "refuses an action without the form's token, whatever the application's own setting is" do
      [{}, { authenticity_token: "x" }].each do |params|
        post("/dashboard/tasks/#{task.id}/cancel", params:)
        expect([response.status, task.status]).to eq([422, "in_progress"])
      end
    end

    it "refuses the token of another session" do
      token = visit_page("/tasks/#{task.id}").at_css("form[action$=cancel] input[name=authenticity_token]")["value"]
      reset!
      post("/dashboard/tasks/#{task.id}/cancel", params: { authenticity_token: token })
      expect([response.status, task.status]).to eq([422, "in_progress"])
    end

    it "refuses a form of another origin" do
      token = visit_page("/tasks/#{task.id}").at_css("form[action$=cancel] input[name=authenticity_token]")["value"]
      post("/dashboard/tasks/#{task.id}/cancel", params: { authenticity_token: token },
                                                 headers: { "Origin" => "https://elsewhere.example" })
      expect([response.status, task.status]).to eq([422, "in_progress"])
    end

    it "changes nothing by an address alone" do
      get("/dashboard/tasks/#{task.id}/cancel")
    rescue ActionController::RoutingError
      expect(task.status).to eq("in_progress")
    else
      raise "expected no route, got #{response.status}"
    end

    it "keeps its session from scripts and other sites" do
      visit_page("/tasks/#{task.id}")
      expect(response.headers["Set-Cookie"]).to match(/_tasker_core_dashboard=.*httponly.*samesite=strict/i)
    end
  end
end

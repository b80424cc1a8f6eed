# frozen_string_literal: true

require_relative "browser_helper"

RSpec.describe TaskerCore::Dashboard, :transactional, :browser do
  include MountedDashboard

  let(:settings) { TaskerCore.configuration.dashboard }
  let(:task) { DashboardWorld.order }
  let(:step) { task.workflow_steps.includes(:named_step).find { |one| one.name == "charge_card" } }
  let(:paths) do
    { "overview" => "", "tasks" => "/tasks", "task" => "/tasks/#{task.id}", "step" => "/tasks/#{task.id}/steps/#{step.id}",
      "steps" => "/steps?tab=blocked", "performance" => "/performance", "workers" => "/workers", "native" => "/native?doctor=1",
      "nothing" => "/steps?tab=retrying&before=1", "failure" => "/tasks/0", "graph" => "/tasks/#{task.id}/graph" }
  end

  before do
    settings.actions = true
    task
    DashboardWorld.fill
  end

  def go_to(path) = visit("#{MountedDashboard::PATH}#{path}")

  # Violations of the Content-Security-Policy, and errors of the script, end up in the console.
  def console
    logs = []
    page.driver.browser.page.client.on("Log.entryAdded") { |entry| logs << entry.dig("entry", "text") }
    chromium("Log.enable")
    yield
    logs
  end

  %w[light dark].each do |scheme|
    it "is accessible on every page, in #{scheme} colours" do
      prefer(scheme)
      found = paths.transform_values { |path| go_to(path) && axe_violations }
      expect(found.reject { |_, violations| violations.empty? }).to be_empty
    end
  end

  it "obeys its own Content-Security-Policy on every page" do
    logged = console { paths.except("failure").each_value { |path| go_to(path) } }
    expect(logged).to be_empty
    violation = console { page.execute_script("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">')") }
    expect(violation).to include(/Content Security Policy/)
  end

  it "fits a telephone: nothing but tables and pictures is wider than the page" do
    page.current_window.resize_to(390, 800)
    widths = paths.transform_values { |path| go_to(path) && page.evaluate_script("document.documentElement.scrollWidth") }
    expect(widths.values).to all(be <= 390)
  ensure
    page.current_window.resize_to(*Browser::SIZE)
  end

  describe "by the keyboard" do
    def press(*keys) = page.driver.browser.keyboard.type(*keys)
    def focused = page.evaluate_script("document.activeElement.textContent.trim()")

    it "skips to the content, and reaches every link and button in the order of the page" do
      go_to("/tasks/#{task.id}")
      press(:tab)
      expect(focused).to eq("Skip to the content")
      press(:enter)
      expect(page.evaluate_script("document.activeElement.id")).to eq("content")
      press(:tab)
      expect(focused).to eq("Tasks")
      3.times { press(:tab) }
      expect(page.evaluate_script("getComputedStyle(document.activeElement).outlineStyle")).to eq("solid")
    end
  end

  describe "live updates" do
    # The timers of the script wait until {#pass_time} calls them, and its requests are counted.
    def go_to_without_time(path)
      chromium("Page.addScriptToEvaluateOnNewDocument", source: <<~JS)
        window.asked = 0;
        const timers = new Map(), later = window.setTimeout, clear = window.clearTimeout, ask = window.fetch;
        let last = 1e6;
        window.setTimeout = (what, ms) => ms === 5000 ? (timers.set(++last, what), last) : later(what, ms);
        window.clearTimeout = (id) => timers.delete(id) || clear(id);
        window.fetch = (...given) => { window.asked += 1; return ask(...given); };
        window.pass = async () => {
          const due = [...timers.values()];
          timers.clear();
          await Promise.all(due.map((what) => what()));
          return due.length;
        };
      JS
      go_to(path)
    end

    # @return [Integer] updates that were due
    def pass_time = page.evaluate_async_script("window.pass().then(arguments[0])")

    def asked = page.evaluate_script("window.asked")

    # Hides or shows the page, as a browser does with a tab.
    def look(visible)
      page.execute_script(<<~JS, !visible)
        const hidden = arguments[0];
        Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
        document.dispatchEvent(new Event("visibilitychange"));
      JS
    end

    it "shows what has changed, and keeps what the visitor has opened and focused" do
      go_to_without_time("/tasks/#{task.id}/steps/#{step.id}")
      find("summary", text: "Backtrace").click
      step.state_machine.transition_to!("resolved_manually")
      expect([pass_time, asked]).to eq([1, 1])
      expect(page).to have_css("h1 .badge", text: "resolved manually")
      expect(page).to have_css("details[open] pre", text: "gateway.rb")
      expect(page.evaluate_script("document.activeElement.tagName")).to eq("SUMMARY")
      expect([pass_time, asked]).to eq([1, 2])
    end

    it "stops while the page is hidden, and continues when it is visible" do
      go_to_without_time("/tasks")
      expect(pass_time).to eq(1)
      look(false)
      expect([pass_time, asked]).to eq([0, 1])
      look(true)
      expect(asked).to eq(2)
    end

    it "stops ten minutes after the last movement" do
      go_to_without_time("/tasks")
      page.execute_script("const now = Date.now; Date.now = () => now() + 11 * 60 * 1000")
      expect([pass_time, pass_time, asked]).to eq([1, 0, 0])
      expect(page).to have_button("Paused")
    end

    it "is paused by its button, also on the next page" do
      go_to_without_time("/tasks")
      click_button("Live")
      expect([pass_time, asked]).to eq([0, 0])
      go_to("/performance")
      expect(page).to have_button("Paused")
      expect([pass_time, asked]).to eq([0, 0])
    end

    it "does not replace a page in which the visitor types, and looks again later" do
      go_to_without_time("/tasks")
      fill_in("Name contains", with: "order")
      expect([pass_time, pass_time, asked]).to eq([1, 1, 0])
      expect(page).to have_field("Name contains", with: "order")
    end

    it "does not ask on pages that do not change" do
      go_to_without_time("/native")
      expect([pass_time, asked, page.has_no_button?("Live")]).to eq([0, 0, true])
    end
  end

  it "filters by the form" do
    go_to("/tasks")
    select("failed", from: "State")
    click_button("Filter")
    expect(page).to have_css("tbody tr", count: 1, text: "payments/payout")
    expect(page).to have_select("State", selected: "failed")
  end

  it "leads from the picture of a task to its steps" do
    go_to("/tasks/#{task.id}")
    first(".picture [data-step-id='#{step.id}']").click
    expect(page).to have_css("h1", text: "charge_card")
  end

  it "asks before an action, and says what it has done" do
    go_to("/tasks/#{task.id}/steps/#{step.id}")
    dismiss_confirm { click_button("Resolve charge_card") }
    expect(step.status).to eq("error")
    accept_confirm("Count this step as done, without running it?") { click_button("Resolve charge_card") }
    expect(page).to have_css("[role=status]", text: "it is resolved manually.")
    expect(step.status).to eq("resolved_manually")
  end

  it "shows long names whole in the tooltip, and cut in the table" do
    name = "a_step_with_a_name_that_is_as_long_as_names_may_be_" * 2
    long = DashboardWorld.task("process_order", "in_progress", 20, { name => [[], []] })
    go_to("/tasks/#{long.id}")
    cell = find("tbody th .name")
    expect(cell["title"]).to eq(name)
    expect(cell.evaluate_script("this.scrollWidth > this.clientWidth")).to be(true)
  end

  # Written where they are asked for: `bin/test --browser --pictures`.
  describe "docs/dashboard.md", if: ENV.key?("DASHBOARD_PICTURES") do
    { "overview" => "light", "task" => "light", "task-dark" => "dark", "steps" => "light", "performance" => "dark" }.each do |name, scheme|
      it "shows #{name}" do
        prefer(scheme)
        go_to(paths.fetch(name.delete_suffix("-dark")))
        file = File.expand_path("../../docs/pictures/dashboard-#{name}.png", __dir__)
        page.driver.save_screenshot(file)
        expect(File.size(file)).to be > 10_000
      end
    end
  end
end

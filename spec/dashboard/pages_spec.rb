# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe TaskerCore::Dashboard, :transactional, type: :request do
  include MountedDashboard

  # @param within [String] a selector of tables
  # @return [Array<Array<String>>] their cells, row by row
  def rows(page, within = "main") = page.css("#{within} tbody tr").map { |row| row.css("th, td").map { |cell| cell.text.squish } }

  def steps_of(page) = rows(page, "#steps-heading ~ .scroll")

  def ids(page) = page.css("main tbody th a").map { |link| link.text.delete_prefix("#").to_i }

  describe "the list of tasks" do
    it "lists the newest first, in pages that neither repeat nor omit a task" do
      tasks = Array.new(120) { |index| make_task("in_progress", created_at: Time.zone.at(1_000_000 + (index / 7))) }
      found = []
      page = visit_page("/tasks")
      loop do
        found.concat(ids(page))
        older = page.at_css("a[rel=next]") or break
        get(older["href"])
        page = Nokogiri::HTML5(response.body)
      end
      expect(found).to eq(tasks.map(&:id).reverse)
    end

    it "filters by each state, whether or not a task is flagged as complete" do
      made = WorkflowRows::STATES.to_h { |state| [state, make_task(*[("in_progress" unless state == "in_progress"), state].compact).id] }
      made["pending"] = [make_task.id, made["pending"]]
      done = make_task("in_progress", "complete", complete: true).id
      revoked = make_task("in_progress", "complete", "cancelled", complete: true).id
      found = WorkflowRows::STATES.to_h { |state| [state, ids(visit_page("/tasks", params: { state: }))] }
      expect(found).to eq("pending" => made["pending"].sort.reverse, "in_progress" => [made["in_progress"]], "complete" => [done],
                          "error" => [made["error"]], "cancelled" => [revoked, made["cancelled"]],
                          "resolved_manually" => [made["resolved_manually"]])
    end

    it "filters by namespace, name and time, and keeps the filter in the address of the next page" do
      DashboardWorld.fill(tasks: 3)
      old = DashboardWorld.task("refund", "pending", 7200, {}, namespace: "payments")
      expect(rows(visit_page("/tasks", params: { namespace: "payments", name: "REF" })).map do |row|
        row[2]
      end).to eq(["payments/refund 1.2.0"] * 2)
      before = { namespace: "payments", to: 1.hour.ago.strftime("%Y-%m-%dT%H:%M") }
      expect(ids(visit_page("/tasks", params: before))).to eq([old.id])
      expect(ids(visit_page("/tasks",
                            params: { namespace: "payments", from: 1.hour.ago.strftime("%Y-%m-%dT%H:%M") }))).not_to include(old.id)
      stub_const("TaskerCore::Dashboard::TaskList::PAGE", 1)
      list = TaskerCore::Dashboard::TaskList.new(TaskerCore::Dashboard::TaskFilter.read({ namespace: "payments", name: "refund" }),
                                                 limit: 1)
      expect(list.rows.size).to eq(1)
      expect(list.following.id).to eq(list.rows.first.id)
    end

    it "goes on from the last candidate where the budget ends before the page is full" do
      stub_const("TaskerCore::Dashboard::TaskList::BUDGET", 5)
      failed = make_task("in_progress", "error")
      7.times { make_task("in_progress") }
      page = visit_page("/tasks", params: { state: "error" })
      expect(ids(page)).to be_empty
      expect(page.at_css(".empty").text).to include("Nothing yet", "5 tasks")
      get(page.at_css("a[rel=next]")["href"])
      expect(ids(Nokogiri::HTML5(response.body))).to eq([failed.id])
    end

    it "finds tasks of a rare definition beyond the budget" do
      rare = DashboardWorld.task("rare", "error", 5000, {})
      stub_const("TaskerCore::Dashboard::TaskList::BUDGET", 5)
      7.times { make_task("in_progress") }
      expect(ids(visit_page("/tasks", params: { name: "rare", state: "error" }))).to eq([rare.id])
    end

    it "takes words that mean nothing for absent ones" do
      task = make_task("in_progress")
      odd = { state: "x'; drop table", after: "9-9-9", from: "2026-99-99", to: "yesterday" }
      expect(ids(visit_page("/tasks", params: odd))).to eq([task.id])
      expect(ids(visit_page("/tasks", params: { state: ["error"], name: { a: 1 }, after: ["x"] }))).to eq([task.id])
      expect(visit_page("/tasks", params: { name: "%' OR 1=1 --" }).at_css(".empty").text).to include("No task fits")
    end

    it "leads to a task by its number" do
      task = make_task("in_progress")
      get "/dashboard/tasks", params: { task_id: task.id }
      expect(response).to redirect_to("/dashboard/tasks/#{task.id}")
    end
  end

  describe "a task" do
    it "shows its graph, its timeline, its events, and why each step waits" do
      task = DashboardWorld.order
      page = visit_page("/tasks/#{task.id}")
      steps = steps_of(page).to_h { |row| [row[0], row[1..2].join(" | ").strip] }
      expect(steps).to match(
        "validate_order" => "complete |", "reserve_stock" => "complete |", "notify_warehouse" => "ready |",
        "print_label" => "in progress |",
        "charge_card" => "failed | no attempt left (3 of 3)Card was declined: insufficient funds",
        "update_loyalty" => /\Awill be retried \| waits for its next attempt/, "send_invoice" => "pending | waits for 1 of 1",
        "archive" => "pending | waits for 3 of 3"
      )
      expect(page.css("svg.tasker-graph").size).to eq(2)
      expect(page.css(".picture").first.css("[data-step-id]").map do |step|
        step["data-step-id"].to_i
      end).to match_array(task.workflow_steps.ids)
      expect(page.at_css("#context-heading ~ pre").text).to include('"order_id": 4711')
      expect(page.css("#events-heading ~ .scroll tbody tr").size).to eq(19)
    end

    it "names the conditions of steps as the picture does" do
      task = make_task("in_progress")
      cancelled = make_step(task, "a", "cancelled")
      make_step(task, "b", parents: [cancelled])
      make_step(task, "c", retryable: false)
      make_step(task, "d", processed: true)
      make_step(task, "e", in_process: true)
      make_step(task, "f", attempts: nil)
      make_step(task, "g", "in_progress", "error", attempts: 1, last_attempted_at: Time.current, parents: [cancelled])
      page = visit_page("/tasks/#{task.id}")
      drawn = page.css("svg.tasker-graph")[0].css("g.step > title").to_h { |title| title.text.split(": ", 2) }
      shown = steps_of(page).to_h { |row| [row[0], row[1..2].reject(&:empty?).join(", ")] }
      expect(shown).to eq(drawn)
    end

    it "has pages of steps, and the pictures of a large task on a page of their own" do
      task = make_layered_task(layers: 50, width: 7)
      page = visit_page("/tasks/#{task.id}")
      expect(page.css("svg.tasker-graph")).to be_empty
      expect(steps_of(page).size).to eq(200)
      get(page.at_css("nav[aria-label='Pages of steps'] a[rel=next]")["href"])
      expect(steps_of(Nokogiri::HTML5(response.body)).size).to eq(150)
      expect(visit_page("/tasks/#{task.id}/graph").css("svg.tasker-graph")[0].css("g.step").size).to eq(350)
    end

    it "is not found, in one sentence" do
      %w[/tasks/0 /tasks/x /tasks/99999999999999999999999 /tasks/-1 /tasks/0/graph /tasks/1/steps/0].each do |path|
        page = visit_page(path)
        expect([response.status, page.at_css("h1").text]).to eq([404, "Not found"])
      end
      other = make_task
      step = make_step(make_task, "a")
      visit_page("/tasks/#{other.id}/steps/#{step.id}")
      expect(response).to have_http_status(:not_found)
    end
  end

  it "shows a step with its neighbours, error, results and attempts" do
    task = DashboardWorld.order
    step = Tasker::WorkflowStep.where(task_id: task.id).includes(:named_step).find { |one| one.name == "charge_card" }
    page = visit_page("/tasks/#{task.id}/steps/#{step.id}")
    expect(page.css(".facts .wide").to_h { |fact| [fact.at_css("dt").text, fact.at_css("dd").text] })
      .to eq("Waits for" => "validate_order", "Is waited for by" => "send_invoice")
    expect(page.at_css("section:has(#error-heading)").text).to include("Payments::Declined", "Card was declined", "gateway.rb:41")
    expect(rows(page).map { |row| row[1] }).to eq(["in progress", "failed", "pending"].cycle.first(8))
    expect(page.at_css(".lead").text).to eq("No attempt left (3 of 3).")
    get "/dashboard/tasks/#{task.id}/steps/#{step.id}/results"
    expect([response.parsed_body, response.headers["Content-Disposition"]]).to match([step.results, /\Aattachment/])
  end

  describe "the steps of unfinished tasks" do
    def listed(tab) = rows(visit_page("/steps", params: { tab: })).map { |row| row[0] }

    it "sorts them by what they wait for" do
      DashboardWorld.order
      expect(%w[ready running waiting retrying blocked].to_h { |tab| [tab, listed(tab).sort] }).to eq(
        "ready" => %w[notify_warehouse], "running" => %w[print_label], "waiting" => %w[archive send_invoice],
        "retrying" => %w[update_loyalty], "blocked" => %w[charge_card]
      )
    end

    it "lists what is in progress for too long, and tasks that could go on and that no worker runs" do
      long = TaskerCore.configuration.dashboard.stuck_after + 60
      DashboardWorld.task("export", "in_progress", long, { "slow" => [[], [["in_progress", long]]] })
      forgotten = DashboardWorld.task("export", "pending", long, { "idle" => [[], []] })
      DashboardWorld.task("export", "pending", 10, { "fresh" => [[], []] })
      DashboardWorld.task("export", "in_progress", long, { "quick" => [[], [["in_progress", 5]]] })
      page = visit_page("/steps", params: { tab: "stuck" })
      expect(rows(page).map do |row|
        [row[0], row[2]]
      end).to contain_exactly(["slow", "in progress for longer than expected"], ["the task", "no worker runs it"])
      expect(page.to_html).to include("/dashboard/tasks/#{forgotten.id}")
    end

    it "continues beyond unfinished tasks that no worker runs" do
      stub_const("TaskerCore::Dashboard::OpenWork::CANDIDATES", 3)
      make_step(make_task("in_progress"), "a")
      3.times { make_task("cancelled") }
      page = visit_page("/steps")
      expect(rows(page)).to be_empty
      get(page.at_css("a[rel=next]")["href"])
      expect(rows(Nokogiri::HTML5(response.body)).map(&:first)).to eq(["a"])
    end

    it "reads as many tasks as its budget allows, and goes on with the older ones" do
      stub_const("TaskerCore::Dashboard::OpenWork::STEPS", 3)
      tasks = Array.new(4) { make_task("in_progress").tap { |task| 2.times { |index| make_step(task, "abc"[index]) } } }
      page = visit_page("/steps")
      expect(rows(page).map(&:last).uniq).to eq(["##{tasks[3].id}"])
      get(page.at_css("a[rel=next]")["href"])
      expect(rows(Nokogiri::HTML5(response.body)).map(&:last).uniq).to eq(["##{tasks[2].id}"])
    end
  end

  it "counts tasks by state, and lists those that have failed, on the first page" do
    DashboardWorld.order
    DashboardWorld.fill(tasks: 6)
    page = visit_page
    tiles = page.css(".tile").to_h { |tile| [tile.at_css("dt").text.squish, tile.at_css("dd").text.squish] }
    expect(tiles).to include("Pending" => "0", "In progress" => "2", "Failed" => "1", "Stuck" => "1", "All tasks" => "9")
    expect(rows(page).map { |row| row[2] }).to eq(["payments/payout 1.2.0"])
  end

  describe "performance" do
    it "adds up attempts by kind, and lists the longest ones" do
      DashboardWorld.order
      page = visit_page("/performance")
      kinds = rows(page).select { |row| row.size == 8 }.to_h { |row| [row[0], row[2..6]] }
      expect(kinds).to include("reserve_stock" => ["2", "50.0%", "8.5 s", "9.0 s", "9.0 s"],
                               "validate_order" => ["1", "0.0%", "600 ms", "600 ms", "600 ms"])
      longest = rows(page).find { |row| row.size == 6 }
      expect(longest.values_at(0, 2)).to eq(%w[update_loyalty failed])
    end

    it "counts steps by minute, in the window that is asked for" do
      at = Time.utc(2026, 5, 4, 12, 30, 30)
      task = make_task("in_progress")
      step = make_step(task, "a")
      make_history(step, "in_progress", "complete", created_at: at - 61)
      make_history(make_step(task, "b"), "in_progress", "error", created_at: at - 5_000)
      hour, day = %w[hour day].map { |window| TaskerCore::Dashboard::Throughput.new(window, now: at) }
      expect(hour.bars.map(&:complete)).to eq(([0] * 58) + [1, 0])
      expect([hour.bars.sum(&:error), day.bars.sum(&:error), day.bars.size]).to eq([0, 1, 48])
      expect(hour.complete_since).to be_nil
      stub_const("TaskerCore::Dashboard::Throughput::SAMPLE", 2)
      expect(TaskerCore::Dashboard::Throughput.new("day", now: at).complete_since).to eq(at - 5_000)
    end
  end

  it "shows who has claimed what, and whether it lives" do
    key = 4_711_000_000_000_001
    dead = key + 1
    task = make_task
    make_history(task, "in_progress", metadata: { tasker_core: { worker: key.to_s } })
    make_history(make_step(task, "a"), "in_progress", metadata: { tasker_core: { worker: key.to_s } })
    make_history(make_step(task, "b"), "in_progress", metadata: { tasker_core: { worker: dead.to_s } })
    make_step(task, "c", "in_progress")
    Tasker::ApplicationRecord.connection.select_value("select pg_advisory_lock(#{key})::text")
    shown = rows(visit_page("/workers")).to_h { |row| [row[0], row[1..3]] }
    expect(shown).to eq(key.to_s => %w[yes 1 1], dead.to_s => ["no lock", "0", "1"], "without a key" => %w[unknown 0 1])
  ensure
    Tasker::ApplicationRecord.connection.select_value("select pg_advisory_unlock_all()::text")
  end

  describe "native" do
    handler = Class.new do
      include Tasker::TaskHandler

      def self.name = "OrdinaryHandler"
    end
    own = Class.new(handler) do
      def self.name = "OwnCoordinatorHandler"

      def workflow_coordinator_strategy
        Class.new(Tasker::Orchestration::WorkflowCoordinator) { def execute_workflow(...) = super.itself }
      end
    end

    before do
      allow(Tasker::HandlerFactory.instance).to receive(:list_handlers)
        .and_return("shop" => { "ordinary" => { "1.0.0" => handler }, "own" => { "1.0.0" => own },
                                "gone" => { "1.0.0" => "NoSuchHandler" } })
    end

    def workflows = rows(visit_page("/native")).first(3).to_h { |row| [row[0][%r{shop/(\w+)}, 1], row[2..3]] }

    it "says which workflows the core runs, and why others not" do
      overridden = /#execute_workflow overrides the engine's method \(.*pages_spec.rb:\d+\)\z/
      expect(workflows).to match("ordinary" => ["yes", ""], "own" => ["no", overridden], "gone" => ["no", /NoSuchHandler/])
      TaskerCore.without { expect(workflows["ordinary"]).to eq(["no", "the gem is off in this process"]) }
    end

    it "shows what the doctor finds, if it is asked" do
      expect(visit_page("/native").css(".finding")).to be_empty
      findings = visit_page("/native", params: { doctor: 1 }).css(".finding")
      expect(findings.map { |row| row.at_css("th").text }.uniq).to eq(TaskerCore::Doctor::CHECKS.map { |check| check.new.title })
    end
  end

  it "has empty states on every page" do
    %w[/tasks /steps /steps?tab=stuck /performance /workers].each do |path|
      expect(visit_page(path).css(".empty").size).to be >= 1
      expect(response).to have_http_status(:ok)
    end
  end
end

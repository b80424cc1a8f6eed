# frozen_string_literal: true

require "digest"

# Tasks as an application has them, in every condition that the dashboard shows.
module DashboardWorld
  DECLINED = { error: "Card was declined: insufficient funds", error_class: "Payments::Declined",
               backtrace: ["app/payments/gateway.rb:41:in `charge'", "app/steps/charge_card.rb:12:in `process'"] }.freeze
  # By name: the steps that it depends on, its history as states with the seconds since, and its columns.
  ORDER = {
    "validate_order" => [[], [["in_progress", 300], ["complete", 299.4]]],
    "reserve_stock" => [%w[validate_order],
                        [["in_progress", 299], ["error", 290], ["pending", 280], ["in_progress", 280], ["complete", 272]], { attempts: 2 }],
    "charge_card" => [%w[validate_order],
                      [["in_progress", 299], ["error", 296], ["pending", 290], ["in_progress", 290], ["error", 287], ["pending", 270],
                       ["in_progress", 270], ["error", 266]],
                      { attempts: 3, results: DECLINED }],
    "print_label" => [%w[reserve_stock], [["in_progress", 20]], { attempts: 1 }],
    "notify_warehouse" => [%w[reserve_stock], []],
    "update_loyalty" => [%w[validate_order], [["in_progress", 298], ["error", 1]], { attempts: 1, last_attempted_at: 1 }],
    "send_invoice" => [%w[charge_card], []],
    "archive" => [%w[send_invoice print_label notify_warehouse], []]
  }.freeze

  # Namespace, name and steps of complete tasks.
  DONE = [["shop", "process_order", 3], ["etl", "nightly_export", 4], ["payments", "refund", 2]].freeze
  STAGES = %w[load transform check store].freeze
  TASK = { context: { "order_id" => 4711, "customer" => { "id" => 12, "country" => "PT" } }, initiator: "checkout",
           source_system: "storefront", reason: "order placed" }.freeze
  UNTRIED = { attempts: 0, results: {}, retry_limit: 3 }.freeze
  STEP = { "complete" => { attempts: 1, processed: true, results: { "ok" => true }, retry_limit: 3 },
           "in_progress" => { attempts: 1, in_process: true, results: {}, retry_limit: 3 },
           "error" => { attempts: 1, results: {}, retry_limit: 3 } }.freeze

  module_function

  # @return [Tasker::Task] a task of {ORDER} in progress
  def order = task("process_order", "in_progress", 300, ORDER, namespace: "shop")

  # Some dozens of tasks, of which one has failed and one is stuck.
  def fill(tasks: 40)
    tasks.times { |index| complete(index, *DONE[index % DONE.size]) }
    failed = { "call_bank" => [[], [["in_progress", 900], ["error", 880]], { attempts: 3, results: { error: "Timeout after 20 s" } }] }
    task("payout", "error", 900, failed, namespace: "payments")
    stuck = { "import_rows" => [[], [["in_progress", 4000]], { attempts: 1 }] }
    task("nightly_export", "in_progress", 4000, stuck, namespace: "etl")
  end

  def complete(index, namespace, name, steps)
    age = 30 + (index * 77)
    took = 0.3 + (index % 7)
    history = Array.new(steps) { |step| [["in_progress", age - step], ["complete", age - step - took]] }
    task(name, "complete", age, STAGES.first(steps).zip(history).to_h { |stage, states| ["#{name}_#{stage}", [[], states]] }, namespace:)
  end

  # @param age [Numeric] seconds since it was created
  # @param steps [Hash{String => Array}] like {ORDER}
  # @return [Tasker::Task]
  def task(name, state, age, steps, **columns)
    namespace = columns.delete(:namespace) || "shop"
    row = insert(Tasker::Task, age, named_task_id: definition(namespace, name), identity_hash: SecureRandom.uuid, requested_at: ago(age),
                                    complete: state == "complete", **TASK, **columns)
    states = { "pending" => [], "in_progress" => [["in_progress", age]] }.fetch(state) { [["in_progress", age], [state, age - 5]] }
    history(Tasker::TaskTransition, :task_id, row.id, states)
    steps.each_with_object({}) { |(step, given), ids| ids[step] = make_step(row, step, ids, given) }
    row
  end

  # @param ids [Hash{String => Integer}] the steps that were made before, by name
  # @return [Integer] its id
  def make_step(task, name, ids, given)
    parents, states, columns = given
    age = Time.current - task.created_at
    state = states.last&.first
    columns ||= {}
    columns = columns.merge(last_attempted_at: ago(columns[:last_attempted_at])) if columns[:last_attempted_at]
    row = insert(Tasker::WorkflowStep, age, task_id: task.id, named_step_id: WorkflowRows.named_step_id(name), **STEP.fetch(state, UNTRIED),
                                            inputs: { "from" => name }, **columns)
    history(Tasker::WorkflowStepTransition, :workflow_step_id, row.id, states)
    parents.each { |parent| insert(Tasker::WorkflowStepEdge, age, from_step_id: ids.fetch(parent), to_step_id: row.id, name: "provides") }
    row.id
  end

  def history(model, key, id, states)
    rows = states.each_with_index.map do |(state, age), index|
      { key => id, to_state: state, sort_key: (index + 1) * 10, most_recent: index == states.size - 1, metadata: {}, created_at: ago(age),
        updated_at: ago(age) }
    end
    model.insert_all!(rows) if rows.any?
  end

  def definition(namespace, name)
    space = Tasker::TaskNamespace.find_or_create_by!(name: namespace)
    Tasker::NamedTask.find_or_create_by!(name:, version: "1.2.0", task_namespace: space).named_task_id
  end

  def insert(model, age, **columns)
    row = model.insert!({ created_at: ago(age), updated_at: ago(age), **columns }, returning: Arel.sql("*"))
    model.instantiate(row.first)
  end

  def ago(seconds) = Time.current - seconds
end

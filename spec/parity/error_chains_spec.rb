# frozen_string_literal: true

require_relative "../rails_helper"

# Where no two failed steps weigh the same, the engine's order of them is certain, and so is what it makes of the first ones.
RSpec.describe Tasker::Analysis::RuntimeGraphAnalyzer, "of a task without ties", :transactional do
  # Failed steps before chains of different lengths.
  def make_uneven_task
    task = make_task("in_progress")
    { "few" => [1, 3], "more" => [3, 1], "most" => [6, 2] }.each do |name, (length, attempts)|
      failed = make_step(task, name, "in_progress", "error", attempts:, retry_limit: 3, last_attempted_at: Time.utc(2026))
      (1..length).inject([failed]) { |above, number| [make_step(task, "#{name}_#{number}", parents: above)] }
    end
    task
  end

  it "names the same most critical error and the same order of recovery" do
    task = make_uneven_task
    told = nil
    expect do
      Rails.cache.clear
      told = described_class.new(task: Tasker::Task.find(task.id)).analyze[:error_chains]
      told.slice(:most_critical_error, :recovery_priority, :total_error_steps, :total_blocked_by_errors)
    end.to answer_alike.by("RuntimeGraphAnalyzer#find_downstream_steps")
    expect(told[:error_chains].pluck(:total_impact).uniq.size).to eq(3)
    expect(told[:most_critical_error][:error_step_name]).to eq("most")
    expect(told[:recovery_priority].pluck(:step_name)).to eq(%w[most more few])
  end
end

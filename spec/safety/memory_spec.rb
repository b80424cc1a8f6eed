# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe "Memory" do
  program = File.expand_path("programs/transitions.rb", __dir__)

  # One object more for each transition would be four times as many; 100 bytes of Rust's, half as much again. Without a leak there are up to
  # 10,000 objects and 2 MB between one look and the next.
  objects = 25_000
  bytes = 6 * 1024 * 1024

  it "stays what it is over 100,000 transitions" do
    step = make_step(make_task("in_progress"), "a")
    env = { "DEFINITIONS" => "#{step.task_id},#{step.id}", "PGOPTIONS" => ENV.fetch("PGOPTIONS") }
    found = run_in_dummy(program, env:).answer.deep_symbolize_keys
    before, after = found.values_at(:before, :after)
    expect(found).to include(moved: a_value >= 100_000, rust: found[:moved], engine: 0)
    expect(after[:objects] - before[:objects]).to be < objects
    expect(after[:bytes] - before[:bytes]).to be < bytes
  end
end

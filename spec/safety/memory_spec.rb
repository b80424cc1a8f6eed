# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe "Memory" do
  program = File.expand_path("programs/transitions.rb", __dir__)

  # One object more for each transition would be twice as many or more; 100 bytes of Rust's, more than is allowed, too. Without a leak there
  # are up to 10,000 objects and 2 MB between one look and the next.
  #
  # Whoever hears of a step's move loads the step, so that these take long: there are fewer of them.
  {
    "100,000 transitions, most of them of tasks" => { moves: 100_000, steps: 4, objects: 25_000, bytes: 6 * 1024 * 1024 },
    "50,000 transitions of steps" => { moves: 50_000, steps: 100, objects: 25_000, bytes: 4 * 1024 * 1024 }
  }.each do |what, run|
    it "stays what it is over #{what}" do
      step = make_step(make_task("in_progress"), "a")
      env = { "DEFINITIONS" => "#{step.task_id},#{step.id}", "PGOPTIONS" => ENV.fetch("PGOPTIONS"),
              "MOVES" => run[:moves].to_s, "STEPS" => run[:steps].to_s }
      found = run_in_dummy(program, env:).answer.deep_symbolize_keys
      before, after = found.values_at(:before, :after)
      expect(found).to include(moved: a_value >= run[:moves], rust: found[:moved], engine: 0)
      expect(after[:objects] - before[:objects]).to be < run[:objects]
      expect(after[:bytes] - before[:bytes]).to be < run[:bytes]
    end
  end
end

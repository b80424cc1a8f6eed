# frozen_string_literal: true

require_relative "../rails_helper"
require_relative "../support/rust_tasks"

# A program in Rust (examples/create_tasks.rs) is given the task files and requests that Rails is given.
RSpec.describe "Tasks that a program in Rust creates" do
  before(:context) { RustTasks.build }

  after { RustTasks.remove_rows_after(@rows_before) }

  before { @rows_before = RustTasks.last_ids }

  def in_rails(files) = files.map(&:create_in_rails)

  it "have the rows of the same tasks in Rails, for fifty random templates and requests" do
    random = Random.new(RSpec.configuration.seed)
    files = Array.new(50) { |index| RustTasks::TaskFile.new(random, index) }
    identities = TaskerCore.without { in_rails(files) }
    rails = RustTasks.rows_after(@rows_before)
    RustTasks.remove_rows_after(@rows_before)

    answers = RustTasks.run(files)
    expect(answers.pluck("error").compact).to eq([])
    expect(answers.pluck("identity")).to eq(identities)
    expect(RustTasks.rows_after(@rows_before)).to eq(rails)
    expect(rails.fetch("tasker_tasks").size).to eq(50)
    expect(rails.fetch("tasker_workflow_step_edges").size).to be > 50
  end

  it "have the identity hash of Rails, whatever numbers and texts the context holds" do
    random = Random.new(RSpec.configuration.seed)
    contexts = ['{"a":[1e23,-0,-0.0,1E5,1.0e+2,5e-324,1e400,0.1e1,1e15,1e14,123456789.125,1e-7,12e-8]}',
                '{"i":[123456789012345678901234567890,-9223372036854775809,18446744073709551616]}',
                '{"b":1,"a":{"z":null,"y":[true,false,{}]},"b":[2],"":""}',
                '{"s":"</script>&\u2028\u2029\u0001\u001f\u007f\"\\\/\ud83d\ude00é\t\b\f\n\r\u00df"}',
                JSON.generate({ "floats" => RustTasks.random_floats(random, 20_000) }),
                JSON.generate({ "nested" => (1..90).reduce([]) { |inner, _| [inner] } })]
    files = contexts.each_with_index.map { |context, index| RustTasks::TaskFile.new(random, index, context:) }
    identities = TaskerCore.without { in_rails(files) }
    rails = RustTasks.rows_after(@rows_before)
    RustTasks.remove_rows_after(@rows_before)

    expect(RustTasks.run(files).pluck("identity")).to eq(identities)
    expect(RustTasks.rows_after(@rows_before)).to eq(rails)
  end

  it "are refused where Rails refuses them" do
    random = Random.new(RSpec.configuration.seed)
    blank = RustTasks::TaskFile.new(random, 0, context: "{}")
    twice = RustTasks::TaskFile.new(random, 1)
    messages = TaskerCore.without do
      [blank, twice, twice].map do |file|
        file.create_in_rails && nil
      rescue ActiveRecord::RecordInvalid => e
        e.message
      end
    end
    RustTasks.remove_rows_after(@rows_before)
    errors = RustTasks.run([blank, twice, twice]).pluck("error")
    expect(errors.map { |error| error&.sub("Task is invalid", "Validation failed") }).to eq(messages)
    expect(errors.compact.size).to eq(2)
  end
end

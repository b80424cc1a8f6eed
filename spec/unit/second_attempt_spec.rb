# frozen_string_literal: true

require_relative "../rails_helper"
require_relative "../../rakelib/second_attempt"

RSpec.describe SecondAttempt do
  # What the JSON formatter writes, as far as it is read.
  def report(failed: 0, passed: 2, outside: 0, file: "a")
    examples = Array.new(failed) do |number|
      { "id" => "./spec/#{file}_spec.rb[1:#{number}]", "status" => "failed", "full_description" => "#{file} #{number}",
        "exception" => { "class" => "X", "message" => "expected 1\ngot 2" } }
    end
    { "examples" => [*examples, *Array.new(passed) { { "id" => "./spec/p_spec.rb[1]", "status" => "passed" } }],
      "summary" => { "errors_outside_of_examples_count" => outside } }
  end

  def attempt(*reports) = described_class.new(reports, 2)

  it "runs the failures of all processes again and prints the message of the first failure where they pass" do
    run = []
    text = attempt(report(failed: 1), report(failed: 1, file: "b")).make { |failure| run << failure.id }
    expect(run).to eq(%w[./spec/a_spec.rb[1:0] ./spec/b_spec.rb[1:0]])
    expect(text).to eq(<<~TEXT)
      !!! failed once, passed alone: ./spec/a_spec.rb[1:0] a 0
            expected 1
            got 2
      !!! failed once, passed alone: ./spec/b_spec.rb[1:0] b 0
            expected 1
            got 2
    TEXT
  end

  it "fails where one of them fails again, and runs the others all the same" do
    run = []
    again = ->(failure) { (run << failure.id).size > 1 }
    expect { attempt(report(failed: 3), report).make(&again) }.to raise_error("Failed twice: ./spec/a_spec.rb[1:0].")
    expect(run.size).to eq(3)
  end

  {
    "more than five have failed" => [[{ failed: 3 }, { failed: 3 }], "6 examples have failed, more than 5"],
    "a process has written no report" => [[{ failed: 1 }], "expected 2 reports of RSpec, got 1"],
    "a file could not be loaded" => [[{ failed: 1, outside: 1 }, {}], "1 errors outside of examples"],
    "RSpec failed without a failed example" => [[{}, {}], "no example has failed"]
  }.each do |words, (reports, reason)|
    it "runs nothing again where #{words}" do
      made = attempt(*reports.map { |given| report(**given) })
      expect { made.make { raise "nothing is run" } }.to raise_error("No second attempt: #{reason}.")
    end
  end

  it "runs five again" do
    expect(attempt(report(failed: 5), report).make { true }.scan("failed once").size).to eq(5)
  end

  it "reads what RSpec writes, and counts a report that was cut off as none" do
    Dir.mktmpdir do |folder|
      spec = File.join(folder, "x_spec.rb")
      files = %w[1 2].map { |name| File.join(folder, "#{name}.json") }
      File.write(spec, 'RSpec.describe("x") { it("y") { expect(1).to eq(2) } }')
      Open3.capture3("bundle", "exec", "rspec", "--options", File::NULL, "--format", "json", "--out", files.first, spec)
      File.write(files.last, File.read(files.first)[0, 40])
      expect(described_class.read(files, 2).refusal).to eq("expected 2 reports of RSpec, got 1")
      expect(described_class.read(files.first(1), 1).failures).to match([have_attributes(description: "x y", message: /expected: 2/)])
    end
  end

  it "is wanted where the environment says so, and only there" do
    environments = [{}, { "TASKER_CORE_SECOND_ATTEMPT" => "on" }, { "TASKER_CORE_SECOND_ATTEMPT" => "off" }]
    expect(environments.map { |environment| described_class.wanted?(environment) }).to eq([false, true, false])
    expect(File.read(File.join(ChildProcess::ROOT, ".ci/run")))
      .to include("export #{described_class::VARIABLE}=on", "export NEXTEST_PROFILE=ci")
  end
end

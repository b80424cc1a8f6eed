# frozen_string_literal: true

require_relative "../spec_helper"
require_relative "../../bench/demo/verdict"

RSpec.describe "The demo's verdict" do
  ending = "StepExecutor#complete_step_execution"
  result = Struct.new(:shape, :differences, :off, :on, :answers_subscribed) do
    def fewer_statements? = true
    def answers(mode) = { "recorded" => mode == "off" ? off : on }
  end

  define_method(:problems) do |off: {}, on: {}, subscribed: {}|
    by = ->(counts, defaults) { { **defaults, **counts }.transform_values { |rust, engine| { "rust" => rust, "engine" => engine } } }
    overrides = { "Task.ask" => [1, 0], ending => [1, 0] }
    one = result.new(Struct.new(:name).new("linear"), [], by.call(off, "Task.ask" => [0, 1], ending => [0, 1]), by.call(on, overrides),
                     by.call(subscribed, "Task.ask" => [1, 0], ending => [0, 1]))
    Demo::Verdict.new([one], {}).problems
  end

  it "passes when Rust computes everything while on, and the engine while off" do
    expect(problems).to be_empty
  end

  it "names methods that the engine computed while on" do
    expect(problems(on: { "Task.ask" => [1, 2] })).to contain_exactly(
      "linear: recorded, on: Task.ask: expected rust to answer, got 2 answers by engine"
    )
  end

  it "names methods that Rust computed while off" do
    expect(problems(off: { "Task.ask" => [1, 1] })).to contain_exactly(start_with("linear: recorded, off: Task.ask: expected engine"))
  end

  it "names methods without a call while on" do
    expect(problems(on: { ending => [0, 0] })).to contain_exactly("#{ending}: expected Rust to answer while on, got no answer")
  end

  it "lets only the ends of steps and tasks be handed over with a subscriber" do
    expect(problems(subscribed: { ending => [0, 3] })).to be_empty
    expect(problems(subscribed: { "Task.ask" => [1, 2] })).to contain_exactly(start_with("on, with a subscriber: Task.ask: expected rust"))
    expect(problems(subscribed: { "Task.ask" => [0, 0] })).to contain_exactly(end_with("while on with a subscriber, got no answer"))
  end
end

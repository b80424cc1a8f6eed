# frozen_string_literal: true

require_relative "../rails_helper"
require_relative "../support/hosted_conversations"

# Ruby as one of the hosts of the registry (`src/hosted`): the conversations that all of them replay.
RSpec.describe HostedConversations do
  conversation = TaskerCore::Native::Conversation

  def plain(answer) = JSON.parse(JSON.generate(answer), max_nesting: false)

  # What an answer by name is in order.
  def in_order(answer)
    case answer
    when Hash then answer.values.map { |value| in_order(value) }
    when Array then answer.map { |value| in_order(value) }
    else answer
    end
  end

  described_class.all.each_with_index do |recorded, number|
    it "asks what was recorded and answers it: #{recorded["operation"]}, #{number}" do
      asked, answer = described_class.replay(recorded, recorded["arguments"])
      expect(asked).to eq(recorded["statements"])
      expect(plain(answer)).to eq(recorded["answer"])
    end
  end

  it "takes names as symbols as well" do
    recorded = described_class.all.find { |one| one["operation"] == "viable_steps" }
    expect(plain(described_class.replay(recorded, recorded["arguments"].transform_keys(&:to_sym)).last)).to eq(recorded["answer"])
  end

  it "answers in order what is asked in order" do
    recorded = described_class.all.find { |one| one["operation"] == "step_readiness" && one["arguments"].size == 2 }
    _, named = described_class.replay(recorded, recorded["arguments"])
    _, positional = described_class.replay(recorded, recorded["arguments"].values_at("task", "steps"))
    expect(named).to all(be_a(Hash))
    expect(positional).to eq(in_order(named))
  end

  it "has a function for each of them" do
    operations = JSON.parse(File.read(File.expand_path("../../tests/hosted/operations.json", __dir__)))["operations"]
    expect(conversation.singleton_methods(false)).to include(*operations.map { |operation| operation["name"].to_sym })
  end

  {
    ["ready_steps", {}] => [ArgumentError, "ready_steps: missing field `tasks`"],
    ["ready_steps", { task: 7 }] => [ArgumentError, "ready_steps: argument `task`: unknown field `task`, expected `tasks`"],
    ["ready_steps", { tasks: [1, "2"] }] => [TypeError, 'ready_steps: argument `tasks[1]`: expected i64, got string "2"'],
    ["ready_steps", { tasks: [1, Time.at(0)] }] => [TypeError, "ready_steps: argument `tasks[1]`: expected i64, got Time"],
    ["step_readiness", { task: 7.0 }] => [TypeError, "step_readiness: argument `task`: expected i64, got floating point `7.0`"],
    ["step_readiness", { task: 2**63 }] => [RangeError, "step_readiness: argument `task`: expected i64, got 9223372036854775808"],
    ["slowest_steps", { choice: [nil, -1] }] => [RangeError, "slowest_steps: argument `choice.limit`: expected u32, got integer `-1`"],
    ["current_state", { owner: "job", id: 1 }] =>
      [TaskerCore::ConversationError, 'current_state: argument `owner`: expected "task" or "step", got "job"'],
    ["ready_steps", [[1], 2]] => [ArgumentError, "ready_steps: expected at most 1 arguments (tasks), got 2"],
    %w[ready_steps tasks] => [TypeError, "ready_steps: expected arguments as an Array or a Hash, got String"],
    ["steps", {}] => [ArgumentError, /unknown operation `steps`/]
  }.each do |(operation, arguments), (error, message)|
    it "refuses #{operation} with #{arguments}" do
      expect { conversation.start("a spec", operation, arguments, nil) }.to raise_error(error, message)
    end
  end
end

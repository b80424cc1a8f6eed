# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe TaskerCore::Native, "while garbage is collected at each allocation and objects are moved" do
  program = File.expand_path("programs/stressed_calls.rb", __dir__)

  let(:task) { make_three_step_task }

  # What the program wants to know.
  let(:material) do
    conversations = NativeCalls.conversations(task).map { |call| [call, NativeCalls.turns(*call)] }
    { library: $LOADED_FEATURES.grep(/tasker_core_rb/).first, functions: NativeCalls.plain, conversations:,
      graph: conversations.find { |call, _| call.first == "task_graph" }, graph_methods: NativeCalls.of_graph(task.workflow_steps.ids) }
  end

  it "gives the same answers" do
    output, status = Open3.capture2(RbConfig.ruby, program, stdin_data: Marshal.dump(material), binmode: true)
    expect(status).to be_success, "the process has crashed: #{status}"
    found = JSON.parse(output, symbolize_names: true)
    expect(found).to include(different: [], calls: material[:conversations].size + NativeCalls.plain.size + 8)
    expect(found[:collections]).to be > 5 * found[:calls] # or nothing was stressed
  end
end

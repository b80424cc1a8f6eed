# frozen_string_literal: true

require "json"

# The conversations that every host replays: operations of the registry with their arguments, the rows that a database has given, and the
# answers. `rake hosted:record` records them.
module HostedConversations
  FILE = File.expand_path("../../tests/hosted/conversations.json", __dir__)

  module_function

  # @return [Array<Hash{String => Object}>]
  def all
    @all ||= JSON.parse(File.read(FILE))
  end

  # Answers a conversation from the recorded rows.
  #
  # @param recorded [Hash{String => Object}]
  # @param arguments [Hash, Array] the recorded ones, by name or in order
  # @return [Array] the statements that it asked for, as they are recorded, and its answer
  def replay(recorded, arguments)
    conversation = TaskerCore::Native::Conversation.start("a spec", recorded["operation"], arguments, recorded["now"])
    asked = []
    rows = nil
    while (name, _, binds, writes = conversation.resume(rows))
      statement = recorded["statements"].fetch(asked.size)
      asked << { "name" => name, "binds" => binds.map { |bind| bind&.to_s }, "writes" => writes, "rows" => statement["rows"] }
      rows = statement["rows"]
    end
    [asked, conversation.answer]
  end
end

# frozen_string_literal: true

# Makes every call of a list twice, the second time with a collection of garbage at each allocation and everything movable moved, and
# prints as JSON the calls whose answers differ. No Rails: what is alive in an application would make each collection take a second.
#
# Reads from standard input, as Marshal writes it, `{ library:, functions:, conversations:, graphs: }`: names and arguments, for
# conversations with their turns.

require "json"
require_relative "../../../lib/tasker_core/errors"

given = Marshal.load($stdin.binmode.read) # rubocop:disable Security/MarshalLoad -- of the spec that has begun this process
require given[:library]

Native = TaskerCore::Native

# Has the garbage collector do its worst while the block runs.
def stressed
  GC.auto_compact = true
  GC.stress = true
  yield
ensure
  GC.stress = false
  GC.auto_compact = false
end

def talk((name, *arguments), turns)
  conversation = Native::Conversation.public_send(name, *arguments)
  questions = turns.map { |rows| conversation.resume(rows) }
  [questions, conversation.answer]
end

# @return [Array(Array, Object)] what the call is, and what has been answered to it
def calls(given)
  graph = talk(*given[:graph]).last
  [*given[:functions].map { |name, *arguments| [[name, *arguments], -> { Native.public_send(name, *arguments) }] },
   *given[:graph_methods].map { |name, *arguments| [[name, *arguments], -> { graph.public_send(name, *arguments) }] },
   *given[:conversations].map { |call, turns| [call, -> { talk(call, turns) }] }]
end

# Objects of the extension are told apart by what they are, since they have no other value.
def told(answer) = answer.inspect.gsub(/#<TaskerCore::Native::(\w+)[^>]*>/, '\1')

from = Process.clock_gettime(Process::CLOCK_MONOTONIC)
all = calls(given)
different = all.reject do |call, block|
  Native.reset_answered
  calm = told(block.call)
  Native.reset_answered
  calm == told(stressed(&block)) || warn(call.inspect)
end
GC.verify_compaction_references(toward: :empty, expand_heap: true)
again = all.reject { |_, block| block.call || true }
puts JSON.generate(calls: all.size, different: different.map(&:first), again: again.size, collections: GC.count,
                   seconds: Process.clock_gettime(Process::CLOCK_MONOTONIC) - from)
